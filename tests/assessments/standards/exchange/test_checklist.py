"""What a vendor takes away, what a bill of material refers to, and what differs between editions."""

from __future__ import annotations

import copy
import json
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

from assessments.standards.comparison import FieldChange, compare
from assessments.standards.exchange.checklist import write_markdown, write_workbook
from assessments.standards.exchange.cyclonedx import write_cyclonedx

from .conftest import MODIFIED


def test_markdown_has_a_box_for_each_criterion_and_each_evidence(small: dict[str, Any]) -> None:
    text = write_markdown(small, "en")
    assert text.count("\n- [ ] **") == 3
    assert "  - [ ] A report.\n" in text
    assert "- [ ] **RC-1 =1+1** (shall)" in text
    chinese = write_markdown(small, "zh")
    assert "- [ ] **GM-1 记录**（高风险时应，其他宜）" in chinese


def test_markdown_shows_texts_as_they_are(small: dict[str, Any]) -> None:
    small["criteria"][1]["statement"]["en"] = "<script>*x*</script>\n# no heading"
    assert "  \\<script\\>\\*x\\*\\</script\\> \\# no heading" in write_markdown(small, "en")


def test_workbook_has_a_row_for_each_criterion_and_room_for_answers(small: dict[str, Any]) -> None:
    sheet = load_workbook(BytesIO(write_workbook(small, "zh"))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["编号", "RC-1", "RC-2", "GM-1"]
    assert rows[1][4] == "一份报告。\n一份日志。"
    assert rows[1][5] is None
    assert rows[0][5].startswith("是否就绪")


def test_cyclonedx_names_every_criterion_with_its_parent_and_levels(
    small: dict[str, Any], scheme: dict[str, Any]
) -> None:
    bill = write_cyclonedx(small, MODIFIED, scheme, owner="A body")
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    (standard,) = bill["definitions"]["standards"]
    assert set(standard) <= {"bom-ref", "name", "version", "description", "owner", "requirements", "levels"}
    requirements = {item["bom-ref"]: item for item in standard["requirements"]}
    assert len(requirements) == 5 == len(standard["requirements"])
    one = requirements["SMALL-1.0:RC-1"]
    assert requirements[one["parent"]]["identifier"] == "RC"
    assert one["descriptions"] == ["Why.", "Look closely.", "A report.", "A log."]
    known = {"bom-ref", "identifier", "title", "text", "descriptions", "parent", "properties"}
    assert all(set(item) <= known for item in standard["requirements"])
    assert {"name": "trust-assessment-portal:weight", "value": "3"} in one["properties"]
    assert [level["identifier"] for level in standard["levels"]] == [level["code"] for level in scheme["levels"]]
    assert all(name in requirements for level in standard["levels"] for name in level["requirements"])
    assert json.loads(json.dumps(bill)) == bill


def test_comparison_names_criteria_and_fields(small: dict[str, Any]) -> None:
    later = copy.deepcopy(small)
    later["edition"] = "2.0"
    later["scope"]["en"] = "Nearly everything."
    later["criteria"][0]["weight"] = 2
    later["criteria"][0]["statement"]["zh"] = "改写。"
    del later["criteria"][0]["rationale"]
    gone = later["criteria"].pop(1)
    later["criteria"].append({**gone, "code": "GM-2"})
    found = compare(small, later)
    assert [item["code"] for item in found.added] == ["GM-2"]
    assert [item["code"] for item in found.removed] == ["GM-1"]
    assert found.unchanged == 1
    assert found.general == (FieldChange("scope.en", "Everything.", "Nearly everything."),)
    (changed,) = found.changed
    assert changed.code == "RC-1"
    assert [(field.path, field.before) for field in changed.fields] == [
        ("statement.zh", "+不是公式。"),
        ("rationale", {"en": "Why.", "zh": "理由。"}),
        ("weight", 3),
    ]
    assert changed.fields[1].after is None


def test_an_edition_does_not_differ_from_itself_under_another_name(small: dict[str, Any]) -> None:
    found = compare(small, {**small, "edition": "9"})
    assert found.is_empty
    assert found.unchanged == 3
