"""What a level needs, checked one by one; each finding is a line that a reader can follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evaluations.methods.frame import Text

from .outcome import CharacteristicScore, Nonconformity, Requirement, Standing
from .scheme import GateRule, LevelRule

GRADES = {
    "major": Text("major nonconformity", "严重不符合"),
    "minor": Text("minor nonconformity", "一般不符合"),
    "observation": Text("observation", "观察项"),
}


def check_level(
    rule: LevelRule,
    standings: Sequence[Standing],
    characteristics: Mapping[str, CharacteristicScore],
    nonconformities: Sequence[Nonconformity],
    tier: str,
) -> list[Requirement]:
    """Everything that one level needs of the applicable criteria; a level is reached when all of it holds."""
    return [
        *_nothing_open(rule, standings),
        *(line for gate in rule.gates for line in _gates(rule, gate, standings, tier)),
        *_characteristics(rule, characteristics),
        *_criteria(rule, standings),
        *_demonstrated(rule, standings),
        *_nonconformities(rule, nonconformities),
    ]


def points(tenths: int) -> str:
    """Integer tenths as a figure with one decimal."""
    return f"{tenths // 10}.{tenths % 10}"


def _each_or_all(rule: LevelRule, kind: str, failed: list[tuple[str, Text]], holds: Text) -> list[Requirement]:
    if failed:
        return [Requirement(rule.code, kind, False, text, subject) for subject, text in failed]
    return [Requirement(rule.code, kind, True, holds)]


def _nothing_open(rule: LevelRule, standings: Sequence[Standing]) -> list[Requirement]:
    failed = [
        (s.rule.code, Text(f"{s.rule.code} has not been assessed yet", f"{s.rule.code} 尚未评估"))
        for s in standings
        if s.state == "not_assessed"
    ]
    return _each_or_all(
        rule, "assessed", failed, Text("every applicable criterion has been assessed", "所有适用评估项均已评估")
    )


def _gates(rule: LevelRule, gate: GateRule, standings: Sequence[Standing], tier: str) -> list[Requirement]:
    bound = [s for s in standings if gate.binds(s.rule.gate, tier)]
    failed = [(s.rule.code, _gate_line(s, gate)) for s in bound if not s.passes(gate.at_least)]
    if not bound:
        return []
    needed = points(gate.at_least)
    return _each_or_all(
        rule,
        "gate",
        failed,
        Text(
            f"all {len(bound)} applicable gates {gate.gate} reach {needed}",
            f"适用的 {len(bound)} 个 {gate.gate} 否决项均达到 {needed} 分",
        ),
    )


def _gate_line(standing: Standing, gate: GateRule) -> Text:
    name = f"{standing.rule.code} ({gate.gate})"
    name_zh = f"{standing.rule.code}（{gate.gate}）"
    needed = points(gate.at_least)
    if standing.state == "not_assessed":
        return Text(f"gate {name} has not been assessed yet", f"否决项 {name_zh}尚未评估")
    if standing.state == "not_demonstrated":
        return Text(f"gate {name} was not demonstrated", f"否决项 {name_zh}未能证实")
    if standing.origin == "examined":
        return Text(
            f"gate {name} was examined without an automated method, which passes no gate",
            f"否决项 {name_zh}经审查而无自动化测试方法，不能通过否决项",
        )
    score = points(standing.tenths or 0)
    return Text(f"gate {name} scores {score}, {needed} needed", f"否决项 {name_zh}得 {score} 分，须达到 {needed} 分")


def _characteristics(rule: LevelRule, scores: Mapping[str, CharacteristicScore]) -> list[Requirement]:
    found = []
    for code in dict.fromkeys([*scores, *rule.rated, *rule.named]):
        score = scores.get(code)
        threshold = rule.named.get(code, rule.each)
        if score is None or not score.rated:
            if code in rule.rated or code in rule.named:
                text = Text(f"{code} is not rated, but must be", f"{code} 未评级，而该等级要求评级")
                found.append(Requirement(rule.code, "rated", False, text, code))
            continue
        met = score.reaches(threshold)
        shown = points(score.tenths) if score.tenths is not None else "–"
        sign = "≥" if met else "<"
        text = Text(f"{code} {shown} {sign} {threshold}", f"{code} {shown} {sign} {threshold}")
        found.append(Requirement(rule.code, "characteristic", met, text, code))
    return found


def _criteria(rule: LevelRule, standings: Sequence[Standing]) -> list[Requirement]:
    if not rule.criteria_at_least:
        return []
    needed = points(rule.criteria_at_least)
    failed = [
        (
            s.rule.code,
            Text(
                f"{s.rule.code} scores {points(s.tenths)}, every criterion needs {needed}",
                f"{s.rule.code} 得 {points(s.tenths)} 分，每个评估项须达到 {needed} 分",
            ),
        )
        for s in standings
        if s.tenths is not None and s.tenths < rule.criteria_at_least
    ]
    return _each_or_all(
        rule,
        "criterion",
        failed,
        Text(f"every applicable criterion reaches {needed}", f"每个适用评估项均达到 {needed} 分"),
    )


def _demonstrated(rule: LevelRule, standings: Sequence[Standing]) -> list[Requirement]:
    if rule.not_demonstrated_allowed:
        return []
    failed = [
        (s.rule.code, Text(f"{s.rule.code} was not demonstrated", f"{s.rule.code} 未能证实"))
        for s in standings
        if s.state == "not_demonstrated"
    ]
    return _each_or_all(rule, "demonstrated", failed, Text("nothing was left undemonstrated", "无未能证实的评估项"))


def _nonconformities(rule: LevelRule, nonconformities: Sequence[Nonconformity]) -> list[Requirement]:
    failed = [
        (
            item.criterion,
            Text(
                f"open {GRADES[item.grade].en}: {item.criterion}", f"未关闭的{GRADES[item.grade].zh}：{item.criterion}"
            ),
        )
        for item in nonconformities
        if item.grade not in rule.open_allowed
    ]
    refused = [grade for grade in GRADES if grade not in rule.open_allowed]
    names_en = " or ".join(GRADES[grade].en for grade in refused)
    names_zh = "或".join(GRADES[grade].zh for grade in refused)
    return _each_or_all(rule, "nonconformity", failed, Text(f"no open {names_en}", f"无未关闭的{names_zh}"))
