from django.urls import path

from . import views

app_name = "presentation"
urlpatterns = [path("design/", views.design, name="design")]
