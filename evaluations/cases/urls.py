"""Addresses of the case. Scoring and review bring their own lists."""

from django.urls import path

from . import review_urls, scoring_urls, views_assign, views_case, views_plan, views_runs

app_name = "cases"
urlpatterns = [
    path("", views_case.board, name="board"),
    path("<uuid:pk>/", views_case.overview, name="case"),
    path("<uuid:pk>/people/", views_assign.assign, name="assign"),
    path("assignments/<int:pk>/", views_assign.statement, name="statement"),
    path("assignments/<int:pk>/recuse/", views_assign.recuse, name="recuse"),
    path("assignments/<int:pk>/end/", views_assign.end, name="assignment-end"),
    path("<uuid:pk>/plan/", views_plan.plan, name="plan"),
    path("<uuid:pk>/plan/approve/", views_plan.approve, name="plan-approve"),
    path("<uuid:pk>/plan/revise/", views_plan.revise, name="plan-revise"),
    path("<uuid:pk>/plan/methods/<str:method>/", views_plan.item, name="plan-item"),
    path("<uuid:pk>/plan/<int:number>/", views_plan.revision, name="plan-revision"),
    path("<uuid:pk>/offer/", views_plan.offer, name="offer-version"),
    path("<uuid:pk>/runs/", views_runs.runs, name="runs"),
    *scoring_urls.urlpatterns,
    *review_urls.urlpatterns,
]
