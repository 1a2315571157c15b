from django.urls import path

from . import views, views_compare, views_self_tests

app_name = "runs"
urlpatterns = [
    path("<uuid:pk>/", views.run_page, name="run"),
    path("<uuid:pk>/progress/", views.run_progress, name="progress"),
    path("<uuid:pk>/compare/", views_compare.compare, name="compare"),
    path("<uuid:pk>/result/", views.run_result, name="result"),
    path("<uuid:pk>/cancel/", views.run_cancel, name="cancel"),
    path("<uuid:pk>/again/", views.run_again, name="again"),
    path("self-tests/<uuid:pk>/", views_self_tests.self_tests, name="self-tests"),
]
