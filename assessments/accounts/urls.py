from django.urls import path

from . import views

app_name = "accounts"
urlpatterns = [
    path("", views.account, name="account"),
    path("tokens/", views.token_make, name="token-make"),
    path("tokens/<int:pk>/revoke/", views.token_revoke, name="token-revoke"),
    path("mail/", views.mail, name="mail"),
]
