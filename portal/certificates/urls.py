from django.urls import path

from . import views, views_badge

app_name = "certificates"
urlpatterns = [
    path("trust-root.pem", views.trust_root, name="trust_root"),
    path("<str:number>/", views.certificate_page, name="certificate"),
    path("<str:number>/certificate.pdf", views.signed_pdf, name="pdf"),
    path("<str:number>/certificate.json", views.snapshot_json, name="json"),
    path("<str:number>/badge/", views_badge.badge_page, name="badge-page"),
    path("<str:number>/qr.svg", views_badge.qr_svg, name="qr-svg"),
    path("<str:number>/qr.png", views_badge.qr_png, name="qr-png"),
]
