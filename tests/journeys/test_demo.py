"""The demo as a person starts it: to a verified certificate, and with a damaged model to none."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.demo, pytest.mark.timeout(900)]
GATES = {"M"}
SETTINGS = ("PORTAL_", "DJANGO_", "DATABASE_URL", "SECRET_KEY")


def demo(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py demo` on a folder of its own, with no other setting, as scripts/demo does."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    env["PORTAL_VAR"] = str(var)
    command = [sys.executable, str(ROOT / "manage.py"), "demo", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=800, check=False)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def done(place: Path) -> Path:
    """What a demo leaves that was let run to its end."""
    ended = demo(place / "var", "--once", "--out", str(place / "out"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return place / "out"


def test_demo_leaves_a_verified_certificate(done: Path) -> None:
    summary = json.loads((done / "summary.json").read_text(encoding="utf-8"))
    assert summary["status"] == "in_force"
    assert summary["level"] == "basic"
    assert all(
        row["settled"] >= 30
        for row in summary["criteria"].values()
        if row["gate"] in GATES and row["state"] != "not_applicable"
    )
    signature = subprocess.run(
        ["pdfsig", "-nocert", str(done / "certificate.pdf")], capture_output=True, text=True, check=False
    ).stdout
    assert "Signature is Valid." in signature
    assert "Total document signed" in signature


def test_second_start_does_nothing_twice(done: Path, place: Path) -> None:
    before = (done / "results.json").read_text(encoding="utf-8")
    ended = demo(place / "var", "--once", "--out", str(place / "again"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (place / "again" / "results.json").read_text(encoding="utf-8") == before


def test_recorded_seed_reproduces_the_metrics(done: Path, tmp_path: Path) -> None:
    results = json.loads((done / "results.json").read_text(encoding="utf-8"))
    run = next(run for run in results["runs"] if run["method"] == "robustness.corruption")
    given = [f"{name}={json.dumps(value)}" for name, value in run["parameters"].items()]
    command = [sys.executable, "-m", "evaluations.methods", "run", run["method"]]
    command += ["--manifest", str(done / "bundle" / "manifest.json"), "--seed", str(run["seed"])]
    command += [word for value in given for word in ("--param", value)]
    subprocess.run([*command, "--out", str(tmp_path / "again.json")], cwd=ROOT, check=True, capture_output=True)
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert again["metrics"] == run["result"]["metrics"]


def test_damaged_model_is_not_certified(done: Path, place: Path) -> None:
    bundle = place / "damaged"
    subprocess.run(["cp", "-r", str(done / "bundle"), str(bundle)], check=True)
    damage(bundle / "digits.onnx")
    forget_digest(bundle / "manifest.json")
    ended = demo(place / "var", "--once", "--system", str(bundle), "--out", str(place / "refused"))
    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert "Not certified" in ended.stderr
    summary = json.loads((place / "refused" / "summary.json").read_text(encoding="utf-8"))
    assert summary["status"] == "refused"
    assert summary["number"] is None
    assert not (place / "refused" / "certificate.pdf").exists()


def damage(path: Path) -> None:
    """Every weight is drawn anew: the network still runs, and knows nothing."""
    model, rng = onnx.load(path), np.random.default_rng(0)
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        weight.CopyFrom(numpy_helper.from_array(rng.permutation(values.ravel()).reshape(values.shape), weight.name))
    path.write_bytes(model.SerializeToString())


def forget_digest(path: Path) -> None:
    """The manifest no longer names the model's digest; the delivery record still does."""
    manifest = json.loads(path.read_text(encoding="utf-8"))
    del manifest["model"]["sha256"]
    path.write_text(json.dumps(manifest), encoding="utf-8")


def test_taken_port_is_said_plainly(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = demo(tmp_path / "var", "--port", str(port))
    assert ended.returncode == 2
    assert f"Port {port} is taken" in ended.stderr
    assert not (tmp_path / "var" / "portal.sqlite3").exists()


def test_once_without_a_folder_is_wrong_use(tmp_path: Path) -> None:
    ended = demo(tmp_path / "var", "--once")
    assert ended.returncode == 2
    assert "--out" in ended.stderr
