"""The table of addresses. Each room brings its own; there is nothing here but where each begins."""

from typing import Any

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from portal.certificates.views_badge import picture

api_urlpatterns: list[Any] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("", include("assessments.accounts.api")),
    path("", include("assessments.standards.api")),
    path("", include("assessments.systems.api")),
    path("", include("assessments.applications.api")),
    path("", include("evaluations.runs.api")),
    path("", include("evaluations.cases.api")),
    path("", include("portal.certificates.api")),
    path("", include("portal.assurance.api")),
    path("", include("portal.assurance.api_orders")),
    path("", include("portal.verification.api")),
    path("", include("portal.registry.api")),
    path("", include("portal.oversight.api")),
    path("", include("portal.notifications.api")),
    path("", include("portal.dashboards.api")),
    path("", include("portal.privacy.api")),
]

handler400 = "portal.operations.refusals.bad_request"
handler404 = "portal.operations.refusals.not_found"
handler500 = "portal.operations.views.server_error"
urlpatterns = [
    path("", include("portal.registry.urls")),
    path("", include("portal.operations.urls")),
    path("", include("assessments.presentation.urls")),
    path("dashboard/", include("portal.dashboards.urls")),
    path("help/glossary/", include("assessments.glossary.urls")),
    path("help/", include("portal.help.urls")),
    path("inbox/", include("portal.notifications.urls")),
    path("search/", include("portal.dashboards.search_urls")),
    path("standards/", include("assessments.standards.urls")),
    path("drafts/", include("assessments.standards.drafting_urls")),
    path("systems/", include("assessments.systems.urls")),
    path("applications/", include("assessments.applications.urls")),
    path("account/", include("assessments.accounts.urls")),
    path("organisations/", include("assessments.accounts.organisation_urls")),
    path("privacy/", include("portal.privacy.urls")),
    path("people/", include("assessments.accounts.people_urls")),
    path("cases/", include("evaluations.cases.urls")),
    path("runs/", include("evaluations.runs.urls")),
    path("certificates/", include("portal.certificates.urls")),
    path("certificates/", include("portal.assurance.urls")),
    path("orders/", include("portal.assurance.order_urls")),
    path("oversight/", include("portal.oversight.urls")),
    path("badge/<str:number>.svg", picture, name="badge"),
    path("verify/", include("portal.verification.urls")),
    path("api/", include((api_urlpatterns, "api"))),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/3rdparty/", include("allauth.socialaccount.urls")),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
]
