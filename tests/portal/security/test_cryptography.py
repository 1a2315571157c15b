"""Nothing of ours names an algorithm that is broken, or leaves a certificate unchecked."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
BROKEN = {"md4", "md5", "sha1", "des", "tripledes", "arc4", "rc4", "rc2", "blowfish", "ecb", "cast5"}
UNCHECKED = {"CERT_NONE", "_create_unverified_context", "_create_stdlib_context"}


def named_in(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of whatever names a broken algorithm or leaves a certificate unchecked."""
    for node in ast.walk(ast.parse(source)):
        names = {
            ast.Attribute: lambda n: [n.attr],
            ast.ImportFrom: lambda n: [alias.name for alias in n.names],
            ast.Call: lambda n: [
                a.value for a in n.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)
            ],
        }.get(type(node), lambda n: [])(node)
        for name in names:
            if name.lower() in BROKEN or name in UNCHECKED:
                yield node.lineno, name
        if isinstance(node, ast.keyword) and node.arg == "verify" and getattr(node.value, "value", None) is False:
            yield node.value.lineno, "verify=False"


def test_no_broken_algorithm_and_no_unchecked_certificate() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line} {name}"
        for floor in ("portal", "evaluations", "assessments")
        for path in (ROOT / floor).rglob("*.py")
        for line, name in named_in(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_each_would_be_found() -> None:
    source = (
        "import hashlib, ssl\nhashlib.md5(b'')\nhashlib.new('sha1')\nfrom c.algorithms import TripleDES\n"
        "get('https://x', verify=False)\nssl.CERT_NONE\nhashlib.sha256(b'')\nrandom.seed(1)\n"
    )
    assert sorted(line for line, _ in named_in(source)) == [2, 3, 4, 5, 6]
