"""Sound files of every kind, made here: small ones, so that a damage hits something."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pyarrow.parquet as pq
import yaml
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skops.io import dumps

from assessments.standards.documents import read_document
from assessments.standards.exchange.formats import write_yaml
from assessments.standards.exchange.oscal.catalog import write_catalog
from assessments.standards.exchange.workbook import write_workbook
from portal.certificates.keys import SigningKeys, development_keys
from portal.certificates.signing import _signer
from tests.factories.bundles import PROFILE, dense_onnx

PILOT = Path(__file__).resolve().parents[2] / "assessments/standards/data/TAI-0.9.yaml"
DICE = np.random.default_rng(7)
X = DICE.normal(size=(40, 6)).astype(np.float32)
Y = (X.sum(axis=1) > 0).astype(int)


def make_seeds(folder: Path) -> None:
    """Write the sound files of each target to a folder of its name below `folder`/seeds, and the trust of the PDFs."""
    made = {
        "onnx": _models(),
        "skops": _estimators(),
        "npz": {"test.npz": _npz(X=X, y=Y), "words.npz": _npz(X=X, y=np.array(["a", "b"] * 20), ids=np.arange(40))},
        "csv": _tables(),
        "parquet": {f"{name}.parquet": _parquet(name) for name in ("none", "snappy", "zstd")},
        "picture": {"a.png": _picture("PNG", "RGB"), "b.png": _picture("PNG", "P"), "c.jpg": _picture("JPEG", "RGB"),
                    "d.png": _picture("PNG", "I;16")},
        "zip": {"pictures.zip": _pictures(), "other.zip": _zip({"readme.txt": b"hello", "a/b.csv": b"x\n1\n"})},
        "document": _documents(),
        "pdf": {"plain.pdf": _pdf(), "packed.pdf": _pdf(packed=True)},
        "standard": _standards(),
    }  # fmt: skip
    keys = development_keys(folder / "keys")
    made["signed_pdf"] = {
        "signed.pdf": _signed(_pdf(), keys),
        "twice.pdf": _signed(_signed(_pdf(packed=True), keys), keys),
    }
    (folder / "trust.pem").write_bytes(keys.trust_bundle_pem())
    made["bundle"] = _bundle()
    for target, files in made.items():
        place = folder / "seeds" / target
        place.mkdir(parents=True)
        for name, data in files.items():
            (place / name).write_bytes(data)


def _dense(closing: str | None) -> bytes:
    layers = [(DICE.normal(size=(6, 4)), DICE.normal(size=4)), (DICE.normal(size=(4, 2)), DICE.normal(size=2))]
    return dense_onnx(layers, closing=closing)


def _models() -> dict[str, bytes]:
    weight = numpy_helper.from_array(DICE.normal(size=(2, 1, 3, 3)).astype(np.float32), "w")
    shape = numpy_helper.from_array(np.array([0, -1], dtype=np.int64), "shape")
    nodes = [
        helper.make_node("Conv", ["input", "w"], ["c"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("MaxPool", ["c"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Reshape", ["p", "shape"], ["r"]),
        helper.make_node("Softmax", ["r"], ["output"], axis=1),
    ]
    taken = [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 1, 4, 4])]
    given = [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 8])]
    graph = helper.make_graph(nodes, "conv", taken, given, [weight, shape])
    conv = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.checker.check_model(conv)
    return {"dense.onnx": _dense(None), "sigmoid.onnx": _dense("Softmax"), "conv.onnx": conv.SerializeToString(),
            "branch.onnx": _branching()}  # fmt: skip


def _branching() -> bytes:
    """A model with a subgraph in an attribute."""

    def body(name: str, operator: str) -> Any:
        out = helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
        return helper.make_graph([helper.make_node(operator, ["input"], [name])], name, [], [out])

    nodes = [
        helper.make_node("ReduceMax", ["input"], ["top"], keepdims=0),
        helper.make_node("Cast", ["top"], ["yes"], to=TensorProto.BOOL),
        helper.make_node("If", ["yes"], ["output"], then_branch=body("a", "Relu"), else_branch=body("b", "Neg")),
    ]
    taken = [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", 6])]
    given = [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 6])]
    model = helper.make_model(
        helper.make_graph(nodes, "branch", taken, given), opset_imports=[helper.make_opsetid("", 15)], ir_version=8
    )
    return bytes(model.SerializeToString())


def _estimators() -> dict[str, bytes]:
    chain = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    return {
        "chain.skops": dumps(chain),
        "forest.skops": dumps(RandomForestClassifier(2, max_depth=2, random_state=0).fit(X, Y)),
        "boosted.skops": dumps(HistGradientBoostingClassifier(max_iter=2).fit(X, Y)),
    }


def _npz(**arrays: Any) -> bytes:
    sink = io.BytesIO()
    np.savez(sink, **arrays)
    return sink.getvalue()


def _tables() -> dict[str, bytes]:
    rows = "\n".join(
        f'{age},{"男" if age % 2 else "女"},{income / 7:.3f},"a, {age}"'
        for age, income in zip(range(20, 60), range(40), strict=True)
    )
    text = f"age,sex,income,note\n{rows}\n"
    return {"utf8.csv": text.encode(), "excel.csv": text.encode("utf-16"), "gb.csv": text.encode("gb18030"),
            "semicolon.csv": text.replace(",", ";").encode(), "tabs.tsv": text.replace(",", "\t").encode()}  # fmt: skip


def _parquet(compression: str) -> bytes:
    table = pa.table(
        {
            "a": pa.array(range(50)),
            "b": pa.array([None, "x"] * 25),
            "c": pa.array([0.5] * 50),
            "d": pa.array([True] * 50),
        }
    )
    sink = io.BytesIO()
    pq.write_table(table, sink, compression=compression, row_group_size=20)
    return sink.getvalue()


def _picture(form: str, mode: str, size: int = 12) -> bytes:
    sink = io.BytesIO()
    pixels = DICE.integers(0, 255, size=(size, size, 3), dtype=np.uint8)
    picture = Image.fromarray(pixels)
    if mode == "I;16":
        picture = Image.fromarray(DICE.integers(0, 60_000, size=(size, size), dtype=np.uint16))
    elif mode != "RGB":
        picture = picture.convert(mode)
    picture.save(sink, form)
    return sink.getvalue()


def _zip(members: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()


def _pictures() -> bytes:
    pictures = {f"p/{number}.png": _picture("PNG", "RGB", 8) for number in range(4)}
    labels = "file,label\n" + "".join(f"{name},{number % 2}\n" for number, name in enumerate(pictures))
    return _zip({"labels.csv": labels.encode(), **pictures})


def _manifest() -> dict[str, Any]:
    return {
        "manifest": 1,
        "system": {"name": "Sums", "version": "1"},
        "profile": {"modality": "tabular", **PROFILE},
        "model": {"file": "model.onnx", "format": "onnx", "task": "classification", "classes": ["0", "1"],
                  "output": {"name": "output", "kind": "logits"},
                  "preprocessing": {"layout": "flat", "mean": [0.0] * 6, "std": [1.0] * 6}},
        "data": [{"role": "test", "file": "test.csv", "format": "csv", "origin": "C", "label": "y",
                  "sensitive": [{"name": "f", "cuts": [0.0]}],
                  "features": [{"name": name, "type": "numeric", "mutable": True} for name in "abcdef"]},
                 {"role": "training", "file": "training.npz", "format": "npz", "label": "y"}],
        "claims": [{"metric": "accuracy", "value": 0.9, "minimum": 0.8}],
    }  # fmt: skip


def _bundle() -> dict[str, bytes]:
    lines = ["a,b,c,d,e,f,y", *(",".join(map(str, [*row.tolist(), label])) for row, label in zip(X, Y, strict=True))]
    return {
        "manifest.json": json.dumps(_manifest()).encode(),
        "model.onnx": _dense(None),
        "test.csv": "\n".join(lines).encode(),
        "training.npz": _npz(X=X, y=Y),
    }


def _documents() -> dict[str, bytes]:
    record = {"artifacts": [{"name": "model.onnx", "sha256": "0" * 64, "size": 10}], "vendor": "供应商",
              "date": "2026-01-02", "signature": {"algorithm": "ed25519", "key": "AAAA", "value": "AAAA"}}  # fmt: skip
    svg = ("<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' width='10'><g id='a'>"
           "<rect width='4' height='4'/><text x='1'>图</text></g><use href='#a'/></svg>")  # fmt: skip
    return {
        "manifest.json": json.dumps(_manifest()).encode(),
        "record.json": json.dumps(record).encode(),
        "list.json": b'[1, 2.5, "x", null, {"a": [true]}]',
        "policy.md": "# Policy\n\nWe *promise*. 我们承诺。\n".encode(),
        "policy.yaml": yaml.dump({"a": [1, {"b": "c"}], "d": "2026-01-01"}).encode(),
        "drawing.svg": svg.encode(),
        "record.sig": b"A" * 88,
    }


def _pdf(*, packed: bool = False) -> bytes:
    """Two pages with a certificate's number, written by hand; `packed` puts the pages' text in compressed streams."""
    text = b"BT /F1 12 Tf 20 20 Td (Certificate TAP-2026-000123) Tj ET"
    content, filters = (zlib.compress(text), b"/Filter /FlateDecode ") if packed else (text, b"")
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R /Resources << /Font << /F1 6 0 R >> >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
        page,
        page,
        b"<< " + filters + b"/Length %d >>\nstream\n" % len(content) + content + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def _signed(pdf: bytes, keys: SigningKeys) -> bytes:
    field = f"S{pdf.count(b'/ByteRange')}"
    metadata = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    sink = io.BytesIO()
    signers.PdfSigner(metadata, signer=_signer(keys)).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), output=sink)
    return sink.getvalue()


def _standards() -> dict[str, bytes]:
    content = dict(read_document(PILOT).content)
    content["criteria"] = content["criteria"][:3]
    catalog = write_catalog(content, datetime(2026, 3, 1, tzinfo=UTC))
    return {"standard.yaml": write_yaml(content), "standard.json": json.dumps(catalog).encode(),
            "standard.xlsx": write_workbook(content)}  # fmt: skip
