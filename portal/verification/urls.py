from django.urls import path

from . import views

app_name = "verification"
urlpatterns = [
    path("", views.start, name="start"),
    path("number/<str:number>/", views.number, name="number"),
    path("<uuid:pk>/", views.result, name="result"),
]
