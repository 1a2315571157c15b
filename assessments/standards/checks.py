"""What a schema cannot say: contradictions inside a standard, inside a scheme, and between the two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from jsonschema import Draft202012Validator

from evaluations.methods.declared import Declaration
from evaluations.methods.frame import Text

from .applicability import conditions
from .documents import Document, Place, Problem

SCORE_KEYS = ("score", "gate_below", "criterion_below", "criteria_at_least")
PREDICATE_FORMS = ({"fact", "is"}, {"fact", "in"}, {"all"}, {"any"}, {"not"})


def standard(document: Document, methods: Mapping[str, Declaration]) -> Iterator[Problem]:
    """Codes unique and in their characteristic, kinds with or without methods, methods declared, predicates sound."""
    content = document.content
    facts = {fact["name"]: fact["values"] for fact in content["facts"]}
    yield from _unique(document, "facts", "name")
    for index, fact in enumerate(content["facts"]):
        shown = set(fact.get("titles", {}))
        untitled = [str(value) for value in fact["values"] if not isinstance(value, bool) and str(value) not in shown]
        if untitled:
            yield document.problem(
                ("facts", index, "titles"),
                Text(f"no title for {', '.join(untitled)}", f"缺少取值的名称：{'、'.join(untitled)}"),
            )
    yield from _unique(document, "characteristics", "code")
    yield from _unique(document, "criteria", "code")
    known = {item["code"] for item in content["characteristics"]}
    for index, criterion in enumerate(content["criteria"]):
        place: Place = ("criteria", index)
        characteristic = criterion["code"].rpartition("-")[0]
        if characteristic not in known:
            yield document.problem(
                (*place, "code"),
                Text(f"there is no characteristic {characteristic}", f"不存在特征 {characteristic}"),
            )
        yield from _predicate(document, (*place, "applies_when"), criterion.get("applies_when", {}), facts)
        yield from _methods(document, place, criterion, methods, facts)
    used = {criterion["code"].rpartition("-")[0] for criterion in content["criteria"]}
    for index, item in enumerate(content["characteristics"]):
        if item["code"] not in used:
            yield document.problem(
                ("characteristics", index), Text(f"{item['code']} has no criterion", f"{item['code']} 没有评估项")
            )


def scheme(document: Document, methods: Mapping[str, Declaration]) -> Iterator[Problem]:
    """Thresholds of declared methods and in order, levels nested and reachable, tiers known."""
    content = document.content
    yield from _unique(document, "tiers", "code")
    yield from _unique(document, "levels", "code")
    yield from _scores(document)
    grades = content["nonconformities"]
    if grades["minor"]["criterion_below"] > grades["observation"]["criterion_below"]:
        yield document.problem(
            ("nonconformities", "minor"),
            Text("a minor nonconformity begins above an observation", "一般不符合的界限高于观察项"),
        )
    if content["weights"]["minimum"] > content["weights"]["maximum"]:
        yield document.problem(("weights",), Text("the minimum is above the maximum", "最小值大于最大值"))
    for method_id, rule in content["thresholds"].items():
        yield from _thresholds(document, ("thresholds", method_id), method_id, rule, methods)
    tiers = {tier["code"] for tier in content["tiers"]}
    yield from _levels(document, content["levels"], tiers)


def scheme_against_standard(document: Document, content: Mapping[str, Any]) -> Iterator[Problem]:
    """What the scheme says of criteria, characteristics, facts and weights exists in its standard."""
    scheme_content = document.content
    criteria = {criterion["code"]: criterion for criterion in content["criteria"]}
    characteristics = {item["code"] for item in content["characteristics"]}
    yield from _names_exist(document, scheme_content, set(criteria), characteristics)
    yield from _tier_facts(document, scheme_content, content)
    weights = scheme_content["weights"]
    for criterion in content["criteria"]:
        lowest = weights["gates"] if criterion["gate"] != "none" else weights["minimum"]
        if not lowest <= criterion["weight"] <= weights["maximum"]:
            yield document.problem(
                ("weights",),
                Text(
                    f"{criterion['code']} weighs {criterion['weight']}; {lowest} to {weights['maximum']} is allowed",
                    f"{criterion['code']} 的权重为 {criterion['weight']}，允许范围为 {lowest} 至 {weights['maximum']}",
                ),
            )
    named = {method["id"] for criterion in content["criteria"] for method in criterion.get("methods", ())}
    for method_id in scheme_content["thresholds"]:
        if method_id not in named:
            yield document.problem(
                ("thresholds", method_id),
                Text(f"no criterion is tested by {method_id}", f"没有评估项采用 {method_id}"),
            )
    gates = {criterion["gate"] for criterion in content["criteria"]}
    for index, level in enumerate(scheme_content["levels"]):
        for position, rule in enumerate(level["gates"]):
            if rule["gate"] not in gates:
                yield document.problem(
                    ("levels", index, "gates", position),
                    Text(f"the standard has no gate {rule['gate']}", f"标准中没有 {rule['gate']} 否决项"),
                )


def _scores(document: Document) -> Iterator[Problem]:
    """Scores are tenths: a second decimal would be lost without a word."""
    for place in document.lines:
        key = place[-1] if place else ""
        holds_score = key in SCORE_KEYS or (key == "at_most" and "when" not in place)
        if key == "at_least" and "gates" in place:
            holds_score = True
        value: Any = document.content
        for part in place if holds_score else ():
            value = value[part]
        if holds_score and isinstance(value, int | float) and abs(value * 10 - round(value * 10)) > 1e-9:
            yield document.problem(
                place, Text(f"a score has one decimal, not {value}", f"分值只保留一位小数，而不是 {value}")
            )


def _unique(document: Document, section: str, key: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, item in enumerate(document.content[section]):
        if item[key] in seen:
            yield document.problem((section, index, key), Text(f"{item[key]} stands twice", f"{item[key]} 重复"))
        seen.add(item[key])


def _predicate(
    document: Document, place: Place, predicate: Mapping[str, Any], facts: Mapping[str, Sequence[Any]]
) -> Iterator[Problem]:
    if not predicate:
        return
    if not _well_formed(predicate):
        yield document.problem(
            place,
            Text("a predicate is fact with is or in, or all, any, not", "谓词须为 fact 加 is 或 in，或 all、any、not"),
        )
        return
    for fact, values in conditions(predicate):
        if fact not in facts:
            yield document.problem(
                place, Text(f"{fact} is not a fact of the profile", f"{fact} 不是系统概况中的事实项")
            )
            continue
        unknown = [value for value in values if not any(type(v) is type(value) and v == value for v in facts[fact])]
        for value in unknown:
            yield document.problem(place, Text(f"{fact} never has the value {value!r}", f"{fact} 不会取值 {value!r}"))


def _well_formed(predicate: Mapping[str, Any]) -> bool:
    if set(predicate) not in PREDICATE_FORMS:
        return False
    inner = [*predicate.get("all", ()), *predicate.get("any", ())]
    if "not" in predicate:
        inner.append(predicate["not"])
    return all(_well_formed(part) for part in inner)


def _methods(
    document: Document,
    place: Place,
    criterion: Mapping[str, Any],
    methods: Mapping[str, Declaration],
    facts: Mapping[str, Sequence[Any]],
) -> Iterator[Problem]:
    named = criterion.get("methods", [])
    certain = [method for method in named if not method.get("when")]
    if criterion["kind"] == "E" and certain:
        yield document.problem(
            (*place, "methods"),
            Text("an examined criterion names a method only with “when”", "审查类评估项只能以“when”条件引用测试方法"),
        )
    if criterion["kind"] != "E" and not named:
        yield document.problem(
            (*place, "kind"), Text("a tested criterion names a method", "测试类评估项须指明测试方法")
        )
    for index, method in enumerate(named):
        where = (*place, "methods", index)
        yield from _predicate(document, (*where, "when"), method.get("when", {}), facts)
        declaration = methods.get(method["id"])
        if declaration is None or declaration.tool:
            yield document.problem(
                (*where, "id"),
                Text(f"{method['id']} is not a declared test method", f"{method['id']} 不是已声明的测试方法"),
            )
        elif "parameters" in method:
            yield from _parameters(document, (*where, "parameters"), method["parameters"], declaration)


def _parameters(
    document: Document, place: Place, parameters: Mapping[str, Any], declaration: Declaration
) -> Iterator[Problem]:
    for error in Draft202012Validator(declaration.parameters).iter_errors(parameters):
        yield document.problem(
            (*place, *error.absolute_path),
            Text(
                f"not a parameter that {declaration.id} takes: {error.message}",
                f"不是 {declaration.id} 接受的参数：{error.message}",
            ),
        )


def _thresholds(
    document: Document, place: Place, method_id: str, rule: Mapping[str, Any], methods: Mapping[str, Declaration]
) -> Iterator[Problem]:
    if method_id not in methods or methods[method_id].tool:
        yield document.problem(
            place, Text(f"{method_id} is not a declared test method", f"{method_id} 不是已声明的测试方法")
        )
    for index, table in enumerate(rule.get("tables", ())):
        steps = [right - left for left, right in pairwise(table["points"])]
        if not (all(step > 0 for step in steps) or all(step < 0 for step in steps)):
            yield document.problem(
                (*place, "tables", index, "points"),
                Text("thresholds must rise strictly or fall strictly", "阈值须严格递增或严格递减"),
            )
    if "tables" in rule and all(table.get("optional", False) for table in rule["tables"]):
        yield document.problem((*place, "tables"), Text("one table must be required", "至少须有一个必需的阈值表"))
    yield from _steps(document, (*place, "steps"), rule.get("steps", ()))


def _steps(document: Document, place: Place, steps: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    for index, (better, worse) in enumerate(pairwise(steps)):
        if better["score"] <= worse["score"]:
            yield document.problem(
                (*place, index + 1, "score"), Text("scores must fall from step to step", "各档得分须逐档递减")
            )
        if not better["when"]:
            yield document.problem(
                (*place, index, "when"), Text("only the last step may hold always", "只有最后一档可以无条件成立")
            )
    if steps and steps[-1]["when"]:
        yield document.problem(
            (*place, len(steps) - 1, "when"), Text("the last step must hold always", "最后一档必须无条件成立")
        )


def _levels(document: Document, levels: Sequence[Mapping[str, Any]], tiers: set[str]) -> Iterator[Problem]:
    for index, level in enumerate(levels):
        for position, rule in enumerate(level["gates"]):
            for tier in sorted(set(rule.get("tiers", ())) - tiers):
                yield document.problem(
                    ("levels", index, "gates", position, "tiers"),
                    Text(f"there is no tier {tier}", f"不存在风险等级 {tier}"),
                )
    for index, (lower, higher) in enumerate(pairwise(levels), start=1):
        for key, text in _not_nested(lower, higher, tiers):
            yield document.problem(("levels", index, key), text)


def _not_nested(lower: Mapping[str, Any], higher: Mapping[str, Any], tiers: set[str]) -> Iterator[tuple[str, Text]]:
    """Where a level asks for less than the level below it."""

    def less(what_en: str, what_zh: str) -> Text:
        return Text(f"asks for less than {lower['code']}: {what_en}", f"要求低于 {lower['code']}：{what_zh}")

    for gate in ("M", "M+"):
        if any(_gate_minimum(higher, gate, tier) < _gate_minimum(lower, gate, tier) for tier in tiers):
            yield "gates", less(f"gates {gate}", f"{gate} 否决项")
    below, above = lower["characteristics"], higher["characteristics"]
    names = sorted({*below.get("named", {}), *above.get("named", {})})
    pairs = [(below["each"], above["each"])] + [
        (below.get("named", {}).get(name, below["each"]), above.get("named", {}).get(name, above["each"]))
        for name in names
    ]
    if any(high < low for low, high in pairs) or not set(below["rated"]) <= set(above["rated"]):
        yield "characteristics", less("characteristics", "特征")
    if higher.get("criteria_at_least", 0) < lower.get("criteria_at_least", 0):
        yield "criteria_at_least", less("criteria", "评估项")
    if not set(higher["open_allowed"]) <= set(lower["open_allowed"]):
        yield "open_allowed", less("nonconformities", "不符合项")
    if higher["not_demonstrated_allowed"] and not lower["not_demonstrated_allowed"]:
        yield "not_demonstrated_allowed", less("not demonstrated", "未能证实")


def _gate_minimum(level: Mapping[str, Any], gate: str, tier: str) -> float:
    bound = [rule["at_least"] for rule in level["gates"] if rule["gate"] == gate and tier in rule.get("tiers", [tier])]
    return max(bound, default=-1)


def _names_exist(
    document: Document, content: Mapping[str, Any], criteria: set[str], characteristics: set[str]
) -> Iterator[Problem]:
    for index, code in enumerate(content["surveillance"]["criteria"]):
        if code not in criteria:
            yield document.problem(
                ("surveillance", "criteria", index), Text(f"there is no criterion {code}", f"不存在评估项 {code}")
            )
    for index, level in enumerate(content["levels"]):
        rule = level["characteristics"]
        for code in sorted({*rule["rated"], *rule.get("named", {})} - characteristics):
            yield document.problem(
                ("levels", index, "characteristics"), Text(f"there is no characteristic {code}", f"不存在特征 {code}")
            )


def _tier_facts(document: Document, scheme_content: Mapping[str, Any], content: Mapping[str, Any]) -> Iterator[Problem]:
    facts = {fact["name"]: fact["values"] for fact in content["facts"]}
    for index, tier in enumerate(scheme_content["tiers"]):
        for fact, values in tier.get("facts_refused", {}).items():
            if fact not in facts or any(value not in facts[fact] for value in values):
                yield document.problem(
                    ("tiers", index, "facts_refused", fact),
                    Text(
                        f"not a fact of the profile, or not its value: {fact}",
                        f"不是系统概况中的事实项或其取值：{fact}",
                    ),
                )
