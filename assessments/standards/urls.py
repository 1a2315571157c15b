"""Public addresses of the standards: `/standards/TAI/0.9/#RC-1` leads to one criterion and stays."""

from django.urls import path

from . import views

app_name = "standards"
urlpatterns = [
    path("", views.standard_list, name="list"),
    path("schemes/<str:code>/<str:edition>/", views.scheme_page, name="scheme"),
    path("<str:code>/<str:edition>/", views.edition_page, name="edition"),
]
