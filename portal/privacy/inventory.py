"""Everywhere that a person is named: one row for each field, which section it belongs to and what erasure does to it.

`columns` are what an export gives out. Of work in a case that is when and about what, not the content: that is
confidential to the client and the body. Secrets (digests, keys, factors) are never given out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from evaluations.methods.frame import Text

DELETE, PSEUDONYM = "delete", "pseudonym"


@dataclass(frozen=True)
class Place:
    """A field that points to a person. `erasure`: the row goes, or it stays and shows the person's pseudonym."""

    model: str
    field: str
    section: str
    columns: tuple[str, ...]
    erasure: str = PSEUDONYM

    def rows(self, person: Any) -> QuerySet[Any]:
        return apps.get_model(self.model)._default_manager.filter(**{self.field: person.pk})


@dataclass(frozen=True)
class Section:
    """What a part of the data is, why it is kept, and until when."""

    title: Text
    why: Text
    until: Text


_UNTIL_ERASED = Text("Until you change it, or the account is erased.", "直至您更改或账户被删除。")
_RECORD = Text(
    "As long as the record of the evaluation; after an erasure under a pseudonym.",
    "与评估记录保存期限相同；删除个人数据后以代号保存。",
)
_SHOW = Text("To show who did what, as ISO/IEC 17065 (7.12) asks.", "按 ISO/IEC 17065（7.12）的要求表明何人做了何事。")

SECTIONS: dict[str, Section] = {
    "account": Section(
        Text("Account", "账户"),
        Text("To know you and to write to you.", "用于识别您并与您联系。"),
        _UNTIL_ERASED,
    ),
    "signing-in": Section(
        Text("Signing in", "登录"),
        Text("To keep others out of your account.", "用于防止他人进入您的账户。"),
        Text(
            "Until it ends or you remove it; sign-ins for their period.", "直至失效或由您移除；登录记录至保存期届满。"
        ),
    ),
    "belonging": Section(
        Text("Organisations and roles", "组织与角色"),
        Text("They decide what you may see and do.", "决定您可以查看和办理的内容。"),
        Text("Until the role ends.", "直至角色终止。"),
    ),
    "interests": Section(
        Text("Declared interests", "利益申报"),
        Text("So that nobody evaluates where they have an interest.", "确保有利害关系的人员不参与评估。"),
        Text("Until two years after the interest has ended.", "直至利害关系终止后满两年。"),
    ),
    "notices": Section(
        Text("Inbox and mail", "收件箱与邮件"),
        Text("To tell you what concerns you.", "用于告知与您有关的事项。"),
        Text("Until the period for the inbox is over.", "直至收件箱保存期届满。"),
    ),
    "cases": Section(Text("Work in cases", "案件工作"), _SHOW, _RECORD),
    "applications": Section(Text("Applications and agreements", "申请与协议"), _SHOW, _RECORD),
    "files": Section(Text("Files and test runs", "文件与测试运行"), _SHOW, _RECORD),
    "reading": Section(
        Text("What you read of vendors", "您阅读过的供应方资料"),
        Text("A vendor may know who has read its confidential files.", "供应方有权知悉何人阅读过其保密文件。"),
        Text("Until the period for readings is over.", "直至阅读记录保存期届满。"),
    ),
    "comments": Section(
        Text("Comments on draft standards", "对标准草案的意见"),
        Text("Each comment is answered in public.", "每条意见均公开答复。"),
        _RECORD,
    ),
    "operation": Section(Text("Operation", "运维"), _SHOW, _RECORD),
    "ledger": Section(
        Text("Entries in the ledger", "账本条目"),
        Text(
            "The chain proves that nothing was changed afterwards. It holds your key, no name.",
            "账本链用于证明事后未作改动，其中只有您的编号，没有姓名。",
        ),
        Text("As long as the ledger.", "与账本同期保存。"),
    ),
}

