"""CSV files: read with row and column of every fault named, or refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from evaluations.readers.refusal import Refused
from evaluations.readers.table import Table, shortened
from evaluations.readers.text import Text
from evaluations.readers.text_encoding import decode

MAX_BYTES = 512 * 2**20
MAX_COLUMNS = 20_000
MAX_CELLS = 60_000_000
MAX_CELL = 1_000_000
_CHUNK = 8_192


@dataclass(frozen=True)
class Sheet:
    """A CSV file as read: its table, encoding, delimiter, and the columns that had no name."""

    table: Table
    encoding: str
    delimiter: str
    unnamed: tuple[str, ...]


def read_csv(data: bytes, origin: str) -> Sheet:
    """Reads a CSV file with a header row. Raises `Refused` with row and column for what cannot be read."""
    _check_size(data, origin)
    text, encoding = decode(data, origin)
    _check_nul(text, origin)
    delimiter = sniff_delimiter(text)
    rows = _rows(text, delimiter, origin)
    header = [name.strip() for name in next(rows, (0, []))[1]]
    names, unnamed = _names(header, origin)
    columns = _columns(rows, names, origin)
    return Sheet(Table(columns, origin), encoding, delimiter, unnamed)


def sniff_delimiter(text: str) -> str:
    """Comma, semicolon, tab or bar: the one that cuts the first lines into the most, and equally many, fields."""
    lines = text[:65_536].splitlines()[:50]
    best, fields = ",", 1.0
    for candidate in ",;\t|":
        try:
            counts = [len(row) for row in csv.reader(lines, delimiter=candidate) if row]
        except csv.Error:
            continue
        if not counts or counts[0] < 2:
            continue
        agreeing = sum(1 for count in counts if count == counts[0]) / len(counts)
        if counts[0] * agreeing**4 > fields:
            best, fields = candidate, counts[0] * agreeing**4
    return best


def _check_size(data: bytes, origin: str) -> None:
    if not data.strip():
        raise Refused(Text(en="The file is empty.", zh="文件为空。"), origin)
    if len(data) > MAX_BYTES:
        raise Refused(
            Text(
                en=f"The table is larger than {MAX_BYTES // 2**20} MB. Submit a sample, or Parquet.",
                zh=f"表格超过 {MAX_BYTES // 2**20} MB。请提交样本或改用 Parquet。",
            ),
            origin,
        )


def _check_nul(text: str, origin: str) -> None:
    position = text.find("\0")
    if position < 0:
        return
    line = text.count("\n", 0, position) + 1
    start = text.rfind("\n", 0, position) + 1
    column = text.count(",", start, position) + 1
    raise Refused(
        Text(
            en=f"Line {line} holds a NUL character. The file may be damaged or not be text; export it again.",
            zh=f"第 {line} 行含有 NUL 字符。文件可能已损坏或不是文本，请重新导出。",
        ),
        f"{origin}: line {line}, column {column}",
    )


def _rows(text: str, delimiter: str, origin: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and fields of each row that is not blank."""
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line = reader.line_num
            raise Refused(
                Text(
                    en=f"Line {line} cannot be read as CSV ({error}). Check its quotation marks.",
                    zh=f"第 {line} 行无法按 CSV 读取（{error}）。请检查该行的引号。",
                ),
                f"{origin}: line {line}",
            ) from None
        if row:
            yield reader.line_num, row


def _names(header: list[str], origin: str) -> tuple[list[str], tuple[str, ...]]:
    if len(header) > MAX_COLUMNS:
        raise Refused(
            Text(
                en=f"The header has {len(header):,} columns; at most {MAX_COLUMNS:,} are read.",
                zh=f"表头有 {len(header):,} 列，最多读取 {MAX_COLUMNS:,} 列。",
            ),
            f"{origin}: header",
        )
    names = [name or f"column {index}" for index, name in enumerate(header, 1)]
    seen: dict[str, int] = {}
    for index, name in enumerate(names, 1):
        if name in seen:
            raise Refused(
                Text(
                    en=f"Columns {seen[name]} and {index} have the same name “{shortened(name)}”. Give each its own.",
                    zh=f"第 {seen[name]} 列与第 {index} 列同名“{shortened(name)}”。请为每列取不同的名称。",
                ),
                f"{origin}: header, columns {seen[name]} and {index}",
            )
        seen[name] = index
    return names, tuple(name for name, given in zip(names, header, strict=True) if not given)


def _columns(rows: Iterator[tuple[int, list[str]]], names: list[str], origin: str) -> dict[str, pa.ChunkedArray]:
    chunks: list[list[pa.Array]] = []
    block: list[list[str]] = []
    number = 0
    for number, (line, row) in enumerate(rows, 1):
        if len(row) != len(names):
            raise _ragged(number, line, len(row), len(names), origin)
        if number * len(names) > MAX_CELLS:
            raise _too_many(origin)
        block.append(row)
        if len(block) == _CHUNK:
            chunks.append(_transposed(block))
            block = []
    if number == 0:
        raise Refused(
            Text(
                en="The file has a header but no row. Upload the data with its rows.",
                zh="文件只有表头，没有数据行。请上传包含数据行的文件。",
            ),
            f"{origin}: row 1",
        )
    if block:
        chunks.append(_transposed(block))
    return {name: pa.chunked_array([chunk[index] for chunk in chunks]) for index, name in enumerate(names)}


def _transposed(block: list[list[str]]) -> list[pa.Array]:
    return [pa.array(column, pa.string()) for column in zip(*block, strict=True)]


def _ragged(row: int, line: int, found: int, wanted: int, origin: str) -> Refused:
    return Refused(
        Text(
            en=f"Row {row} (line {line}) has {found} fields, the header has {wanted}. "
            "Correct the row; text that contains the delimiter must stand in quotation marks.",
            zh=f"第 {row} 行（文件第 {line} 行）有 {found} 个字段，而表头有 {wanted} 个。"
            "请更正该行；包含分隔符的文本须加引号。",
        ),
        f"{origin}: row {row} (line {line}), column {min(found, wanted) + 1}",
    )


def _too_many(origin: str) -> Refused:
    return Refused(
        Text(
            en=f"The table has more than {MAX_CELLS:,} cells. Submit a sample.",
            zh=f"表格超过 {MAX_CELLS:,} 个单元格。请提交样本。",
        ),
        origin,
    )
