"""Addresses of report, review and decision."""

from django.urls import path

from . import views_report, views_review

urlpatterns = [
    path("<uuid:pk>/report/", views_report.report, name="report"),
    path("<uuid:pk>/report.pdf", views_report.report_pdf, name="report-pdf"),
    path("<uuid:pk>/report/preview/", views_report.report_preview, name="report-preview"),
    path("<uuid:pk>/report.json", views_report.report_file, name="report-file"),
    path("<uuid:pk>/hand-over/", views_report.hand_over, name="hand-over"),
    path("<uuid:pk>/review/", views_review.review, name="review"),
    path("<uuid:pk>/decision/", views_review.decide, name="decide"),
]
