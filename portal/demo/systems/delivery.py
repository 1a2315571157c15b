"""What a vendor delivers: model, data, manifest, and the delivery record with its signature."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import rfc8785
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from onnx import TensorProto, helper, numpy_helper

RECORD, SIGNATURE, MANIFEST = "record.json", "record.sig", "manifest.json"
Layer = tuple[np.ndarray, np.ndarray]


def dense_onnx(layers: Sequence[Layer], *, closing: str = "") -> bytes:
    """A network of dense layers (weight [in, out], bias [out]) with ReLU between them, as ONNX.

    Input float32 [N, in], output [N, out] of the last layer, or of the operator `closing` (Sigmoid) behind it.
    """
    nodes, weights, name = [], [], "input"
    for index, (weight, bias) in enumerate(layers):
        last = index == len(layers) - 1
        weights += [
            numpy_helper.from_array(weight.astype(np.float32), f"weight{index}"),
            numpy_helper.from_array(bias.astype(np.float32), f"bias{index}"),
        ]
        out = "output" if last and not closing else f"dense{index}"
        nodes.append(helper.make_node("Gemm", [name, f"weight{index}", f"bias{index}"], [out]))
        name = out
        if not last:
            nodes.append(helper.make_node("Relu", [out], [f"relu{index}"]))
            name = f"relu{index}"
    if closing:
        nodes.append(helper.make_node(closing, [name], ["output"]))
    width_in, width_out = layers[0][0].shape[0], layers[-1][0].shape[1]
    graph = helper.make_graph(
        nodes,
        "dense",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", width_in])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", width_out])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table as UTF-8 CSV with a header line."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The fictional vendor's key for delivery records; made on first use, readable by the owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = Ed25519PrivateKey.generate()
        path.touch(mode=0o600)
        path.write_bytes(
            fresh.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} holds no Ed25519 key")
    return key


def deliver(folder: Path, manifest: Mapping[str, Any], key: Ed25519PrivateKey) -> Path:
    """Write delivery record, signature and manifest beside the files that the manifest names."""
    names = [manifest["model"]["file"], *(entry["file"] for entry in manifest["data"])]
    digests = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    artifacts = [{"file": name, "sha256": digest} for name, digest in digests.items()]
    record: dict[str, Any] = {"artifacts": artifacts}
    signature = base64.b64encode(key.sign(rfc8785.dumps(record)))
    (folder / SIGNATURE).write_bytes(signature)
    public_key = base64.b64encode(public).decode()
    record["signature"] = {"file": SIGNATURE, "algorithm": "ed25519", "public_key": public_key}
    complete = {
        **manifest,
        "model": {**manifest["model"], "sha256": digests[manifest["model"]["file"]]},
        "data": [{**entry, "sha256": digests[entry["file"]]} for entry in manifest["data"]],
        "record": record,
    }
    for name, content in ((RECORD, record), (MANIFEST, complete)):
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return folder
