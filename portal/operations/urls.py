from django.urls import path

from . import views, views_audit, views_probes

app_name = "operations"
urlpatterns = [
    path("healthz", views_probes.healthz, name="healthz"),
    path("readyz", views_probes.readyz, name="readyz"),
    path("metrics", views_probes.metrics, name="metrics"),
    path("operations/", views.overview, name="overview"),
    path("operations/work/", views.work, name="work"),
    path("operations/storage/", views.storage, name="storage"),
    path("operations/keys/", views.keys, name="keys"),
    path("operations/audit/", views_audit.audit, name="audit"),
    path("operations/audit/entries.csv", views_audit.entries_csv, name="audit-csv"),
    path("operations/audit/check/", views_audit.check, name="audit-check"),
]