PLACES: tuple[Place, ...] = (
    Place("account.EmailAddress", "user", "account", ("email", "verified", "primary"), DELETE),
    Place("mfa.Authenticator", "user", "signing-in", ("type", "created_at", "last_used_at"), DELETE),
    Place(
        "socialaccount.SocialAccount", "user", "signing-in", ("provider", "uid", "last_login", "date_joined"), DELETE
    ),
    Place(
        "accounts.Token", "person", "signing-in", ("name", "scope", "created_at", "expires_at", "last_used_at"), DELETE
    ),
    Place("accounts.SignIn", "person", "signing-in", ("agent", "network", "began_at", "seen_at", "ended_at"), DELETE),
    Place("admin.LogEntry", "user", "operation", ("action_time", "object_repr", "action_flag"), DELETE),
    Place("accounts.Membership", "person", "belonging", ("organisation__name_en", "role", "since"), DELETE),
    Place("accounts.Invitation", "invited_by", "belonging", ("organisation__name_en", "roles", "made_at")),
    Place(
        "accounts.Invitation", "accepted_by", "belonging", ("organisation__name_en", "email", "roles", "accepted_at")
    ),
    Place("accounts.AccessGrant", "person", "cases", ("object_type", "purpose", "made_at", "until"), DELETE),
    Place(
        "accounts.InterestDeclaration",
        "person",
        "interests",
        ("organisation__name_en", "nature", "since", "until"),
        DELETE,
    ),
    Place("notifications.Preference", "person", "notices", ("kind", "delivery"), DELETE),
    Place("notifications.Notification", "person", "notices", ("kind", "happened_at", "read_at"), DELETE),
    Place("notifications.Letter", "person", "notices", ("digest_on", "status", "created_at", "sent_at"), DELETE),
    Place("notifications.CalendarFeed", "person", "notices", ("created_at",), DELETE),
    Place("cases.Assignment", "person", "cases", ("case__number", "part", "assigned_at", "declared_at", "ended_at")),
    Place("cases.Assignment", "assigned_by", "cases", ("case__number", "part", "assigned_at")),
    Place("cases.PlanRevision", "approved_by", "cases", ("case__number", "number", "approved_at")),
    Place("cases.ScoreSheet", "evaluator", "cases", ("case__number", "handed_in_at")),
    Place("cases.Score", "evaluator", "cases", ("case__number", "criterion", "saved_at")),
    Place("cases.Settlement", "settled_by", "cases", ("case__number", "criterion", "settled_at")),
    Place("cases.Finding", "raised_by", "cases", ("case__number", "criterion", "raised_at")),
    Place("cases.Finding", "answered_by", "cases", ("case__number", "criterion", "answered_at")),
    Place("cases.Review", "reviewer", "cases", ("case__number", "round", "reviewed_at")),
    Place("cases.Decision", "decided_by", "cases", ("case__number", "outcome", "decided_at")),
    Place("cases.OfferedVersion", "offered_by", "applications", ("case__number", "offered_at")),
    Place("applications.Application", "created_by", "applications", ("number", "created_at")),
    Place("applications.Agreement", "vendor_signatory", "applications", ("application__number", "vendor_signed_at")),
    Place("applications.Agreement", "body_signatory", "applications", ("application__number", "body_signed_at")),
    Place("systems.Artifact", "uploaded_by", "files", ("filename", "uploaded_at")),
    Place("systems.Upload", "person", "files", ("filename", "size", "status", "started_at")),
    Place("runs.Run", "requested_by", "files", ("method", "purpose", "requested_at")),
    Place("systems.Reading", "person", "reading", ("kind", "title", "occasion", "part", "first_at", "last_at")),
    Place("certificates.StatusEvent", "actor", "cases", ("certificate__number", "status", "happened_at")),
    Place("assurance.OrderEvent", "actor", "cases", ("order__certificate__number", "act", "happened_at")),
    Place(
        "standards.Comment", "person", "comments", ("name", "affiliation", "email", "text", "proposal", "submitted_at")
    ),
    Place("privacy.LegalHold", "placed_by", "operation", ("placed_at",)),
    Place("privacy.LegalHold", "lifted_by", "operation", ("lifted_at",)),
    Place("operations.ChainCheck", "asked_by", "operation", ("asked_at",)),
)
