"""The five tones of a state: each has a colour and a shape, and every state's word belongs to exactly one tone."""

from __future__ import annotations

from typing import Literal

Tone = Literal["passed", "attention", "failed", "quiet", "running"]

SHAPES: dict[str, str] = {
    "passed": "check",
    "attention": "pause",
    "failed": "cross",
    "quiet": "minus",
    "running": "dots",
}

TONES: dict[str, Tone] = {
    # an application
    "draft": "quiet",
    "submitted": "running",
    "returned": "attention",
    "declined": "failed",
    "admitted": "running",
    "agreed": "running",
    "concluded": "quiet",
    # a case: progress, determination, decision
    "planning": "running",
    "plan_approved": "running",
    "evaluating": "running",
    "in_review": "running",
    "rework": "attention",
    "recommended": "running",
    "decided": "quiet",
    "closed": "quiet",
    "granted": "passed",
    "refused": "failed",
    "none": "failed",
    "basic": "passed",
    "enhanced": "passed",
    "excellent": "passed",
    # a certificate
    "preparing": "running",
    "in_force": "passed",
    "suspended": "attention",
    "withdrawn": "failed",
    "cancelled": "quiet",
    "expired": "quiet",
    # a run
    "queued": "quiet",
    "running": "running",
    "finished": "passed",
    "failed": "failed",
    "superseded": "quiet",
    # a criterion and a conclusion
    "scored": "passed",
    "passed": "passed",
    "pass": "passed",
    "conditional_pass": "attention",
    "conditional_fail": "attention",
    "fail": "failed",
    "not_applicable": "quiet",
    "not_demonstrated": "failed",
    "not_assessed": "quiet",
    # a finding
    "major": "failed",
    "minor": "attention",
    "observation": "running",
    "open": "attention",
    "answered": "running",
    # an edition of a standard
    "published": "passed",
    "pilot": "attention",
    "consultation": "running",
    # an uploaded file
    "awaiting": "running",
    "accepted": "passed",
    # what a verification found
    "genuine": "passed",
    "altered": "failed",
    "forged": "failed",
    "unknown": "attention",
    "not_ours": "quiet",
}


def tone_of(state: str) -> Tone:
    """The tone of a state's code; a state not listed is quiet, so that no colour is claimed by accident."""
    return TONES.get(state.replace("-", "_"), "quiet")
