"""Addresses of scoring, settlement and findings, and the client's page."""

from django.urls import path

from . import views_findings, views_scoring, views_settling

urlpatterns = [
    path("<uuid:pk>/sheet/", views_scoring.sheet, name="sheet"),
    path("<uuid:pk>/sheet/<str:characteristic>/", views_scoring.sheet_part, name="sheet-part"),
    path("<uuid:pk>/scores/<str:code>/", views_scoring.score, name="score"),
    path("<uuid:pk>/hand-in/", views_scoring.hand_in, name="hand-in"),
    path("<uuid:pk>/reopen-scores/", views_scoring.reopen, name="reopen-scores"),
    path("<uuid:pk>/settlement/", views_settling.settlement, name="settle"),
    path("<uuid:pk>/settle-agreed/", views_settling.settle_agreed, name="settle-agreed"),
    path("<uuid:pk>/settlement/<str:code>/", views_settling.settle, name="settle-criterion"),
    path("<uuid:pk>/level/", views_settling.level, name="level"),
    path("<uuid:pk>/findings/", views_findings.findings, name="findings"),
    path("<uuid:pk>/findings/tell/", views_findings.tell, name="findings-tell"),
    path("<uuid:pk>/findings/on/<str:code>/", views_findings.write, name="finding-write"),
    path("<uuid:pk>/findings/on/<str:code>/<int:finding>/", views_findings.write, name="finding-edit"),
    path("<uuid:pk>/findings/<int:finding>/answer/", views_findings.answer, name="finding-answer"),
    path(
        "<uuid:pk>/findings/<int:finding>/files/<uuid:file>/remove/", views_findings.file_back, name="answer-file-back"
    ),
    path("<uuid:pk>/findings/<int:finding>/take/", views_findings.take_answer, name="finding-take"),
    path("<uuid:pk>/client/", views_findings.client, name="client"),
    path("<uuid:pk>/client/target/", views_findings.target, name="lower-target"),
]
