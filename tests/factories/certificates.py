"""A certificate's data as it is frozen at issue, without the evaluation that would lead to it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, cast

from portal.certificates.snapshot import FORMAT, Snapshot

CHARACTERISTICS = {"RC": 812, "TE": 846, "DP": 778, "CR": 930, "DI": None, "GM": 815}
TITLES = {
    "RC": ("Reliability and controllability", "可靠可控"),
    "TE": ("Transparency and explainability", "透明可释"),
    "DP": ("Data protection", "数据保护"),
    "CR": ("Clear responsibility", "明确责任"),
    "DI": ("Diversity and inclusiveness", "多元包容"),
    "GM": ("Trustworthy management", "可信管理"),
}


def snapshot(**changes: Any) -> Snapshot:
    """A complete snapshot; `changes` replace its entries."""
    data: dict[str, Any] = {
        "format": FORMAT,
        "number": "TAI-2026-000123-6",
        "body": {
            "name": pair("Meridian Evaluation Body", "子午评估中心"),
            "address": pair("1 Meridian Road", "子午路1号"),
        },
        "holder": {"name": pair("Aurora Vision Ltd", "极光视觉有限公司"), "address": pair("", "")},
        "system": {"name": pair("Digit reader", "手写数字识别系统"), "version": "1.2.0", "digest": "9f" * 32},
        "standard": {
            "code": "TAI",
            "edition": "0.9",
            "pilot": True,
            "title": pair("Trustworthy AI evaluation specification", "可信人工智能评估规范"),
        },
        "scheme": {"code": "TAI", "edition": "1", "attestation": "evaluation"},
        "tier": "limited",
        "level": "enhanced",
        "level_name": pair("Enhanced (limited risk)", "增强级（有限风险）"),
        "scope": {
            "intended_use": pair("Reading single handwritten digits on forms.", "识别表单上的单个手写数字。"),
            "environment": pair("On-premises server.", "本地服务器。"),
            "population": pair("Adults who write Arabic numerals.", "书写阿拉伯数字的成年人。"),
            "languages": pair("English", ""),
            "not_applicable": ["DP-5", "DP-6"],
            "not_demonstrated": [],
            "data_supplied_by_vendor": ["test"],
        },
        "conditions": [pair("Minor nonconformity DI-15: plan accepted.", "一般不符合 DI-15：整改计划已接受。")],
        "report": "C-2026-0007",
        "dates": {
            "decided": "2026-11-22",
            "granted": "2026-11-24",
            "valid_until": "2028-11-23",
            "surveillance_due": "2027-11-23",
        },
        "approver": pair("Rita", ""),
        "characteristics": [
            {
                "code": code,
                "title": pair(*TITLES[code]),
                "beside": code == "GM",
                "tenths": tenths,
                "coverage": coverage(),
            }
            for code, tenths in CHARACTERISTICS.items()
        ],
        "criteria": [criterion(code, number) for code in CHARACTERISTICS for number in (1, 2, 3)],
        "explanation": [pair("Every applicable gate M is at 3.0 or higher.", "各适用必备项均不低于 3.0。")],
        "registry_url": "http://localhost:8000/certificates/TAI-2026-000123-6/",
        "development": True,
    }
    return cast("Snapshot", deepcopy({**data, **changes}))


def pair(en: str, zh: str) -> dict[str, str]:
    return {"en": en, "zh": zh}


def coverage() -> dict[str, int]:
    return {"assessed": 3, "examined": 1, "not_applicable": 0, "not_demonstrated": 0}


def criterion(characteristic: str, number: int) -> dict[str, Any]:
    return {
        "code": f"{characteristic}-{number}",
        "characteristic": characteristic,
        "title": pair(f"Requirement {number} of {characteristic}", f"{characteristic} 评估项 {number}"),
        "kind": "E",
        "gate": "M" if number == 1 else "none",
        "weight": 3 if number == 1 else 2,
        "state": "scored",
        "origin": "examination",
        "tenths": 40,
    }
