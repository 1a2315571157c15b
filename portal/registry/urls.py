from django.urls import path

from . import views
from .feeds import NewestCertificates

app_name = "registry"
urlpatterns = [
    path("", views.home, name="home"),
    path("registry/", views.search, name="search"),
    path("registry/certificates.csv", views.export_csv, name="csv"),
    path("registry/certificates.json", views.export_json, name="json"),
    path("registry/feed.atom", NewestCertificates(), name="feed"),
]
