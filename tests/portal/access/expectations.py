"""The table: each address, each method, and who gets it. An address that is not in here fails the matrix."""

from __future__ import annotations

from dataclasses import replace

from portal.notifications.models import Kind
from tests.portal.access import audiences as who
from tests.portal.access import sent
from tests.portal.access.deciding import Rule, fields, form, get, post
from tests.portal.access.world import AFTER_PLAN, some_bytes

REASON = fields(reason="Because of what was found in the files.")
STANDARD = ("=TAI", "=0.9")
_NO_TABLES = {"tables-TOTAL_FORMS": "0", "tables-INITIAL_FORMS": "0", "source_en": "Own choice.", "source_zh": "自定。"}
VERSION = fields(label="9.9.9", intended_use="Reading forms.")

PUBLIC: dict[str, Rule] = {
    "registry:home": get(who.everybody),
    "registry:search": get(who.everybody),
    "registry:compare": get(who.everybody),
    "registry:statistics": get(who.everybody),
    "registry:statistics-json": get(who.everybody),
    "search:results": get(who.everybody),
    "glossary:glossary": get(who.everybody),
    "help:index": get(who.everybody),
    "help:guide": get(who.everybody, "=vendor"),
    "help:methods": get(who.everybody),
    "help:method": get(who.everybody, "=fairness.group"),
    "registry:csv": get(who.everybody),
    "registry:json": get(who.everybody),
    "registry:feed": get(who.everybody),
    "operations:healthz": get(who.everybody),
    "operations:readyz": get(who.everybody),
    "presentation:design": get(who.everybody),
    "standards:list": get(who.everybody),
    "standards:edition": get(who.everybody, *STANDARD),
    "standards:scheme": get(who.everybody, "=TAI", "=1"),
    "standards:compare": get(who.everybody, "=TAI", "=0.9", "=0.9"),
    "standards:download": get(who.everybody, *STANDARD, "=yaml"),
    "standards:crosswalk": get(who.everybody, *STANDARD),
    "standards:framework": get(who.everybody, *STANDARD, "=nistir-8332"),
    "certificates:trust_root": get(who.everybody),
    "certificates:certificate": get(who.existing, "certificate"),
    "certificates:pdf": get(who.existing, "certificate"),
    "badge": get(who.existing, "certificate"),
    "certificates:badge-page": get(who.existing, "certificate"),
    "certificates:qr-svg": get(who.existing, "certificate"),
    "certificates:qr-png": get(who.existing, "certificate"),
    "certificates:json": get(who.existing, "certificate"),
    "verification:start": form(who.everybody, data=lambda actor, place: {"file": some_bytes()}),
    "verification:number": get(who.existing, "certificate"),
    "verification:result": get(who.existing, "examination"),
    "api:schema": get(who.everybody),
    "api:standards": get(who.everybody),
    "api:standard": get(who.everybody, *STANDARD),
    "api:scheme": get(who.everybody, "=TAI", "=1"),
    "api:certificate": get(who.existing, "certificate"),
    "api:verify-number": get(who.existing, "certificate"),
    "api:verify-file": get(who.existing, "examination"),
    "api:verify": post(who.everybody, data=lambda actor, place: {"file": some_bytes()}),
    "api:registry": get(who.everybody),
}

STANDARDS: dict[str, Rule] = {
    "standards:consultation": form(
        who.everybody, "=PRE", "=2", data=fields(name="Vera", email="vera@example.org", text="Say more.")
    ),
    "standards:pdf": get(who.everybody, *STANDARD),
    "standards:comments": get(who.everybody, "=PRE", "=2"),
    "drafts:list": get(who.scheme_owners),
    "drafts:begin": form(who.scheme_owners, data=sent.new_edition),
    "drafts:import": form(who.scheme_owners, data=sent.standard_file),
    "drafts:draft": get(who.keepers, "edition"),
    "drafts:general": form(
        who.keepers.at("drafted"), "edition", data=fields(action="check", structure="characteristics: []\nfacts: []")
    ),
    "drafts:discard": post(who.keepers.at("drafted"), "edition"),
    "drafts:criterion": form(who.keepers.at("drafted"), "edition", "=PU-1", data=sent.criterion),
    "drafts:criterion-add": post(who.keepers.at("drafted"), "edition", data=fields(characteristic="PU")),
    "drafts:criterion-move": post(who.keepers.at("drafted"), "edition", "=PU-1", data=fields(direction="down")),
    "drafts:criterion-remove": post(who.keepers.at("drafted"), "edition", "=PU-1"),
    "drafts:scheme": form(who.keepers, "edition", "scheme", data=fields(action="check", text="a: 1")),
    "drafts:thresholds": form(
        who.keepers, "edition", "scheme", "=fairness.group", data=fields(action="check", **_NO_TABLES)
    ),
    "drafts:consultation": form(who.keepers, "edition", data=sent.days),
    "drafts:consultation-end": post(who.keepers.at("consulted"), "edition"),
    "drafts:comment": post(who.keepers, "edition", "comment", data=fields(act="release")),
    "drafts:publish": form(who.keepers.at("drafted", "consulted"), "edition", data=sent.resolution),
    "drafts:withdraw": form(who.keepers.at("published"), "edition", data=REASON),
    "drafts:transition": get(who.keepers, "edition"),
}

