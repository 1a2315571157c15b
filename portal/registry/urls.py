from django.urls import path

from . import views, views_figures
from .feeds import NewestCertificates

app_name = "registry"
urlpatterns = [
    path("", views.home, name="home"),
    path("registry/", views.search, name="search"),
    path("registry/compare/", views_figures.compare, name="compare"),
    path("registry/statistics/", views_figures.statistics_page, name="statistics"),
    path("registry/statistics.json", views_figures.statistics_json, name="statistics-json"),
    path("registry/certificates.csv", views.export_csv, name="csv"),
    path("registry/certificates.json", views.export_json, name="json"),
    path("registry/feed.atom", NewestCertificates(), name="feed"),
]
