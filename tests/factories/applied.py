"""Applications as a vendor makes them: begun with all that is asked, and handed in, by the services of the pages."""

from __future__ import annotations

from assessments.applications import services
from assessments.applications.models import Application
from assessments.applications.steps import criteria_asking_evidence
from tests.factories import cases


def begun(who: cases.People, label: str) -> Application:
    """A draft in which all that is asked is filled in."""
    scheme = cases.shipped_standard()[1]
    application = services.start_application(cases.submitted_version(who, label=label), actor=who.applicant)
    services.choose_standard(application, actor=who.applicant, scheme=scheme, target_level="enhanced")
    services.choose_body(application, actor=who.applicant, body=who.body)
    declared = {"truthful": True, "right_to_data": True, "sole_body": True, "generative": False}
    services.save_declarations(application, actor=who.applicant, declarations=declared)
    for criterion in criteria_asking_evidence(application):
        if criterion.gate == "M":
            services.save_evidence(application, criterion.code, actor=who.applicant, explanation="See the policy.")
    return application


def handed_in(who: cases.People, label: str) -> Application:
    """The same, submitted to the body."""
    application = begun(who, label)
    services.submit(application, actor=who.applicant)
    return application