SYSTEMS: dict[str, Rule] = {
    "systems:list": get(who.vendor_people),
    "systems:create": form(who.vendor_people, data=fields(name_en="Another reader")),
    "systems:system": get(who.client, "system"),
    "systems:version-create": form(who.client, "system", data=VERSION),
    "systems:version": get(who.versions_readers, "version"),
    "systems:version-edit": form(who.client, "version", data=VERSION),
    "systems:upload": form(who.files_givers, "version", data=sent.file),
    "systems:download": get(who.versions_readers, "artifact"),
    "systems:readings": get(who.client, "version"),
    "api:version-readings": get(who.client, "version"),
    "systems:artifact-remove": post(who.client, "artifact"),
    "api:systems": Rule(
        {"GET": who.signed_in, "POST": who.vendor_people}, data=fields(name_en="Another reader"), refuses=True
    ),
    "api:versions": Rule({"GET": who.client, "POST": who.client}, ("system",), data=VERSION, refuses=True),
    "api:version": Rule({"GET": who.versions_readers, "PATCH": who.client}, ("version",), data=VERSION, refuses=True),
    "api:files": get(who.versions_readers, "version"),
    "api:uploads": post(who.files_givers, data=sent.upload, only="version"),
    # A piece of a file is no JSON, and the offset stands in a header: the rightful person is told so.
    "api:upload": Rule(
        {"GET": who.applicant, "PATCH": who.applicant}, ("upload",), refuses=True, never=frozenset({"PATCH"})
    ),
    "api:upload-finish": post(who.applicant, "upload", never=frozenset({"POST"})),
}

