from django.urls import path

from . import views

app_name = "oversight"
urlpatterns = [
    path("", views.oversight, name="board"),
    path("history/", views.past, name="history"),
    path("export/<slug:what>.<slug:kind>", views.export, name="export"),
]
