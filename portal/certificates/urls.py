from django.urls import path

from . import views

app_name = "certificates"
urlpatterns = [
    path("trust-root.pem", views.trust_root, name="trust_root"),
    path("<str:number>/", views.certificate_page, name="certificate"),
    path("<str:number>/certificate.pdf", views.signed_pdf, name="pdf"),
    path("<str:number>/certificate.json", views.snapshot_json, name="json"),
]