ACCOUNTS: dict[str, Rule] = {
    "accounts:account": form(who.signed_in, data=fields(name="New Name", language="en")),
    "accounts:interests": form(
        who.body_people,
        data=fields(vendor="Nobody", nature="Advised it.", since="2026-01-01"),
        never=frozenset({"POST"}),
    ),
    "accounts:interest-end": Rule({"POST": who.nobody}, ("=1000000000",), never=frozenset({"POST"})),
    "privacy:holds": form(
        who.administrators_anywhere, data=fields(case="none", reason="Proceedings."), never=frozenset({"POST"})
    ),
    "privacy:hold-lift": Rule(
        {"POST": who.nobody}, ("=11111111-1111-1111-1111-111111111111",), never=frozenset({"POST"})
    ),
    "privacy:own": get(who.signed_in),
    "privacy:notice": get(who.everybody),
    "privacy:own-export": get(who.signed_in),
    "privacy:own-erase": form(who.signed_in, data=fields(email="somebody.else@example.org"), never=frozenset({"POST"})),
    "privacy:person-export": post(who.administrators, "person"),
    "privacy:person-erase": form(
        who.administrators, "person", data=fields(email="somebody.else@example.org"), never=frozenset({"POST"})
    ),
    "api:me-data": get(who.signed_in),
    "accounts:token-make": post(
        who.signed_in, data=fields(**{"token-name": "server", "token-scope": "read", "token-days": "90"})
    ),
    "accounts:token-revoke": post(who.applicant, "token"),
    "accounts:sign-ins": get(who.signed_in),
    "accounts:others-end": post(who.signed_in),
    "accounts:sign-in-end": post(who.applicant, "sign_in"),
    "accounts:typed-discard": post(who.signed_in),
    # Whoever holds the link of a letter; to everybody else the page says that there is nothing (any more).
    "accounts:invitation": Rule({"GET": who.none_at_all}, ("=no-such-link",), never=frozenset({"GET"})),
    "organisations:list": get(who.administrators_anywhere),
    "organisations:create": form(
        who.administrators_anywhere, data=fields(kind="body", name_en="A third body", name_zh="第三机构")
    ),
    "organisations:invitations": get(who.administrators_anywhere),
    "organisations:organisation": get(who.belonging, "organisation"),
    "organisations:edit": form(who.belonging, "organisation", data=fields(name_en="Another name")),
    "organisations:invite": form(who.belonging, "organisation", data=fields(email="second@example.org")),
    "organisations:invitation-resend": post(who.belonging, "invitation"),
    "organisations:invitation-withdraw": post(who.belonging, "invitation"),
    "organisations:membership-end": post(who.belonging, "organisation", "membership"),
    "people:list": get(who.administrators_anywhere),
    "people:person": get(who.administrators, "person"),
    "people:role-give": post(
        who.administrators,
        "person",
        data=lambda actor, place: {"organisation": place.get("organisation") or "", "role": "vendor_member"},
    ),
    "people:deactivate": post(who.administrators, "person"),
    "people:reactivate": post(who.administrators, "person"),
    "people:sign-out": post(who.administrators, "person"),
    "people:factor-reset": post(who.administrators, "person"),
    # Only on a development portal that keeps mail in a folder, which the tests' portal does not.
    "accounts:mail": Rule({"GET": who.none_at_all}, never=frozenset({"GET"})),
    "dashboards:dashboard": get(who.signed_in),
    "operations:overview": get(who.administrators_anywhere),
    "operations:work": get(who.administrators_anywhere),
    "operations:storage": get(who.administrators_anywhere),
    "operations:keys": get(who.administrators_anywhere),
    "operations:audit": get(who.administrators_anywhere),
    "operations:audit-csv": get(who.administrators_anywhere),
    "operations:audit-check": post(who.administrators_anywhere, refuses=False),
    # Only for who sends the token of a portal that has one, which the tests' portal does not.
    "operations:metrics": Rule({"GET": who.none_at_all}, never=frozenset({"GET"})),
    "notifications:inbox": get(who.signed_in),
    "notifications:read": post(who.applicant, "notification"),
    "notifications:read-all": post(who.signed_in, data=fields(newest="1")),
    "notifications:preferences": form(who.signed_in, data=lambda actor, place: dict.fromkeys(Kind.values, "daily")),
    "notifications:calendar": post(who.signed_in),
    "notifications:deadlines": get(who.existing, "calendar"),
}

APPLICATIONS: dict[str, Rule] = {
    "api:bodies": get(who.signed_in),
    "api:applications": Rule(
        {"GET": who.signed_in, "POST": who.client},
        data=lambda actor, place: {"version": str(place.get("version"))},
        refuses=True,
        only="version",
    ),
    "api:application": Rule(
        {"GET": who.applications_readers, "PATCH": who.client},
        ("application",),
        data=fields(target_level="basic"),
        refuses=True,
    ),
    "api:evidences": get(who.applications_readers, "application"),
    "api:evidence": Rule(
        {"PUT": who.client}, ("application", "=GM-1"), data=fields(explanation="See the policy."), refuses=True
    ),
    "api:application-submit": post(who.client, "application"),
    "api:application-withdraw": post(who.client, "application"),
    "api:application-sign": post(who.client, "application"),
    "applications:list": get(who.vendor_people),
    "applications:start": form(who.vendor_people, data=lambda actor, place: {"version": place.get("version") or ""}),
    "applications:queue": get(who.leads),
    "applications:application": get(who.applications_readers, "application"),
    "applications:readings": get(who.client, "application"),
    "api:application-readings": get(who.client, "application"),
    "applications:answers": get(who.applications_readers, "application"),
    "applications:submit": post(who.client, "application"),
    "applications:discard": post(who.client, "application"),
    "applications:copy": post(
        who.client, "application", data=lambda actor, place: {"source": place.get("application") or ""}
    ),
    "applications:withdraw": post(who.client, "application"),
    "applications:agreement": get(who.applications_readers, "application", only="agreement"),
    "applications:sign": post(who.signatories, "application", data=fields(agreed="yes")),
    "applications:admission": form(
        who.admitting,
        "application",
        data=fields(
            unacceptable_practice="no",
            safety_component="no",
            sensitive_area="no",
            affects_people="yes",
            reason="Complete and within our competence.",
        ),
    ),
    "applications:return": post(who.admitting, "application", data=REASON),
    "applications:decline": post(who.admitting, "application", data=REASON),
    "applications:evidence": get(who.client, "application"),
    "applications:criterion": form(who.client, "application", "=GM-1"),
    "applications:step": form(who.client, "application", "=declarations"),
}

