from django.urls import path

from . import views

app_name = "notifications"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("read/", views.read_all, name="read-all"),
    path("<int:pk>/read/", views.read, name="read"),
    path("preferences/", views.preferences, name="preferences"),
    path("preferences/calendar/", views.calendar, name="calendar"),
    path("deadlines/<str:token>/deadlines.ics", views.deadlines, name="deadlines"),
]
