from django.urls import path

from . import interests, invitation_views, sign_in_views, views

app_name = "accounts"
urlpatterns = [
    path("", views.account, name="account"),
    path("tokens/", views.token_make, name="token-make"),
    path("tokens/<int:pk>/revoke/", views.token_revoke, name="token-revoke"),
    path("sign-ins/", sign_in_views.sign_in_list, name="sign-ins"),
    path("sign-ins/others/end/", sign_in_views.others_end, name="others-end"),
    path("sign-ins/<int:pk>/end/", sign_in_views.sign_in_end, name="sign-in-end"),
    path("interests/", interests.interest_list, name="interests"),
    path("interests/<int:pk>/end/", interests.interest_end, name="interest-end"),
    path("typed/discard/", sign_in_views.typed_discard, name="typed-discard"),
    path("invitation/<str:secret>/", invitation_views.invitation, name="invitation"),
    path("mail/", views.mail, name="mail"),
]