CASES: dict[str, Rule] = {
    "cases:board": get(who.body_people),
    "cases:case": get(who.cases_readers, "case"),
    "cases:assign": form(who.cases_readers, "case", sent=who.assigning, data=sent.assigned),
    "cases:statement": form(who.waiting, "assignment"),
    "cases:recuse": post(who.waiting, "assignment", data=fields(nature="My sister works there.")),
    "cases:assignment-end": post(who.assigning, "assignment", data=REASON),
    "cases:plan": get(who.cases_readers, "case"),
    "cases:plan-revision": get(who.cases_readers, "case", "=1"),
    "cases:plan-approve": post(who.case_lead, "case", data=lambda actor, place: {"seen": place.get("plan_seen") or ""}),
    "cases:plan-revise": form(
        who.case_lead.at("evaluating"),
        "case",
        data=lambda actor, place: {"reason": "Other parameters.", "version": place.get("version") or ""},
    ),
    "cases:plan-item": form(
        who.evaluating_people.at("planning"),
        "case",
        "=reproducibility.inference",
        data=sent.parameters,
    ),
    "cases:offer-version": form(who.client, "case", data=sent.offered),
    "cases:runs": get(who.cases_readers, "case"),
    "cases:sheet": get(who.evaluating_people, "case"),
    "cases:sheet-part": get(who.evaluating_people.at(*AFTER_PLAN), "case", "=RC"),
    "cases:score": post(
        who.case_evaluator.at(*AFTER_PLAN), "case", "=GM-1", data=fields(score="3", rationale="Seen.", revision="0")
    ),
    "cases:hand-in": post(who.case_evaluator, "case"),
    "cases:reopen-scores": post(who.case_lead, "case", data=REASON),
    "cases:settle": get(who.cases_readers, "case"),
    "cases:settle-agreed": post(who.case_lead, "case"),
    "cases:settle-criterion": form(
        who.cases_readers.at(*AFTER_PLAN), "case", "=GM-1", sent=who.case_lead.at("evaluating")
    ),
    "cases:level": get(who.cases_readers, "case"),
    "cases:findings": get(who.cases_readers, "case"),
    "cases:findings-tell": post(who.case_lead, "case"),
    "cases:finding-write": form(
        who.evaluating_people, "case", "=GM-2", data=fields(kind="observation", text="Seen.", revision="0")
    ),
    "cases:finding-edit": form(
        who.evaluating_people, "case", "=GM-1", "untold", data=fields(kind="observation", text="Seen.", revision="0")
    ),
    "cases:finding-answer": post(who.client, "case", "told", data=sent.answer),
    "cases:answer-file-back": post(who.client, "case", "told", "answer_file"),
    "cases:finding-take": post(who.evaluating_people, "case", "told", data=fields(remark="Good.", revision="0")),
    "cases:client": get(who.client, "case"),
    "cases:lower-target": post(who.client, "case", data=fields(target="basic")),
    "cases:report": get(who.report_readers, "case"),
    "cases:report-file": get(who.report_readers, "case"),
    "cases:report-pdf": get(who.report_readers, "case"),
    "cases:report-preview": post(who.report_readers, "case"),
    "cases:hand-over": post(who.case_lead, "case"),
    "cases:review": form(who.case_reviewer, "case"),
    "cases:decide": form(who.case_reviewer, "case"),
    "api:case-findings": get(who.client, "case"),
    "api:finding-answer": post(
        who.client, "case", "told", data=fields(answer="Repaired.", due_on="2027-01-31", revision=0)
    ),
    "api:answer-files": post(who.client, "case", "told", data=sent.answer_file),
    "api:answer-file": Rule({"DELETE": who.client}, ("case", "told", "answer_file"), refuses=True),
    "api:case-result": get(who.client.at("decided"), "case"),
    "api:cases": get(who.signed_in),
    "api:case": get(who.client | who.cases_readers, "case"),
    "api:case-report": get(who.report_readers, "case"),
    "api:case-report-pdf": get(who.report_readers, "case"),
    "api:application-case": get(who.client | who.cases_readers, "application", only="case"),
}

