from django.urls import path

from . import people_views as views

app_name = "people"
urlpatterns = [
    path("", views.people_list, name="list"),
    path("<uuid:pk>/", views.person_page, name="person"),
    path("<uuid:pk>/role/", views.role_give, name="role-give"),
    path("<uuid:pk>/close/", views.deactivate, name="deactivate"),
    path("<uuid:pk>/reopen/", views.reactivate, name="reactivate"),
    path("<uuid:pk>/sign-out/", views.sign_ins_end, name="sign-out"),
    path("<uuid:pk>/second-factor/remove/", views.factor_reset, name="factor-reset"),
]
