"""Parquet files, with sizes checked from the footer before any column is decompressed."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from evaluations.readers.refusal import Refused
from evaluations.readers.table import Table, shortened
from evaluations.readers.tabular import MAX_CELLS, MAX_COLUMNS
from evaluations.readers.text import Text

MAX_EXPANDED = 2 * 2**30


def read_parquet(data: bytes, origin: str) -> Table:
    """Reads a flat Parquet table. Raises `Refused` when it is damaged, nested or too large."""
    try:
        source = pq.ParquetFile(pa.BufferReader(data))
        _check_footer(source, origin)
        content = source.read()
    except (pa.ArrowException, OSError) as error:
        raise Refused(
            Text(
                en=f"The file is not a whole Parquet file ({shortened(str(error), 120)}). Export and upload it again.",
                zh=f"该文件不是完整的 Parquet 文件（{shortened(str(error), 120)}）。请重新导出并上传。",
            ),
            origin,
        ) from None
    return Table({name: _plain(content.column(name)) for name in content.column_names}, origin)


def _check_footer(source: pq.ParquetFile, origin: str) -> None:
    footer, schema = source.metadata, source.schema_arrow
    expanded = sum(footer.row_group(index).total_byte_size for index in range(footer.num_row_groups))
    cells = footer.num_rows * footer.num_columns
    if cells > MAX_CELLS or expanded > MAX_EXPANDED or footer.num_columns > MAX_COLUMNS:
        raise Refused(
            Text(
                en=f"The table has {footer.num_rows:,} rows and {footer.num_columns:,} columns; "
                f"at most {MAX_CELLS:,} cells and {MAX_COLUMNS:,} columns are read. Submit a sample.",
                zh=f"表格有 {footer.num_rows:,} 行、{footer.num_columns:,} 列；最多读取 {MAX_CELLS:,} 个单元格、"
                f"{MAX_COLUMNS:,} 列。请提交样本。",
            ),
            origin,
        )
    if footer.num_rows == 0:
        raise Refused(Text(en="The table has no row.", zh="表格没有数据行。"), f"{origin}: row 1")
    _check_columns(schema, origin)


def _check_columns(schema: pa.Schema, origin: str) -> None:
    for name in schema.names:
        if schema.names.count(name) > 1:
            raise Refused(
                Text(
                    en=f"Two columns have the same name “{shortened(name)}”. Give each its own.",
                    zh=f"有两列同名“{shortened(name)}”。请为每列取不同的名称。",
                ),
                f"{origin}: column {shortened(name)}",
            )
        if pa.types.is_nested(schema.field(name).type):
            raise Refused(
                Text(
                    en=f"Column “{shortened(name)}” is nested ({schema.field(name).type}). "
                    "Write one value into each cell.",
                    zh=f"列“{shortened(name)}”为嵌套类型（{schema.field(name).type}）。每个单元格只能有一个值。",
                ),
                f"{origin}: column {shortened(name)}",
            )


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dictionary-encoded and large text as plain text, so that one code path serves both file formats."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.cast(pa.string()) if pa.types.is_large_string(column.type) else column