RUNS: dict[str, Rule] = {
    "runs:run": get(who.runs_readers, "run"),
    "runs:progress": get(who.runs_readers, "run"),
    "runs:compare": get(who.runs_readers, "run"),
    "runs:result": get(who.case_people, "run", only="finished"),
    "runs:cancel": post(who.runs_steerers, "run"),
    "runs:again": post(who.runs_steerers, "run", data=REASON),
    "runs:self-tests": form(who.client, "version", data=fields(method="data.quality")),
    "api:version-runs": Rule(
        {"GET": who.client, "POST": who.client}, ("version",), data=fields(method="data.quality"), refuses=True
    ),
    "api:run": get(who.runs_readers, "run"),
    "api:run-cancel": post(who.runs_steerers, "run"),
}

ASSURANCE: dict[str, Rule] = {
    "assurance:suspend": form(who.suspending, "certificate", data=REASON),
    "assurance:reinstate": form(who.reviewer_of_body.whose_client_is_not(), "suspended", data=REASON),
    "assurance:withdraw": form(who.reviewer_of_body.whose_client_is_not(), "certificate", data=REASON),
    "assurance:cancel": form(who.client, "certificate", data=REASON),
}

ANSWERED = fields(reason="It was looked at and is well.", outcome="fulfilled")

ORDERS: dict[str, Rule] = {
    "oversight:board": get(who.regulators_anywhere),
    "oversight:history": get(who.regulators_anywhere),
    "oversight:export": get(who.regulators_anywhere, "=history", "=csv"),
    "api:oversight": get(who.regulators_anywhere),
    "api:oversight-history": get(who.regulators_anywhere),
    "orders:list": get(who.order_people),
    "orders:new": form(who.regulator, "certificate", data=sent.order),
    "orders:order": get(who.order_readers, "order"),
    "orders:answer": form(who.order_answering, "order", data=ANSWERED),
    "orders:return": form(who.regulator, "answered_order", data=sent.order),
    "orders:accept": form(who.regulator, "answered_order", data=REASON),
    "orders:lift": form(who.regulator, "answered_order", data=REASON),
    "api:orders": get(who.signed_in),
    "api:order": get(who.order_readers, "order"),
    "api:order-new": post(who.regulator, "certificate", data=sent.order),
    "api:order-answer": post(who.order_answering, "order", data=ANSWERED),
    "api:order-return": post(who.regulator, "answered_order", data=sent.order),
    "api:order-accept": post(who.regulator, "answered_order", data=REASON),
    "api:order-lift": post(who.regulator, "answered_order", data=REASON),
}

