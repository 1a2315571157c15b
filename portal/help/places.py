"""From a page to the part of a guide that explains it.

The key is the name of a page's address; the value names one or several parts, of which a reader gets the first whose
guide is for everybody or for a role of theirs.
"""

from __future__ import annotations

from django.http import HttpRequest

from assessments.accounts.rules import has_role

from .guides import BY_CODE, Guide, Section

PARTS: dict[str, tuple[str, ...]] = {
    "registry:home": ("visitor#find",),
    "registry:search": ("visitor#find",),
    "registry:compare": ("visitor#compare",),
    "registry:statistics": ("visitor#figures",),
    "search:results": ("visitor#find",),
    "certificates:certificate": ("certificate#page",),
    "verification:start": ("visitor#verify",),
    "verification:number": ("visitor#verify",),
    "verification:result": ("visitor#answers",),
    "standards:list": ("visitor#standards",),
    "standards:edition": ("visitor#standards",),
    "standards:scheme": ("visitor#standards",),
    "standards:crosswalk": ("visitor#standards",),
    "drafts:list": ("scheme-owner#day",),
    "drafts:begin": ("scheme-owner#begin",),
    "drafts:import": ("scheme-owner#begin",),
    "drafts:draft": ("scheme-owner#write",),
    "drafts:general": ("scheme-owner#write",),
    "drafts:criterion": ("scheme-owner#write",),
    "drafts:scheme": ("scheme-owner#write",),
    "drafts:thresholds": ("scheme-owner#write",),
    "drafts:consultation": ("scheme-owner#consult",),
    "drafts:publish": ("scheme-owner#publish",),
    "drafts:transition": ("scheme-owner#publish",),
    "drafts:withdraw": ("scheme-owner#withdraw",),
    "account_signup": ("vendor#begin",),
    "systems:list": ("vendor#describe",),
    "systems:create": ("vendor#describe",),
    "systems:system": ("vendor#describe",),
    "systems:version": ("vendor#upload", "evaluator#evidence"),
    "systems:readings": ("vendor#after",),
    "systems:version-create": ("vendor#describe",),
    "systems:version-edit": ("vendor#describe",),
    "systems:upload": ("vendor#upload", "evaluator#evidence"),
    "runs:self-tests": ("vendor#self-test",),
    "applications:list": ("vendor#apply",),
    "applications:start": ("vendor#apply",),
    "applications:step": ("vendor#apply",),
    "applications:evidence": ("vendor#give-evidence",),
    "applications:criterion": ("vendor#give-evidence",),
    "applications:answers": ("vendor#submit", "lead#admit"),
    "applications:application": ("vendor#after", "lead#admit"),
    "applications:agreement": ("vendor#agreement", "lead#agreement"),
    "applications:readings": ("vendor#after",),
    "applications:queue": ("lead#admit",),
    "applications:admission": ("lead#admit",),
    "assurance:suspend": ("reviewer#status", "regulator#suspend"),
    "assurance:reinstate": ("reviewer#status", "regulator#suspend"),
    "assurance:withdraw": ("reviewer#status",),
    "assurance:cancel": ("vendor#hold",),
    "oversight:board": ("regulator#overview",),
    "oversight:history": ("regulator#history",),
    "orders:list": ("regulator#order",),
    "orders:order": ("regulator#order",),
    "orders:new": ("regulator#order",),
    "orders:return": ("regulator#order",),
    "orders:accept": ("regulator#order",),
    "orders:lift": ("regulator#order",),
    "cases:board": ("lead#day", "evaluator#day", "reviewer#day"),
    "cases:case": ("vendor#after", "lead#day", "evaluator#day", "reviewer#day"),
    "cases:assign": ("lead#assign",),
    "cases:statement": ("evaluator#statement", "reviewer#statement", "lead#assign"),
    "cases:plan": ("lead#plan", "evaluator#plan", "reviewer#read"),
    "cases:plan-item": ("lead#plan", "evaluator#plan"),
    "cases:plan-revise": ("lead#revise",),
    "cases:offer-version": ("vendor#findings",),
    "cases:runs": ("evaluator#runs", "lead#plan", "reviewer#read"),
    "runs:run": ("vendor#self-test", "evaluator#runs", "lead#plan", "reviewer#read"),
    "cases:sheet": ("evaluator#score", "lead#settle"),
    "cases:sheet-part": ("evaluator#score", "lead#settle"),
    "cases:client": ("vendor#findings",),
    "cases:settle": ("lead#settle", "evaluator#score"),
    "cases:settle-criterion": ("lead#settle",),
    "cases:level": ("lead#settle", "evaluator#score", "reviewer#read"),
    "cases:findings": ("lead#findings", "evaluator#findings"),
    "cases:finding-write": ("lead#findings", "evaluator#findings"),
    "cases:report": ("lead#hand-over", "evaluator#findings", "reviewer#read"),
    "cases:review": ("reviewer#review",),
    "cases:decide": ("reviewer#decide",),
    "accounts:account": ("visitor#account",),
    "accounts:sign-ins": ("visitor#account",),
    "accounts:interests": ("evaluator#statement", "reviewer#statement", "lead#assign"),
    "privacy:holds": ("administrator#people",),
    "privacy:own": ("visitor#account",),
    "privacy:notice": ("visitor#account",),
    "privacy:own-erase": ("visitor#account",),
    "privacy:person-erase": ("administrator#people",),
    "mfa_index": ("visitor#account",),
    "organisations:list": ("administrator#people",),
    "organisations:create": ("administrator#people",),
    "organisations:organisation": ("administrator#people", "vendor#begin"),
    "organisations:invite": ("administrator#people", "vendor#begin"),
    "organisations:invitations": ("administrator#people",),
    "people:list": ("administrator#people",),
    "people:person": ("administrator#people",),
    "operations:overview": ("administrator#health",),
    "operations:work": ("administrator#faults",),
    "operations:storage": ("administrator#health",),
    "operations:keys": ("administrator#keys",),
    "operations:audit": ("administrator#ledger",),
    "notifications:inbox": ("visitor#account",),
    "notifications:preferences": ("visitor#account",),
}


def part_for(request: HttpRequest) -> tuple[Guide, Section] | None:
    """The part that explains the page that was asked for; nothing where no guide speaks of it."""
    match = request.resolver_match
    for part in PARTS.get(match.view_name, ()) if match else ():
        code, _mark, anchor = part.partition("#")
        guide = BY_CODE[code]
        if not guide.role or has_role(request.user, guide.role):
            return guide, guide.section(anchor)
    return None
