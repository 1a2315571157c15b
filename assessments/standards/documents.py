"""Reads a YAML document safely and remembers the line of everything in it.

Only plain data is taken: mappings with text keys, lists, text, numbers, true, false, null. Aliases are refused (a few
bytes of them can grow to gigabytes), and so is a key that stands twice, which YAML would silently overwrite.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml

from evaluations.methods.frame import Text

Place = tuple[str | int, ...]
MAX_BYTES = 4_000_000
MAX_DEPTH = 40
# The same reader in C, some eight times quicker, where PyYAML was built with it.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Problem:
    """What is wrong in a document, and where: file, line (from 1; 0 when it was no file) and the path of the value."""

    file: str
    line: int
    place: Place
    text: Text

    def in_language(self, language: str) -> str:
        """One line for a terminal or a page; Chinese for codes that begin with zh."""
        path = render_place(self.place)
        if language.startswith("zh"):
            line = f"，第 {self.line} 行" if self.line else ""
            return f"{self.file}{line}，{path}：{self.text.zh}"
        line = f", line {self.line}" if self.line else ""
        return f"{self.file}{line}, {path}: {self.text.en}"

    def __str__(self) -> str:
        return self.in_language("en")


class DocumentRefused(ValueError):
    """A document that cannot be used, with every problem that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True)
class Document:
    """A document's data, and the line of each value by its place."""

    file: str
    content: dict[str, Any]
    lines: dict[Place, int]

    @classmethod
    def of_content(cls, content: dict[str, Any], name: str) -> Document:
        """Content that comes from no file, so that the same checks read it; its places have no lines."""
        return cls(name, content, dict.fromkeys(_places(content, ()), 0))

    def problem(self, place: Place, text: Text) -> Problem:
        """A problem at a place; where that value is missing, the line of what should hold it."""
        known = place
        while known and known not in self.lines:
            known = known[:-1]
        return Problem(self.file, self.lines.get(known, 1), place, text)


def _places(value: Any, above: Place) -> Iterator[Place]:
    """Every place in plain data, the whole first."""
    yield above
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from _places(inner, (*above, key))


def render_place(place: Place) -> str:
    """`criteria[3].weight`; the whole document is `(document)`."""
    rendered = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return rendered.lstrip(".") or "(document)"


def read_document(path: Path) -> Document:
    """Read one file. Raises DocumentRefused, or OSError when the file cannot be read at all."""
    return parse_bytes(path.read_bytes(), path.name)


def parse_bytes(raw: bytes, file: str) -> Document:
    """Parse the bytes of a file. Raises DocumentRefused."""
    if len(raw) > MAX_BYTES:
        raise DocumentRefused([Problem(file, 1, (), Text("larger than 4 MB", "超过 4 MB"))])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise DocumentRefused([Problem(file, line, (), Text("not UTF-8 text", "不是 UTF-8 文本"))]) from error
    return parse_document(text, file)


def parse_document(text: str, file: str) -> Document:
    """Parse YAML text; `file` is the name that problems show. Raises DocumentRefused."""
    try:
        _refuse_traps(text, file)
        root = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        words = error.problem or "not YAML"
        problem = Problem(
            file, mark.line + 1 if mark else 1, (), Text(f"not valid YAML: {words}", f"YAML 格式错误：{words}")
        )
        raise DocumentRefused([problem]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise DocumentRefused([Problem(file, 1, (), Text("not valid YAML", "YAML 格式错误"))]) from error
    if not isinstance(root, yaml.MappingNode):
        raise DocumentRefused([Problem(file, 1, (), Text("a mapping is expected", "应为键值映射"))])
    builder = _Builder(file)
    content = builder.build(root, ())
    if builder.problems:
        raise DocumentRefused(builder.problems)
    return Document(file, content, builder.lines)


def _refuse_traps(text: str, file: str) -> None:
    """Aliases, and nesting that would exhaust the stack; events are read one by one, so neither can do harm here."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > MAX_DEPTH:
            words = (
                Text("aliases are not allowed", "不允许使用别名")
                if isinstance(event, yaml.AliasEvent)
                else Text("not valid YAML: nested too deeply", "YAML 格式错误：嵌套过深")
            )
            mark = event.start_mark
            raise DocumentRefused([Problem(file, mark.line + 1 if mark else 1, (), words)])


class _Builder:
    """Turns YAML nodes into data; keeps lines and problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[Place, int] = {}
        self.problems: list[Problem] = []
        self._scalars = yaml.constructor.SafeConstructor()

    def build(self, node: yaml.Node, place: Place) -> Any:
        self.lines[place] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*place, index)) for index, item in enumerate(node.value)]
        return self._scalar(cast("yaml.ScalarNode", node), place)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode):
                self._note(key_node, place, Text("a key must be text", "键必须是文本"))
            elif key in built:
                self._note(key_node, (*place, key), Text("this key stands twice", "键重复"))
            else:
                built[key] = self.build(value_node, (*place, key))
                self.lines[(*place, key)] = key_node.start_mark.line + 1
        return built

    def _scalar(self, node: yaml.ScalarNode, place: Place) -> Any:
        kind = node.tag.rpartition(":")[2]
        constructors = {
            "int": self._scalars.construct_yaml_int,
            "float": self._scalars.construct_yaml_float,
            "bool": self._scalars.construct_yaml_bool,
            "null": self._scalars.construct_yaml_null,
        }
        if kind in constructors:
            try:
                return constructors[kind](node)
            except ValueError:
                self._note(node, place, Text("not a number", "不是数字"))
                return None
        # A date stays the text that it was written as.
        if kind in {"str", "timestamp"}:
            return node.value
        self._note(node, place, Text(f"the tag {node.tag} is not allowed", f"不允许使用标签 {node.tag}"))
        return None

    def _note(self, node: yaml.Node, place: Place, text: Text) -> None:
        self.problems.append(Problem(self.file, node.start_mark.line + 1, place, text))
