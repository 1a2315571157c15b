"""What the fuzzer once found: each of these let an exception out of a reader, and is refused with its place now."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from assessments.standards.documents import DocumentRefused, read_document
from assessments.standards.exchange.formats import read_any
from assessments.standards.exchange.oscal.catalog import write_catalog
from evaluations.readers.inspection import inspect
from evaluations.readers.refusal import Refused
from evaluations.readers.signed_pdf import TrustBundle, examine
from tests.fuzz.seeds import PILOT


def archive(**members: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "."), content)
    return sink.getvalue()


def model(*, shape: bytes = b"", name: bytes = b"input") -> bytes:
    """One Reshape; `shape` are the raw bytes of its second input."""
    target = numpy_helper.from_array(np.array([0, -1], dtype=np.int64), "shape")
    if shape:
        target.raw_data = shape
    taken = [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 4])]
    given = [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 4])]
    nodes = [helper.make_node("Reshape", ["input", "shape"], ["output"])]
    graph = helper.make_graph(nodes, "g", taken, given, [target])
    whole = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    return onnx.ModelProto.SerializeToString(whole).replace(b"input", name)


def npz(header: bytes) -> bytes:
    return archive(X__npy=b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)


FILES = {
    "bad checksum in a member": ("a.zip", archive(a__txt=b"hello").replace(b"hello", b"jello", 1)),
    "member that begins elsewhere": ("a.zip", archive(a__txt=b"hello").replace(b"PK\x03\x04", b"PK\x03\x05", 1)),
    "array header that never ends": ("a.npz", npz(b"{'descr': '<f4', 'fortran_order': False, 'shape': (3,")),
    "array header of another kind": ("a.npz", npz(b"{'descr': [('a',), 7], 'fortran_order': False, 'shape': (3,)}")),
    "name that is no text": ("a.onnx", model(name=b"inp\xff\xfe")),
    "constant of half a number": ("a.onnx", model(shape=b"\x01\x02\x03")),
}


@pytest.mark.parametrize(("name", "data"), FILES.values(), ids=FILES)
def test_file_is_refused_with_its_place(name: str, data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(Refused) as refused:
        inspect(path, name)
    assert refused.value.place.startswith(name)
    assert refused.value.reason.zh


def workbook() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", b"<Types/>" * 200)
    data = bytearray(sink.getvalue())
    data[60:70] = b"\xff" * 10
    return bytes(data)


def catalog() -> bytes:
    """Our own catalogue, in which one value that we wrote as JSON is cut off."""
    document = write_catalog(read_document(PILOT).content, datetime(2026, 3, 1, tzinfo=UTC))
    waiting: list[Any] = [document]
    for inner in waiting:
        if isinstance(inner, dict) and inner.get("class") == "json":
            inner["value"] = inner["value"][:-1] + "{"
            break
        waiting += inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ()
    return json.dumps(document).encode()


DOCUMENTS = {
    "YAML that is not UTF-8": ("a.yaml", b"title: \xf3\x28\n"),
    "workbook whose compression is broken": ("a.xlsx", workbook()),
    "catalogue with a spoilt value": ("a.json", catalog()),
}


@pytest.mark.parametrize(("name", "data"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_document_is_refused_with_its_problems(name: str, data: bytes) -> None:
    with pytest.raises(DocumentRefused) as refused:
        read_any(data, name)
    assert {problem.file for problem in refused.value.problems} == {name}


def test_pdf_whose_table_of_objects_is_another_object_is_examined_all_the_same() -> None:
    body = b"1 0 obj\n<< /Type /XRe /Length 0 >>\nstream\n\nendstream\nendobj\nTAI-2026-000123\n"
    data = b"%PDF-1.7\n" + body + b"startxref\n9\n%%EOF\n"
    facts = examine(data, TrustBundle((), ()), r"[A-Z]+-\d{4}-\d{6}")
    assert facts.numbers == ("TAI-2026-000123",)
