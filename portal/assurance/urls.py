from django.urls import path

from . import views
from .services import ACTIONS

app_name = "assurance"
urlpatterns = [
    path(f"<str:number>/{action}/", views.status_change, {"action": action}, name=action) for action in ACTIONS
]
