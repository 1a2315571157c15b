"""Undeclared personal data: rules with check digits over every column that is not declared as personal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import scipy

from evaluations.methods.frame import Context, Metric, Needs, Parameter, Result, Table, Text, ValidationRecord
from evaluations.methods.identifiers import NAME_HEADING, RULES, Rule, looks_like_name, masked
from evaluations.methods.meanings_privacy import PERSONAL_DATA

if TYPE_CHECKING:
    from evaluations.readers.dataset import Dataset

SHORTEST = 7  # characters: no rule can hold on fewer
SMALLEST_NUMBER = 10 ** (SHORTEST - 1)
LOOK_ALIKES = 20  # from this many on, passing the check digit by chance is tested
CHANCE_LEVEL = 0.01
NAME_SHARE = 0.6
NAME_TITLE = Text("name of a person", "人名")
SHOWN = 200


@dataclass
class Scan:
    """What one column gave: rows by rule, look-alikes put down to chance, and why it was skipped, if it was."""

    rows: dict[int, tuple[Text, str]] = field(default_factory=dict)  # row -> (kind, masked shape)
    by_chance: list[tuple[Text, int, int]] = field(default_factory=list)  # (kind, look-alikes, passing)
    skipped: Text | None = None


def holds_identifiers(values: npt.NDArray[Any]) -> bool:
    """False for numbers that all have fewer than seven digits or a fraction: no rule could hold on them."""
    if values.dtype.kind not in "fiub":
        return True
    numbers = np.nan_to_num(values.astype(float), nan=0.0, posinf=0.0, neginf=0.0)
    return bool(np.any((np.abs(numbers) >= SMALLEST_NUMBER) & (numbers == np.floor(numbers))))


def scan_column(heading: str, texts: npt.NDArray[Any] | None) -> Scan:
    """Apply every rule to one column of text (None: numbers that can hold nothing). Equal cells are read once."""
    if texts is None:
        reason = Text("numbers of fewer than seven digits or with fractions", "数值少于七位数字或带小数")
        return Scan(skipped=reason)
    scan = Scan()
    distinct, inverse, counts = np.unique(texts.astype(str), return_inverse=True, return_counts=True)
    found: dict[int, tuple[Text, str]] = {}
    for rule in RULES:
        if rule.header is not None and not rule.header.search(heading):
            continue
        passed, look_alikes = _apply(rule, distinct)
        passing = int(sum(counts[index] for index in passed))
        total = int(sum(counts[index] for index in look_alikes))
        if passing and _by_chance(rule, passing, total):
            scan.by_chance.append((rule.title, total, passing))
            continue
        for index, value in passed.items():
            found.setdefault(index, (rule.title, masked(value)))
    for index in _names(heading, distinct, counts):
        found.setdefault(index, (NAME_TITLE, masked(str(distinct[index]))))
    if found:
        scan.rows = {int(row): found[index] for row, index in enumerate(inverse) if index in found}
    return scan


def _apply(rule: Rule, distinct: npt.NDArray[np.str_]) -> tuple[dict[int, str], set[int]]:
    passed: dict[int, str] = {}
    look_alikes: set[int] = set()
    for index, text in enumerate(distinct):
        if len(text) < SHORTEST:
            continue
        for value, valid in rule.findings(str(text)):
            look_alikes.add(index)
            if valid:
                passed.setdefault(index, value)
    return passed, look_alikes


def _by_chance(rule: Rule, passing: int, look_alikes: int) -> bool:
    """Whether so many passes are what a column of unrelated numbers would give (one-sided binomial test)."""
    if rule.chance >= 1 or look_alikes < LOOK_ALIKES:
        return False
    return bool(scipy.stats.binom.sf(passing - 1, look_alikes, rule.chance) > CHANCE_LEVEL)


def _names(heading: str, distinct: npt.NDArray[np.str_], counts: npt.NDArray[np.intp]) -> list[int]:
    """The cells of a column that is headed as a name and whose cells mostly look like one."""
    if not NAME_HEADING.fullmatch(heading.strip()):
        return []
    filled = [index for index, text in enumerate(distinct) if text.strip()]
    named = [index for index in filled if looks_like_name(str(distinct[index]))]
    if not filled or counts[named].sum() < NAME_SHARE * counts[filled].sum():
        return []
    return named


class PersonalData:
    """Personal data that the vendor did not declare."""

    id = "privacy.pii"
    version = "1.0.0"
    title = Text("Undeclared personal information", "未声明的个人信息")
    description = Text(
        "Searches every column that is not declared as personal for e-mail addresses, phone, identity, passport, "
        "bank and card numbers, public IP addresses and names, and verifies check digits. Each finding is given by "
        "file, column and row; its value never leaves the data.",
        "在所有未申报为个人信息的列中查找电子邮件地址、电话、身份证件、护照、银行账号和卡号、公网 IP 地址以及姓名，"
        "并验证校验位。每项发现只给出文件、列和行，数值本身不离开数据。",
    )
    characteristic = "DP"
    needs = Needs()
    parameters = (
        Parameter(
            "sample",
            "integer",
            100,
            Text("Records to read by hand", "人工抽查的记录数"),
            Text(
                "How many records are proposed for the manual sample that the evaluator records.",
                "为评估员的人工抽查推荐的记录数量。",
            ),
            100,
            1000,
        ),
        Parameter(
            "sample_read",
            "boolean",
            False,
            Text("The manual sample has been read", "人工抽查已完成"),
            Text(
                "Set when a person has read the proposed sample and recorded what was found.",
                "评估员已阅读推荐样本并记录结果时选择。",
            ),
        ),
    )
    meanings = PERSONAL_DATA
    validation = ValidationRecord(
        reference=Text(
            "Published examples of each check digit (GB 11643, ISO 7812, ISO 13616, ICAO 9303); hand-made tables.",
            "各类校验位的公开示例（GB 11643、ISO 7812、ISO 13616、ICAO 9303）以及手工制作的表格。",
        ),
        positive_check=Text(
            "One identifier of each of ten kinds planted in free text among 300 rows, passport numbers and names "
            "under their headings: all found at their row.",
            "在 300 行自由文本中植入十类标识各一个，并在相应标题的列中植入护照号和姓名：全部在所在行被发现。",
        ),
        negative_check=Text(
            "Pixels, measurements, dates, versions, times, 10,000 random 16-digit order numbers and wrong check "
            "digits: no finding.",
            "像素、测量值、日期、版本号、时间、10,000 个随机的 16 位订单号以及错误的校验位：没有任何发现。",
        ),
        limits=Text(
            "Names and health or other sensitive facts inside free text, faces in images and voices in audio are not "
            "found; the manual sample is for them.",
            "自由文本中的姓名、健康等敏感事实，图像中的人脸和音频中的声音无法发现，应由人工抽查。",
        ),
        figures={"kinds_planted": 12, "kinds_found": 12, "false_findings_in_10000_order_numbers": 0},
    )

    def cost(self, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> float:
        """About ten microseconds a cell of text; pixels are skipped."""
        return float(1 + 2e-4 * sum(facts.get("rows", {}).values()))

    def run(self, context: Context) -> Result:
        datasets = list(_datasets(context))
        records = sum(dataset.n for _, dataset in datasets)
        if not records:
            return Result(undefined=[Text("The bundle holds no data.", "包中没有数据。")])
        scans: list[tuple[str, str, Scan]] = []
        for place, (_, dataset) in enumerate(datasets):
            context.progress(place / len(datasets), str(dataset.spec["file"]))
            declared = set(dataset.spec.get("personal", []))
            scans += [
                (str(dataset.spec["file"]), column, scan_column(column, _cells(dataset, column)))
                for column in dataset.columns
                if column not in declared
            ]
        context.progress(1.0, "")
        findings = sum(len(scan.rows) for _, _, scan in scans)
        return Result(
            metrics=[Metric("undeclared_findings_per_1000", 1000 * findings / records, records, "lower", "‰")],
            flags={"manual_sample_missing": not context.parameters["sample_read"]},
            tables=[_where(scans), _columns(scans)],
            samples=_manual_sample(context, datasets),
            notes=_notes(findings, scans),
        )


def _datasets(context: Context) -> Iterator[tuple[str, Dataset]]:
    """Each data set of the bundle once, with its role."""
    seen = set()
    for entry in context.bundle.manifest.get("data", []):
        if entry["file"] in seen:
            continue
        seen.add(entry["file"])
        dataset = context.bundle.data(entry["role"])
        if dataset is not None:
            yield entry["role"], dataset


def _cells(dataset: Dataset, column: str) -> npt.NDArray[Any] | None:
    """The cells exactly as written, as numbers would lose digits of long identifiers; None when none can hold one."""
    return dataset.text(column) if holds_identifiers(dataset.column(column)) else None


def _manual_sample(context: Context, datasets: list[tuple[str, Dataset]]) -> dict[str, list[int]]:
    """Row numbers for a person to read, drawn from the largest data set."""
    role, dataset = max(datasets, key=lambda pair: pair[1].n)
    size = min(int(context.parameters["sample"]), dataset.n)
    chosen = np.random.default_rng(context.seed).choice(dataset.n, size, replace=False)
    return {f"manual_sample_{role}": sorted(int(row) for row in chosen)}


def _where(scans: list[tuple[str, str, Scan]]) -> Table:
    rows = [
        (file, column, row, kind.en, kind.zh, shape)
        for file, column, scan in scans
        for row, (kind, shape) in sorted(scan.rows.items())
    ]
    return Table(
        "findings",
        Text(f"Findings by place (the first {SHOWN})", f"发现所在位置（前 {SHOWN} 项）"),
        (
            Text("File", "文件"),
            Text("Column", "列"),
            Text("Row (from 0)", "行（从 0 起）"),
            Text("Kind", "类别"),
            Text("Kind (Chinese)", "类别（中文）"),
            Text("Shape, masked", "形式（已遮盖）"),
        ),
        tuple(rows[:SHOWN]),
    )


def _columns(scans: list[tuple[str, str, Scan]]) -> Table:
    """One row for each column read; skipped columns of one file and reason are put together."""
    rows: list[tuple[str | int, ...]] = []
    skipped: dict[tuple[str, str, str], int] = {}
    for file, column, scan in scans:
        if scan.skipped is not None:
            key = (file, scan.skipped.en, scan.skipped.zh)
            skipped[key] = skipped.get(key, 0) + 1
            continue
        en = "; ".join(f"{passing} of {total} pass as {kind.en}: chance" for kind, total, passing in scan.by_chance)
        zh = "；".join(f"{total} 个中 {passing} 个符合{kind.zh}：属偶然" for kind, total, passing in scan.by_chance)
        rows.append((file, column, len(scan.rows), en or "read", zh or "已检查"))
    rows += [(file, f"({count})", 0, f"skipped: {en}", f"跳过：{zh}") for (file, en, zh), count in skipped.items()]
    return Table(
        "columns",
        Text("Columns", "各列情况"),
        (
            Text("File", "文件"),
            Text("Column (or number of columns)", "列（或列数）"),
            Text("Findings", "发现数"),
            Text("Remark", "说明"),
            Text("Remark (Chinese)", "说明（中文）"),
        ),
        tuple(rows[:SHOWN]),
    )


def _notes(findings: int, scans: list[tuple[str, str, Scan]]) -> list[Text]:
    notes = [
        Text(
            "A finding is a cell in which a rule holds. Confirm it in the data before it counts; the report never "
            "shows the value.",
            "一项发现是指某个单元格符合规则。计分前请在数据中核实；报告从不显示其数值。",
        ),
        Text(
            "No finding does not mean no personal data: read the proposed sample and record it.",
            "没有发现并不等于没有个人信息：请阅读推荐的样本并记录结果。",
        ),
    ]
    if any(scan.by_chance for _, _, scan in scans):
        notes.append(
            Text(
                "In some columns numbers pass a check digit no more often than unrelated numbers would; they are "
                "listed as chance and not counted.",
                "某些列中，数字通过校验位的比例并不高于无关数字，已列为偶然，不计入发现。",
            )
        )
    return notes
