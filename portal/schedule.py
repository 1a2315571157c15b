"""When each sweeper is woken: seconds between two sweeps, and after how many an unheard call is over."""

from __future__ import annotations

from typing import Any

# A sweep is over soon, so that none pile up while no worker is there; but not so soon that it arrives too late when a
# clock is some seconds wrong.
SOON_OVER = {"expires": 15}
SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-runs": {"task": "evaluations.runs.tasks.sweep", "schedule": 1.0, "options": SOON_OVER},
    "sweep-store": {"task": "assessments.systems.tasks.sweep_store", "schedule": 3600.0, "options": {"expires": 3600}},
    "check-store": {"task": "assessments.systems.tasks.check_store", "schedule": 600.0, "options": {"expires": 600}},
    "sweep-cases": {"task": "evaluations.cases.tasks.sweep", "schedule": 5.0, "options": SOON_OVER},
    "sweep-certificates": {"task": "portal.certificates.tasks.sweep", "schedule": 5.0, "options": SOON_OVER},
    "sweep-registry": {"task": "portal.registry.tasks.sweep", "schedule": 10.0},
    "sweep-notifications": {"task": "portal.notifications.tasks.sweep", "schedule": 5.0, "options": SOON_OVER},
    "retention": {"task": "portal.privacy.tasks.retain", "schedule": 86400.0, "options": {"expires": 86400}},
    "sweep-verifications": {"task": "portal.verification.tasks.sweep", "schedule": 30.0},
    "sweep-operations": {"task": "portal.operations.tasks.sweep", "schedule": 10.0, "options": SOON_OVER},
}
