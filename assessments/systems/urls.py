from django.urls import path

from . import views, views_readings

app_name = "systems"
urlpatterns = [
    path("", views.system_list, name="list"),
    path("new/", views.system_create, name="create"),
    path("<uuid:pk>/", views.system_page, name="system"),
    path("<uuid:pk>/versions/new/", views.version_create, name="version-create"),
    path("versions/<uuid:pk>/", views.version_page, name="version"),
    path("versions/<uuid:pk>/edit/", views.version_edit, name="version-edit"),
    path("versions/<uuid:pk>/upload/", views.upload, name="upload"),
    path("versions/<uuid:pk>/readings/", views_readings.version_readings, name="readings"),
    path("files/<uuid:pk>/", views.artifact_download, name="download"),
    path("files/<uuid:pk>/remove/", views.artifact_remove, name="artifact-remove"),
]
