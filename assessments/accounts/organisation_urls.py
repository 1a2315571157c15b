from django.urls import path

from . import organisation_views as views

app_name = "organisations"
urlpatterns = [
    path("", views.organisation_list, name="list"),
    path("new/", views.organisation_create, name="create"),
    path("invitations/", views.invitation_list, name="invitations"),
    path("invitations/<uuid:pk>/resend/", views.invitation_resend, name="invitation-resend"),
    path("invitations/<uuid:pk>/withdraw/", views.invitation_withdraw, name="invitation-withdraw"),
    path("<uuid:pk>/", views.organisation_page, name="organisation"),
    path("<uuid:pk>/edit/", views.organisation_edit, name="edit"),
    path("<uuid:pk>/invite/", views.invite, name="invite"),
    path("<uuid:pk>/members/<int:membership>/end/", views.membership_end, name="membership-end"),
]
