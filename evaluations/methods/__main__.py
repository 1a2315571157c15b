"""Command line: `python -m evaluations.methods list | describe METHOD | run METHOD ...`.

Exit codes: 0 done, 2 wrong usage, 3 refused (bundle, parameters or method do not fit; the reason is on standard error
in both languages), 4 the method itself failed. Progress goes to standard output, one JSON object a line.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluations.methods import fitting, parameters, registry, results
from evaluations.methods.frame import Method, Text
from evaluations.readers.bundle import MANIFEST, Bundle, load_bundle
from evaluations.readers.refusal import Refused

DONE, REFUSED, FAILED = 0, 3, 4


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except Refused as refused:
        return _refuse([refused.reason], refused.place)
    except registry.UnknownMethod as unknown:
        return _refuse([Text(f"no method {unknown} is installed", f"未安装方法 {unknown}")])
    except parameters.InvalidParameters as invalid:
        return _refuse([problem.reason for problem in invalid.problems])
    except (registry.BrokenMethod, results.ResultRefused) as broken:
        sys.stderr.write(f"{broken}\n")
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evaluations.methods", description="Test methods of the portal.")
    commands = parser.add_subparsers(required=True, metavar="list | describe | run")
    listing = commands.add_parser("list", help="every declared method, and whether it is installed and fits a bundle")
    listing.add_argument("--manifest", type=Path, help="a bundle's manifest.json: say which methods fit it")
    listing.set_defaults(command=_list)
    describing = commands.add_parser("describe", help="what a method measures, needs and takes, as JSON")
    describing.add_argument("method")
    describing.set_defaults(command=_describe)
    running = commands.add_parser("run", help="run one method on a bundle")
    running.add_argument("method")
    running.add_argument("--manifest", type=Path, required=True, help="the bundle's manifest.json")
    running.add_argument("--seed", type=_seed, required=True)
    running.add_argument("--param", action="append", default=[], metavar="NAME=VALUE")
    running.add_argument("--params", type=Path, help="a JSON file with an object of parameters")
    running.add_argument("--threads", type=int, default=1)
    running.add_argument("--out", type=Path, required=True, help="where the result is written, as JSON")
    running.set_defaults(command=_run)
    return parser


def _seed(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError("a seed is not negative")
    return value


def _list(options: argparse.Namespace) -> int:
    facts = _bundle(options.manifest).facts() if options.manifest else None
    installed = registry.all_methods()
    for method_id, declaration in sorted(registry.declared().items()):
        state = _state(method_id, installed, facts)
        sys.stdout.write(f"{method_id:<30}{state:<34}{declaration.title.en} / {declaration.title.zh}\n")
    return DONE


def _state(method_id: str, installed: Mapping[str, Method], facts: Mapping[str, Any] | None) -> str:
    if method_id not in installed:
        return "declared"
    if facts is None:
        return "installed"
    misfits = fitting.misfits(installed[method_id], facts)
    return f"does not fit: {misfits[0].reason.en}" if misfits else "installed, fits"


def _describe(options: argparse.Namespace) -> int:
    method = registry.get(options.method)
    record = method.validation
    document = {
        "method": method.id,
        "version": method.version,
        "title": method.title.as_json(),
        "description": method.description.as_json(),
        "characteristic": method.characteristic,
        "needs": vars(method.needs),
        "parameters": parameters.json_schema(method.parameters),
        "scored": record is not None,
        "validation": record
        and {
            "reference": record.reference.as_json(),
            "positive_check": record.positive_check.as_json(),
            "negative_check": record.negative_check.as_json(),
            "limits": record.limits.as_json(),
            "figures": dict(record.figures),
        },
    }
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    return DONE


def _run(options: argparse.Namespace) -> int:
    method = registry.get(options.method)
    values = _values(method, options)
    bundle = _bundle(options.manifest, options.threads)
    misfits = fitting.misfits(method, bundle.facts())
    if misfits:
        return _refuse([misfit.reason for misfit in misfits])
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        document = results.run_method(
            method,
            bundle,
            values,
            seed=options.seed,
            folder=Path(folder),
            threads=options.threads,
            report=_report,
        )
    options.out.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return DONE


def _values(method: Method, options: argparse.Namespace) -> dict[str, Any]:
    """`--params FILE` first, then each `--param` over it."""
    given: dict[str, Any] = {}
    if options.params:
        try:
            given = json.loads(options.params.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Refused(Text(f"cannot be read as JSON: {error}", "无法按 JSON 读取"), options.params.name) from error
        if not isinstance(given, dict):
            raise Refused(Text("must hold a JSON object", "必须是一个 JSON 对象"), options.params.name)
    checked = parameters.checked(method.parameters, given)
    written = parameters.pairs(options.param)
    parsed = parameters.parsed(method.parameters, written)
    return checked | {name: parsed[name] for name in written}


def _bundle(manifest: Path, threads: int = 1) -> Bundle:
    if manifest.name != MANIFEST:
        reason = Text(f"the manifest of a bundle is named {MANIFEST}", f"数据包的清单文件名必须是 {MANIFEST}")
        raise Refused(reason, manifest.name)
    return load_bundle(manifest.parent, threads=threads)


def _report(fraction: float, message: str) -> None:
    sys.stdout.write(json.dumps({"fraction": round(fraction, 4), "message": message}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _refuse(reasons: Sequence[Text], place: str = "") -> int:
    for reason in reasons:
        where = f"{place}: " if place else ""
        sys.stderr.write(f"{where}{reason.en}\n{where}{reason.zh}\n")
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
