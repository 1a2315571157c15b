"""CSV and Parquet: read as people write them, or refused with the place."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evaluations.readers.parquet import read_parquet
from evaluations.readers.refusal import Refused
from evaluations.readers.tabular import read_csv, sniff_delimiter

CHINESE = "姓名,年龄,结果\n王芳,34,合格\n李强,51,不合格\n张敏,29,合格\n"


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 (BOM)"),
        ("gb18030", "GB18030"),
        ("utf-16", "UTF-16"),
    ],
)
def test_chinese_table_in_any_usual_encoding(codec: str, name: str) -> None:
    sheet = read_csv(CHINESE.encode(codec), "人员.csv")
    assert sheet.encoding == name
    assert sheet.table.names == ["姓名", "年龄", "结果"]
    assert sheet.table.text("姓名").tolist() == ["王芳", "李强", "张敏"]
    assert sheet.table.column("年龄").tolist() == [34, 51, 29]


def test_latin_text_as_utf16_without_mark() -> None:
    assert read_csv("age,label\n3,1\n4,0\n".encode("utf-16-le"), "a.csv").table.column("age").tolist() == [3, 4]


def test_latin1_is_refused_at_its_first_byte() -> None:
    with pytest.raises(Refused) as caught:
        read_csv("a;b\n1;café\n2;thé;\n".encode("latin-1"), "a.csv")
    assert caught.value.place == "a.csv: line 2, byte 6"
    assert "0xE9" in caught.value.reason.en
    assert "UTF-8" in caught.value.reason.zh


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(delimiter: str) -> None:
    rows = [["id", "text", "x"], ["1", "one", "2"], ["2", "two", "3"]]
    assert sniff_delimiter("\n".join(delimiter.join(row) for row in rows)) == delimiter


def test_decimal_comma_becomes_a_number() -> None:
    table = read_csv(b"price;n\n1,5;1\n-2,25;2\n3;3\n", "a.csv").table
    assert table.column("price").tolist() == [1.5, -2.25, 3.0]


def test_thousands_with_point_and_comma_stay_text() -> None:
    assert read_csv(b"price;n\n1.234,5;1\n", "a.csv").table.numbers("price") is None


def test_quoted_delimiters_and_line_breaks_stay_in_their_cell() -> None:
    table = read_csv(b'a,b\n"x, y","line 1\nline 2"\nz,w\n', "a.csv").table
    assert table.text("a").tolist() == ["x, y", "z"]
    assert table.text("b")[0] == "line 1\nline 2"


def test_missing_values_are_nan_and_leading_zeros_survive_as_text() -> None:
    table = read_csv(b"x,code\n1,007\nNA,008\n,010\n", "a.csv").table
    assert np.isnan(table.column("x")).tolist() == [False, True, True]
    assert table.text("code").tolist() == ["007", "008", "010"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"a,b,c\n1,2,3\n4,5\n", "t.csv: row 2 (line 3), column 3"),
        (b"a,b\n1,2\n3,4,5\n", "t.csv: row 2 (line 3), column 3"),
        (b"age,x,age\n1,2,3\n", "t.csv: header, columns 1 and 3"),
        (b"a,b\n", "t.csv: row 1"),
        (b"a,b\n1,\x002\n", "t.csv: line 2, column 2"),
        (b"", "t.csv"),
        (b'a,b\n1,"open\n2,3\n', "t.csv: line 3"),
    ],
)
def test_fault_is_refused_with_its_place(content: bytes, place: str) -> None:
    with pytest.raises(Refused) as caught:
        read_csv(content, "t.csv")
    assert caught.value.place == place
    assert caught.value.reason.zh != caught.value.reason.en


def test_text_among_declared_numbers_names_row_and_cell() -> None:
    table = read_csv(b"x,y\n1,2\nn/a,3\nabc,4\n", "t.csv").table
    with pytest.raises(Refused) as caught:
        table.required_numbers("x")
    assert caught.value.place == "t.csv: row 3, column x"
    assert "abc" in caught.value.reason.en


def test_unknown_column_lists_those_there_are() -> None:
    with pytest.raises(Refused, match="income, label"):
        read_csv(b"income,label\n1,0\n", "t.csv").table.column("wage")


def _parquet(columns: dict[str, pa.Array]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


def test_parquet_types_become_numbers_and_text() -> None:
    data = _parquet(
        {
            "x": pa.array([1, None, 3]),
            "flag": pa.array([True, False, None]),
            "city": pa.array(["北京", None, "Graz"]).dictionary_encode(),
        }
    )
    table = read_parquet(data, "t.parquet")
    assert table.column("x")[[0, 2]].tolist() == [1, 3]
    assert np.isnan(table.column("x")[1])
    assert table.column("flag")[:2].tolist() == [1, 0]
    assert table.text("city").tolist() == ["北京", "", "Graz"]


def test_parquet_truncated_nested_or_empty_is_refused() -> None:
    whole = _parquet({"x": pa.array(range(100))})
    for data, word in (
        (whole[:-40], "Parquet"),
        (_parquet({"x": pa.array([[1, 2], [3]])}), "nested"),
        (_parquet({"x": pa.array([], pa.int64())}), "no row"),
    ):
        with pytest.raises(Refused, match=word):
            read_parquet(data, "t.parquet")
