"""Any upload through the one door, as the sandbox calls it."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import LogisticRegression
from skops.io import dump

from evaluations.readers.__main__ import main
from evaluations.readers.description import Description
from evaluations.readers.inspection import inspect
from evaluations.readers.refusal import Refused
from tests.factories.bundles import dense_onnx, digits_bundle

LAUGHS = '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><svg>&b;</svg>'
SVG = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'
RECORD = json.dumps({"artifacts": [{"file": "a", "sha256": "0" * 64}], "by": "王芳"})
PDF = b"%PDF-1.4\n1 0 obj<</Type /Pages /Count 2>>endobj\n2 0 obj<</Type /Page>>endobj\n3 0 obj<</Type/Page>>\n%%EOF\n"


def inspected(folder: Path, name: str, content: bytes | str) -> Description:
    path = folder / "upload"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return inspect(path, name)


def refused(folder: Path, name: str, content: bytes | str) -> Refused:
    with pytest.raises(Refused) as caught:
        inspected(folder, name, content)
    error = caught.value
    assert error.reason.en
    assert any("\u4e00" <= character <= "\u9fff" for character in error.reason.zh)
    assert str(folder) not in str(error.as_json())
    return error


def test_onnx_is_described_in_one_line(tmp_path: Path) -> None:
    found = inspected(tmp_path, "m.onnx", dense_onnx([(np.zeros((64, 10)), np.zeros(10))]))
    assert found.summary.en == "ONNX, opset 15, input float32 [N,64], 10 outputs, 3 kB"
    assert found.summary.zh == "ONNX，算子集 15，输入 float32 [N,64]，10 个输出，3 kB"
    assert found.kind == "onnx"
    assert found.facts["differentiable"]
    assert found.warnings == ()


def test_skops_is_described(tmp_path: Path) -> None:
    dump(LogisticRegression().fit([[0.0], [1.0]], [0, 1]), tmp_path / "m")
    found = inspected(tmp_path, "m.skops", (tmp_path / "m").read_bytes())
    assert found.summary.en.startswith("skops, LogisticRegression, 1 feature, 2 classes")


def test_every_file_of_a_bundle_is_described_as_json(tmp_path: Path) -> None:
    folder = digits_bundle(tmp_path / "bundle", n_test=200)
    kinds = {}
    for path in sorted(folder.iterdir()):
        found = inspect(path, path.name)
        json.dumps(found.as_json(), allow_nan=False)
        kinds[path.name] = found.kind
    assert kinds == {"manifest.json": "manifest", "model.onnx": "onnx", "test.npz": "npz", "training.npz": "npz"}


def test_csv_formulas_and_markup_are_reported_with_their_place(tmp_path: Path) -> None:
    found = inspected(tmp_path, "a.csv", 'id,note,"<script>x</script>"\n1,fine,-1.5\n2,=1+1,+2\n')
    warnings = [warning.en for warning in found.warnings]
    assert len(warnings) == 2
    assert any("“note”, row 2" in warning and "=1+1" in warning for warning in warnings)
    assert any("<script>" in warning for warning in warnings)
    assert found.facts["rows"] == 2
    assert found.facts["types"] == ["integer", "text", "number"]


def test_lone_text_among_numbers_is_reported(tmp_path: Path) -> None:
    rows = "\n".join(["7"] * 30 + ["unknown"] + ["8"] * 5)
    found = inspected(tmp_path, "a.csv", f"x\n{rows}\n")
    assert "row 31" in found.warnings[0].en


def test_plain_table_raises_no_warning(tmp_path: Path) -> None:
    assert inspected(tmp_path, "a.csv", "x,name\n-1,Müller\n+2.5,王\n").warnings == ()


class Hostile:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (os.mkdir, ("executed",))


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", ["m.pkl", "m.pt", "m.onnx", "m.csv", "m.txt", "m.skops"])
def test_pickle_is_never_opened_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    content = pickle.dumps(Hostile(), protocol=protocol)
    if protocol < 2 and name in ("m.txt", "m.csv"):  # protocols 0 and 1 are text: at most read as such
        with contextlib.suppress(Refused):
            assert inspected(tmp_path, name, content).kind in ("text", "csv")
    else:
        refused(tmp_path, name, content)
    assert not (tmp_path / "executed").exists()


def test_pickle_inside_an_archive_is_refused(tmp_path: Path) -> None:
    for member in ("data.pkl", "innocent.txt"):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr(member, pickle.dumps([1], protocol=4))
        assert "ONNX or skops" in refused(tmp_path, "a.zip", (tmp_path / "a.zip").read_bytes()).reason.en


def test_pictures_in_an_archive_without_labels_are_named_when_damaged(tmp_path: Path) -> None:
    Image.new("RGB", (6, 4)).save(tmp_path / "good.png")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "good.png", "good.png")
        archive.writestr("bad.png", b"\x89PNG\r\n\x1a\nrubbish")
    found = inspected(tmp_path, "a.zip", (tmp_path / "a.zip").read_bytes())
    assert found.kind == "archive"
    assert found.facts["damaged"] == ["bad.png"]
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.write(tmp_path / "good.png", "good.png")
        archive.writestr("labels.csv", "file,label\ngood.png,cat\n")
    found = inspected(tmp_path, "b.zip", (tmp_path / "b.zip").read_bytes())
    assert found.kind == "images"
    assert found.facts["shape"] == [4, 6, 3]


@pytest.mark.parametrize(
    ("name", "content", "kind", "summary"),
    [
        ("card.md", "# Card\n\ntext\n", "text", "Text, 4 lines, UTF-8, 13 B"),
        ("rules.yaml", "a: &x [1]\nb: *x\n", "yaml", "YAML, 3 lines, UTF-8, 16 B"),
        ("report.pdf", PDF, "pdf", "PDF, 2 pages, 115 B"),
        ("plot.svg", SVG.format("<g/>"), "svg", "SVG, 2 elements, 51 B"),
        ("bom.json", '{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{}]}', "cyclonedx", None),
        ("record.json", RECORD, "record", "Delivery record, 1 file, not signed, 90 B"),
        ("list.json", "[1,2,3]", "json", "JSON, 3 entries, 7 B"),
    ],
)
def test_documents_are_described(
    tmp_path: Path, name: str, content: bytes | str, kind: str, summary: str | None
) -> None:
    found = inspected(tmp_path, name, content)
    assert found.kind == kind
    if summary is not None:
        assert found.summary.en.rsplit(", ", 1)[0] == summary.rsplit(", ", 1)[0]


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.svg", LAUGHS, "document type"),
        ("a.svg", LAUGHS.encode("utf-16"), "document type"),
        ("a.svg", SVG.format("<script>alert(1)</script>"), "script"),
        ("a.svg", SVG.format('<g onload="x()"/>'), "onload"),
        ("a.svg", SVG.format('<image href="http://example.invalid/x.png"/>'), "href"),
        ("a.svg", "<html/>", "no SVG"),
        ("a.svg", "<svg>", "XML"),
        ("a.pdf", b"%PDF-1.4\n", "whole PDF"),
        ("a.pdf", PDF.replace(b"/Count 2", b"/Encrypt 1"), "encrypted"),
        ("a.yaml", "a: [1\nb: }", "line"),
        ("a.json", "{", "line 1"),
        ("r.json", '{"artifacts":[{"file":"a"}]}', "missing"),
        ("r.json", RECORD.replace('a"', '\\ud800"'), "half pairs"),
        ("a.txt", b"ab\0c", "NUL"),
        ("a.exe", b"MZ", "not accepted"),
        ("a.csv.gz", b"\x1f\x8b", "not accepted"),
        ("a.onnx", b"", "empty"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, name: str, content: bytes | str, word: str) -> None:
    assert word in refused(tmp_path, name, content).reason.en


def test_name_with_a_path_is_cut_to_its_last_part(tmp_path: Path) -> None:
    assert refused(tmp_path, "C:\\Users\\me\\../m.pkl", b"x").place == "m.pkl"


def test_command_prints_one_json_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "a.csv", tmp_path / "b.csv"
    good.write_text("x\n1\n", encoding="utf-8")
    bad.write_text("x\n", encoding="utf-8")
    assert main(["inspect", str(good)]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "csv"
    assert main(["inspect", str(bad), "sent.csv"]) == 3
    assert json.loads(capsys.readouterr().out)["place"] == "sent.csv: row 1"


def test_telemetry_of_the_runtime_is_off_before_it_is_imported() -> None:
    code = "import evaluations.readers.sessions, os, onnxruntime; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    clean = {key: value for key, value in os.environ.items() if key != "ORT_DISABLE_TELEMETRY"}
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], env=clean, cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


def test_description_of_a_hostile_file_stays_short_and_writable(tmp_path: Path) -> None:
    odd = "\ud800\x00" + "n" * 5_000
    manifest = {"manifest": 1, "system": {"name": "\ud800\x00n", "version": "1"}, "profile": {"modality": "text"}}
    content = json.dumps(manifest | {"data": [{"role": "test", "file": "t.csv", "format": "csv"}], "population": {}})
    written = json.dumps(inspected(tmp_path, "manifest.json", content).as_json(), ensure_ascii=False)
    assert "\\u0000" not in written
    written.encode("utf-8")
    wrong = json.dumps(manifest | {"data": [], "population": {odd: 1}})
    assert len(json.dumps(refused(tmp_path, "manifest.json", wrong).as_json())) < 2_000


def test_command_leaves_no_file_behind(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "a.csv").write_text("x\n1\n", encoding="utf-8")
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-m", "evaluations.readers", "inspect", str(tmp_path / "a.csv")],
        cwd=tmp_path / "work",
        env=os.environ | {"PYTHONPATH": str(root), "HOME": str(tmp_path / "work")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["summary"]["zh"].startswith("CSV，1 行")
    assert list((tmp_path / "work").iterdir()) == []


def test_record_is_handed_on_whole_as_its_signature_covers_it(tmp_path: Path) -> None:
    assert inspected(tmp_path, "record.json", RECORD).facts["record"] == json.loads(RECORD)


@pytest.mark.parametrize("content", [bytes(64), b"A" * 86 + b"==\n"], ids=["raw", "base64"])
def test_signature_of_a_record_is_described(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "record.sig").write_bytes(content)
    assert inspect(tmp_path / "record.sig", "record.sig").facts["algorithm"] == "ed25519"


@pytest.mark.parametrize("content", [bytes(63), b"A" * 300, "签名".encode()], ids=["short", "long", "text"])
def test_what_is_no_signature_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "record.sig").write_bytes(content)
    with pytest.raises(Refused, match="Ed25519"):
        inspect(tmp_path / "record.sig", "record.sig")