# Where the stage of a case tells nothing new, fewer stages do.
# The interface for what pages do elsewhere in this table.
INTERFACE: dict[str, Rule] = {
    "api:me": Rule({"GET": who.signed_in, "PATCH": who.signed_in}, data=fields(name="New Name")),
    "api:organisations": get(who.signed_in),
    "api:organisation": Rule(
        {"GET": who.belonging, "PATCH": who.belonging}, ("organisation",), data=fields(name_zh="新名称"), refuses=True
    ),
    "api:membership": Rule({"DELETE": who.belonging}, ("organisation", "membership"), refuses=True),
    "api:organisation-invitations": Rule(
        {"GET": who.belonging, "POST": who.belonging},
        ("organisation",),
        data=lambda actor, place: {"email": "third@example.org", "roles": ["vendor_member"]},
        refuses=True,
    ),
    "api:invitation": Rule({"POST": who.belonging, "DELETE": who.belonging}, ("invitation",), refuses=True),
    "api:inbox": get(who.signed_in),
    "api:inbox-read": post(who.applicant, "notification"),
    "api:inbox-read-all": post(who.signed_in, data=lambda actor, place: {"newest": 1}),
    "api:inbox-preferences": Rule(
        {"GET": who.signed_in, "PATCH": who.signed_in}, data=lambda actor, place: {"preferences": {}}
    ),
    "api:calendar": get(who.signed_in),
    "api:calendar-address": Rule({"GET": who.signed_in, "POST": who.signed_in, "DELETE": who.signed_in}),
    "api:tasks": get(who.signed_in),
    "api:search": get(who.everybody),
    "api:registry-statistics": get(who.everybody),
    "api:consultation": get(who.everybody, "=PRE", "=2"),
    "api:standard-drafts": get(who.signed_in),
    "api:standard-draft": Rule(
        {"GET": who.keepers, "PUT": who.keepers},
        ("edition",),
        data=sent.draft_text,
        refuses=True,
    ),
    "api:standard-draft-check": get(who.keepers, "edition"),
    "api:standard-draft-comments": get(who.keepers, "edition"),
    "api:standard-draft-comment": post(who.keepers, "edition", "comment", data=fields(act="release")),
    "api:consultation-comments": post(who.signed_in, "=PRE", "=2", data=fields(name="Vera", text="Say more.")),
    "api:certificates": get(who.signed_in),
    "api:certificate-suspend": post(who.suspending, "certificate", data=REASON),
    "api:certificate-reinstate": post(who.reviewer_of_body.whose_client_is_not(), "suspended", data=REASON),
    "api:certificate-withdraw": post(who.reviewer_of_body.whose_client_is_not(), "certificate", data=REASON),
    "api:certificate-cancel": post(who.client, "certificate", data=REASON),
    "api:application-discard": post(who.client, "application", stages=("draft", "submitted")),
    "api:application-copy": post(
        who.client,
        "application",
        data=lambda actor, place: {"earlier": str(place.get("application") or "")},
        stages=("draft", "submitted"),
    ),
    "api:run-again": post(who.runs_steerers, "run", data=REASON),
    "api:application-agreement": get(
        who.applications_readers, "application", only="agreement", stages=("draft", "admitted")
    ),
    "api:file": Rule({"GET": who.versions_readers, "DELETE": who.client}, ("artifact",), refuses=True),
    "api:case-offers": Rule({"GET": who.client, "POST": who.client}, ("case",), data=sent.offered, refuses=True),
    "api:case-target": Rule(
        {"GET": who.client, "PUT": who.client}, ("case",), data=fields(target="basic"), refuses=True
    ),
}

_FEWER = ("draft", "submitted", "admitted", "opened", "planning", "evaluating", "in_review")
_OF_CASES = ("draft", "opened", "unled", "planning", "evaluating", "in_review", "decided")
TABLE: dict[str, Rule] = {
    **PUBLIC,
    **STANDARDS,
    **ACCOUNTS,
    **{name: replace(rule, stages=_FEWER) for name, rule in {**SYSTEMS, **APPLICATIONS}.items()},
    **{
        name: rule if rule.methods.get("GET") is who.case_reviewer else replace(rule, stages=_OF_CASES)
        for name, rule in CASES.items()
    },
    **RUNS,
    **ASSURANCE,
    **ORDERS,
    **INTERFACE,
}

# Pages that django-allauth and Django bring: what an anonymous visitor, a signed-in person get from GET.
ALLAUTH: dict[str, tuple[int, int]] = {
    "account_login": (200, 302),
    "account_logout": (302, 200),
    "account_inactive": (200, 200),
    "account_signup": (200, 302),
    "account_reauthenticate": (302, 200),
    "account_email": (302, 200),
    "account_email_verification_sent": (200, 200),
    "account_change_password": (302, 200),
    "account_set_password": (302, 302),
    "account_reset_password": (200, 200),
    "account_confirm_login_code": (302, 302),
    "account_confirm_email": (200, 200),
    "account_reset_password_from_key_done": (200, 200),
    "account_reset_password_from_key": (200, 200),
    "account_reset_password_done": (200, 200),
    "set_language": (302, 302),
    "mfa_index": (302, 200),
    "mfa_authenticate": (302, 302),
    "mfa_reauthenticate": (302, 302),
    "mfa_activate_totp": (302, 302),
    "mfa_deactivate_totp": (302, 404),
    "mfa_view_recovery_codes": (302, 404),
    "mfa_generate_recovery_codes": (302, 302),
    "mfa_download_recovery_codes": (302, 404),
    "mfa_list_webauthn": (302, 200),
    "mfa_add_webauthn": (302, 302),
    "mfa_reauthenticate_webauthn": (302, 302),
    "mfa_remove_webauthn": (302, 302),
    "mfa_edit_webauthn": (302, 302),
    # No provider is named in the tests' settings: single sign-on is not there.
    "socialaccount_login_cancelled": (200, 200),
    "socialaccount_login_error": (401, 401),
    "socialaccount_signup": (302, 302),
    "socialaccount_connections": (302, 200),
    "openid_connect_login": (404, 404),
    "openid_connect_callback": (404, 404),
}
