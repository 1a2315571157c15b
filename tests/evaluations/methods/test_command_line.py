"""The command line, and a method that an outside package brings through the entry point."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evaluations.methods.__main__ import main
from tests.factories.bundles import digits_bundle

ROOT = Path(__file__).parents[3]

PLUGIN = """
from evaluations.methods.frame import Metric, Needs, Parameter, Result, Text


class Brightness:
    id = "outside.brightness"
    version = "0.1"
    title = Text("Mean brightness", "平均亮度")
    description = Text("The mean of all inputs.", "所有输入的平均值。")
    characteristic = "RC"
    needs = Needs(data_roles=("test",))
    parameters = (Parameter("scale", "number", 1.0, title, description, minimum=0),)
    validation = None

    def cost(self, facts, parameters):
        return 1.0

    def run(self, context):
        context.progress(0.5, "mean")
        inputs = context.bundle.data("test").inputs
        mean = float(inputs.mean()) * context.parameters["scale"]
        return Result(metrics=[Metric("brightness", mean, len(inputs), "higher")])
"""


@pytest.fixture
def outside(tmp_path):
    """A folder with an installed package: the module and the metadata that pip would write."""
    site = tmp_path / "site"
    metadata = site / "outside_methods-0.1.dist-info"
    metadata.mkdir(parents=True)
    (site / "outside_methods.py").write_text(PLUGIN, encoding="utf-8")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: outside-methods\nVersion: 0.1\n")
    (metadata / "entry_points.txt").write_text(
        "[trust_portal.methods]\n"
        "outside.brightness = outside_methods:Brightness\n"
        "outside.broken = outside_methods:Missing\n"
        "fairness.group = outside_methods:Brightness\n"
    )
    return site


def command(*arguments, site=None):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *([str(site)] if site else [])])}
    return subprocess.run(
        [sys.executable, "-m", "evaluations.methods", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
        timeout=120,
    )


def test_method_of_an_outside_package_runs_and_is_not_scored(tmp_path, outside):
    digits_bundle(tmp_path / "digits")
    manifest, out = tmp_path / "digits" / "manifest.json", tmp_path / "out.json"
    arguments = ["--manifest", str(manifest), "--seed", "3", "--param", "scale=2", "--out", str(out)]
    ran = command("run", "outside.brightness", *arguments, site=outside)
    assert ran.returncode == 0, ran.stderr
    assert {"fraction": 0.5, "message": "mean"} in [json.loads(line) for line in ran.stdout.splitlines()]
    result = json.loads(out.read_text())
    assert result["scored"] is False
    assert result["parameters"] == {"scale": 2}
    assert result["metrics"][0]["value"] == pytest.approx(2 * 4.88, abs=0.2)


def test_list_survives_a_broken_package_and_keeps_our_own(tmp_path, outside):
    digits_bundle(tmp_path)
    listed = command("list", "--manifest", str(tmp_path / "manifest.json"), site=outside)
    assert listed.returncode == 0, listed.stderr
    lines = {line.split()[0]: line for line in listed.stdout.splitlines()}
    assert "installed, fits" in lines["outside.brightness"]
    assert "outside.broken" not in lines
    assert "does not fit" in lines["fairness.group"]
    assert "Fairness between groups" in lines["fairness.group"]
    assert lines["robustness.patch"].split()[1] == "declared"
    assert "outside.broken" in listed.stderr or "cannot be loaded" in listed.stderr


def test_without_the_package_its_method_is_unknown():
    described = command("describe", "outside.brightness")
    assert described.returncode == 3
    assert "没有" not in described.stderr
    assert "未安装方法 outside.brightness" in described.stderr


def test_describe_gives_the_parameter_schema(capsys):
    assert main(["describe", "fairness.group"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert described["parameters"]["properties"]["primary"]["enum"][0] == "automatic"
    assert described["scored"] is True
    assert described["validation"]["reference"]["zh"]


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--param", "replicates=5"], "at least 1000"),
        (["--param", "colour=red"], "not a parameter"),
        (["--param", "replicates"], "name=value"),
    ],
)
def test_wrong_parameter_is_refused(tmp_path, capsys, extra, words):
    digits_bundle(tmp_path)
    assert run(tmp_path, *extra) == 3
    assert words in capsys.readouterr().err


def test_parameters_from_a_file_give_way_to_the_command_line(tmp_path):
    digits_bundle(tmp_path)
    (tmp_path / "p.json").write_text('{"replicates": 1500}')
    assert run(tmp_path, "--params", str(tmp_path / "p.json")) == 0
    assert json.loads((tmp_path / "out.json").read_text())["parameters"] == {"replicates": 1500}
    assert run(tmp_path, "--params", str(tmp_path / "p.json"), "--param", "replicates=1100") == 0
    assert json.loads((tmp_path / "out.json").read_text())["parameters"] == {"replicates": 1100}


def test_unreadable_bundle_is_refused_with_its_place(tmp_path, capsys):
    (tmp_path / "manifest.json").write_text("{")
    assert run(tmp_path) == 3
    assert "manifest.json" in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()


def run(folder, *extra):
    manifest, out = str(folder / "manifest.json"), str(folder / "out.json")
    return main(["run", "performance.claim", "--manifest", manifest, "--seed", "1", "--out", out, *extra])
