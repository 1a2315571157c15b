"""The words of the printed certificate, in both languages.

The document is always bilingual, so these are pairs and not translations of the page's language. Whether it speaks of
*evaluation* or *certification* is the scheme's choice: in China 认证 needs the approval of the certification authority.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    en: str
    zh: str


@dataclass(frozen=True)
class Attestation:
    """The words that follow from the scheme's kind of attestation."""

    title: Pair
    verb: Pair
    seal: str


ATTESTATIONS = {
    "evaluation": Attestation(
        Pair("Certificate of Trustworthy AI Evaluation", "可信人工智能评估证书"),
        Pair("evaluated", "评估"),
        "评估专用章",
    ),
    "certification": Attestation(
        Pair("Certificate of Trustworthy AI Certification", "可信人工智能认证证书"),
        Pair("certified", "认证"),
        "认证专用章",
    ),
}

RADAR = {
    "RC": Pair("Reliability", "可靠可控"),
    "TE": Pair("Transparency", "透明可释"),
    "DP": Pair("Data protection", "数据保护"),
    "CR": Pair("Responsibility", "明确责任"),
    "DI": Pair("Diversity", "多元包容"),
}
STATES = {
    "scored": Pair("", ""),
    "not_applicable": Pair("not applicable", "不适用"),
    "not_demonstrated": Pair("not demonstrated", "未能证实"),
    "not_assessed": Pair("not assessed", "未评估"),
}
ORIGINS = {
    "test": Pair("test", "测试"),
    "examination": Pair("examination", "审查"),
    "both": Pair("test and examination", "测试与审查"),
    "profile": Pair("profile", "概况"),
    "examined": Pair("examined, no automated method", "审查，无自动方法"),
}
DATA_ROLES = {
    "test": Pair("test data", "测试数据"),
    "training": Pair("training sample", "训练样本"),
    "reference": Pair("reference population", "参照人群数据"),
    "deployment": Pair("deployment sample", "部署样本"),
    "nonmembers": Pair("non-member data", "非成员数据"),
    "predictions": Pair("predictions", "预测结果"),
}
SCOPE = (
    ("intended_use", Pair("Intended use", "预期用途")),
    ("environment", Pair("Environment", "运行环境")),
    ("population", Pair("Population served", "服务人群")),
    ("languages", Pair("Languages", "语言")),
)


def date_in_chinese(iso: str) -> str:
    year, month, day = (int(part) for part in iso.split("-"))
    return f"{year}年{month}月{day}日"


def score(tenths: int | None) -> str:
    """A score kept in integer tenths, as printed; a dash where there is none."""
    return "–" if tenths is None else f"{tenths // 10}.{tenths % 10}"
