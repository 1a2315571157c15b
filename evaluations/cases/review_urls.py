"""Addresses of report, review and decision."""

from django.urls import path

from . import views_review

urlpatterns = [
    path("<uuid:pk>/report/", views_review.report, name="report"),
    path("<uuid:pk>/report.json", views_review.report_file, name="report-file"),
    path("<uuid:pk>/hand-over/", views_review.hand_over, name="hand-over"),
    path("<uuid:pk>/review/", views_review.review, name="review"),
    path("<uuid:pk>/decision/", views_review.decide, name="decide"),
]
