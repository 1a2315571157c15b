from django.urls import path

from . import readings, views, views_admission, views_drafts, views_steps

app_name = "applications"
urlpatterns = [
    path("", views.application_list, name="list"),
    path("start/", views.start, name="start"),
    path("queue/", views_admission.queue, name="queue"),
    path("<uuid:pk>/", views.application_page, name="application"),
    path("<uuid:pk>/answers/", views.answers, name="answers"),
    path("<uuid:pk>/readings/", readings.application_readings, name="readings"),
    path("<uuid:pk>/submit/", views.submit, name="submit"),
    path("<uuid:pk>/discard/", views_drafts.discard, name="discard"),
    path("<uuid:pk>/copy/", views_drafts.copy, name="copy"),
    path("<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:pk>/agreement/", views.agreement, name="agreement"),
    path("<uuid:pk>/agreement/sign/", views.sign, name="sign"),
    path("<uuid:pk>/admission/", views_admission.admission, name="admission"),
    path("<uuid:pk>/return/", views_admission.return_application, name="return"),
    path("<uuid:pk>/decline/", views_admission.decline, name="decline"),
    path("<uuid:pk>/evidence/", views_steps.evidence_list, name="evidence"),
    path("<uuid:pk>/evidence/<str:code>/", views_steps.evidence, name="criterion"),
    path("<uuid:pk>/step/<slug:name>/", views_steps.step, name="step"),
]
