"""Data described: rows, columns and types, and the cells that deserve a look."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluations.readers.archives import first_bytes, open_archive, read_member
from evaluations.readers.arrays import read_npz
from evaluations.readers.description import Description, counted, one_line, size_text
from evaluations.readers.images import ENDINGS, decode_picture, find_labels, read_pictures
from evaluations.readers.parquet import read_parquet
from evaluations.readers.pickles import check_no_pickle
from evaluations.readers.refusal import Refused
from evaluations.readers.table import MISSING, Table, shortened
from evaluations.readers.tabular import read_csv
from evaluations.readers.text import Text

_LISTED = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def describe_csv(data: bytes, filename: str) -> Description:
    """Reads the whole table. Raises `Refused` with row and column for what cannot be read."""
    sheet = read_csv(data, filename)
    warnings = (
        [
            Text(
                en=f"{len(sheet.unnamed)} columns have no name in the header (first: {sheet.unnamed[0]}).",
                zh=f"表头中有 {len(sheet.unnamed)} 列没有名称（首个：{sheet.unnamed[0]}）。",
            )
        ]
        if sheet.unnamed
        else []
    )
    delimiter = {"\t": "tab"}.get(sheet.delimiter, sheet.delimiter)
    facts = {"encoding": sheet.encoding, "delimiter": delimiter, "size": len(data)}
    return _table(sheet.table, "CSV", facts, [sheet.encoding], warnings)


def describe_parquet(data: bytes, filename: str) -> Description:
    """Reads the whole table."""
    return _table(read_parquet(data, filename), "Parquet", {"size": len(data)}, [], [])


def describe_npz(data: bytes, filename: str) -> Description:
    """Reads every array."""
    arrays = read_npz(data, filename)
    listed = [
        {"name": shortened(name), "dtype": str(array.dtype), "shape": list(array.shape)}
        for name, array in list(arrays.items())[:_LISTED]
    ]
    written = "; ".join(f"{entry['name']} {entry['dtype']} {entry['shape']}" for entry in listed[:6])
    warnings = []
    if "X" not in arrays:
        warnings.append(
            Text(en="There is no array X; a data set needs one.", zh="没有数组 X；数据集须包含 X。"),
        )
    for name, array in arrays.items():
        if np.issubdtype(array.dtype, np.floating) and not np.isfinite(array).all():
            count = int((~np.isfinite(array)).sum())
            warnings.append(
                Text(
                    en=f"Array {shortened(name)} holds {count:,} values that are NaN or infinite.",
                    zh=f"数组 {shortened(name)} 含有 {count:,} 个 NaN 或无穷大的值。",
                )
            )
    summary = one_line(["NPZ", written, size_text(len(data))], ["NPZ", written, size_text(len(data))])
    return Description("npz", summary, {"arrays": listed, "size": len(data)}, tuple(warnings))


def describe_zip(data: bytes, filename: str) -> Description:
    """Pictures with labels.csv are a data set; any other archive is described but cannot feed a test."""
    with open_archive(data, filename) as archive:
        files = [name for name in archive.namelist() if not name.endswith("/")]
        for name in files:
            check_no_pickle(first_bytes(archive, name, filename, 64), name, f"{filename}: {shortened(name)}")
        labelled = any(name.rsplit("/", 1)[-1] == "labels.csv" for name in files)
        pictures = [name for name in files if name.lower().endswith(ENDINGS)]
        if not (labelled and pictures):
            return _plain_archive(archive, files, pictures, filename, len(data))
        find_labels(archive, filename)
    read = read_pictures(data, filename)
    n, height, width, channels = read.pixels.shape
    facts = {
        "pictures": n,
        "shape": [height, width, channels],
        "columns": [shortened(name) for name in read.labels.names[:_LISTED]],
    }
    summary = one_line(
        [f"ZIP with {n:,} labelled pictures", f"{width}×{height}, {channels} channels", size_text(len(data))],
        [f"ZIP，{n:,} 张带标签的图片", f"{width}×{height}，{channels} 通道", size_text(len(data))],
    )
    return Description("images", summary, {**facts, "size": len(data)}, tuple(_table_warnings(read.labels)))


def _plain_archive(archive: Any, files: list[str], pictures: list[str], filename: str, size: int) -> Description:
    damaged = []
    for name in pictures:
        try:
            decode_picture(read_member(archive, name, filename), name)
        except Refused:
            damaged.append(shortened(name))
    warnings = [
        Text(
            en="The archive has no labels.csv, so it cannot serve as a data set. "
            "Add one with the columns file and label.",
            zh="压缩包中没有 labels.csv，不能用作数据集。请加入包含 file 与 label 两列的 labels.csv。",
        )
    ]
    if damaged:
        warnings.append(
            Text(
                en=f"{len(damaged)} of {len(pictures)} pictures are damaged: {', '.join(damaged[:20])}.",
                zh=f"{len(pictures)} 张图片中有 {len(damaged)} 张已损坏：{'、'.join(damaged[:20])}。",
            )
        )
    summary = one_line(
        ["ZIP", counted(len(files), "file"), counted(len(pictures), "picture"), size_text(size)],
        ["ZIP", f"{len(files):,} 个文件", f"{len(pictures):,} 张图片", size_text(size)],
    )
    listed = [shortened(name) for name in files[:_LISTED]]
    facts = {
        "files": len(files),
        "pictures": len(pictures),
        "damaged": damaged[:_LISTED],
        "names": listed,
    }
    return Description("archive", summary, {**facts, "size": size}, tuple(warnings))


def _table(table: Table, name: str, facts: dict[str, Any], extra: list[str], warnings: list[Text]) -> Description:
    kinds = {column: _kind(table, column) for column in table.names[:_LISTED]}
    facts |= {
        "rows": table.n,
        "columns": len(table.names),
        "names": [shortened(column) for column in kinds],
        "types": list(kinds.values()),
    }
    size = size_text(facts["size"])
    summary = one_line(
        [name, counted(table.n, "row"), counted(len(table.names), "column"), *extra, size],
        [name, f"{table.n:,} 行", f"{len(table.names):,} 列", *extra, size],
    )
    return Description(name.lower(), summary, facts, tuple(warnings + _table_warnings(table)))


def _kind(table: Table, column: str) -> str:
    numbers = table.numbers(column)
    if numbers is None:
        return "text"
    present = numbers[~np.isnan(numbers)]
    if len(present) == 0:
        return "empty"
    return "integer" if bool(np.all(present == np.round(present))) else "number"


def _table_warnings(table: Table) -> list[Text]:
    found = [
        Text(
            en=f"The column name “{shortened(name)}” holds markup or quotes; it is shown as plain text everywhere.",
            zh=f"列名“{shortened(name)}”含有标记或引号；系统各处均按纯文本显示。",
        )
        for name in table.names[:_LISTED]
        if any(character in name for character in "<>;'\"`")
    ][:5]
    for name in table.names[:_LISTED]:
        if table.numbers(name) is None:
            found += _text_warnings(table, name)
    return found[:20]


def _text_warnings(table: Table, name: str) -> list[Text]:
    """Formula cells (dangerous when the file is opened in a spreadsheet) and stray text among numbers."""
    cells = table.text(name).tolist()
    found = []
    formulas = [row for row, cell in enumerate(cells, 1) if cell.startswith(_FORMULA) and not _harmless(cell)]
    if formulas:
        found.append(
            Text(
                en=f"Column “{shortened(name)}”, row {formulas[0]}: “{shortened(cells[formulas[0] - 1])}” would run "
                f"as a formula in a spreadsheet ({len(formulas):,} such cells). It is treated as text here.",
                zh=f"列“{shortened(name)}”第 {formulas[0]} 行：“{shortened(cells[formulas[0] - 1])}”"
                f"在电子表格中会作为公式执行（共 {len(formulas):,} 个此类单元格）。本系统按文本处理。",
            )
        )
    present = [cell for cell in cells if cell.strip() not in MISSING]
    numeric = sum(1 for cell in present if _harmless(cell))
    if present and 0.8 * len(present) <= numeric < len(present):
        row, cell = table.first_text(name)
        found.append(
            Text(
                en=f"Column “{shortened(name)}” is mostly numbers, but row {row} holds “{shortened(cell)}”.",
                zh=f"列“{shortened(name)}”大多为数值，但第 {row} 行为“{shortened(cell)}”。",
            )
        )
    return found


def _harmless(cell: str) -> bool:
    """A signed number is no formula, nor is a lone sign."""
    if cell.strip() in ("-", "+", ""):
        return True
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True
