"""NPZ files of plain numbers; headers are checked before any array is made, and pickles never loaded."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np

from evaluations.readers.archives import open_archive, read_member
from evaluations.readers.refusal import Refused
from evaluations.readers.table import shortened
from evaluations.readers.text import Text

MAX_BYTES = 2 * 2**30


def read_npz(data: bytes, origin: str) -> dict[str, np.ndarray]:
    """Arrays by name; all with the same first dimension as X when X is there.

    Raises `Refused` for object arrays, damaged or foreign members, and when X and y differ in length.
    """
    with open_archive(data, origin) as archive:
        arrays = {_key(name): _read_array(archive, name, origin) for name in archive.namelist()}
    if not arrays:
        raise Refused(Text(en="The archive holds no array.", zh="压缩包中没有数组。"), origin)
    _check_lengths(arrays, origin)
    inputs = arrays.get("X")
    if inputs is not None and (inputs.ndim < 2 or not np.issubdtype(inputs.dtype, np.number) or inputs.size == 0):
        raise Refused(
            Text(
                en=f"X must be an array of numbers with a row for each input; it is {inputs.dtype} {inputs.shape}.",
                zh=f"X 应为数值数组，每个输入一行；当前为 {inputs.dtype} {inputs.shape}。",
            ),
            f"{origin}: X",
        )
    return arrays


def _check_lengths(arrays: dict[str, np.ndarray], origin: str) -> None:
    """Inputs and labels of different length are refused, even where they are (wrongly) named x and Y."""
    inputs = next((array for name, array in arrays.items() if name.upper() == "X"), None)
    labels = next((array for name, array in arrays.items() if name.lower() == "y"), None)
    if inputs is not None and labels is not None and _length(inputs) != _length(labels):
        raise Refused(
            Text(
                en=f"X has {_length(inputs):,} rows and y has {_length(labels):,}. Each input needs one label.",
                zh=f"X 有 {_length(inputs):,} 行，而 y 有 {_length(labels):,} 行。每个输入须有一个标签。",
            ),
            f"{origin}: y",
        )


def _length(array: np.ndarray) -> int:
    return int(array.shape[0]) if array.ndim else 0


def _key(member: str) -> str:
    return member.removesuffix(".npy")


def _read_array(archive: zipfile.ZipFile, name: str, origin: str) -> np.ndarray:
    place = f"{origin}: {shortened(_key(name))}"
    if not name.endswith(".npy"):
        raise Refused(
            Text(
                en=f"An NPZ file holds only arrays, but “{shortened(name)}” is none.",
                zh=f"NPZ 文件只能包含数组，但“{shortened(name)}”不是数组。",
            ),
            place,
        )
    content = read_member(archive, name, origin)
    shape, dtype, start = _header(content, place)
    if dtype.hasobject:
        raise Refused(
            Text(
                en="The array holds Python objects, which only unpickling could read; nothing was unpickled. "
                "Save it as numbers or fixed-width text (numpy.savez with a plain dtype).",
                zh="数组包含 Python 对象，只能通过反序列化（pickle）读取；系统未执行反序列化。"
                "请以数值或定长文本类型保存（numpy.savez，普通 dtype）。",
            ),
            place,
        )
    count = int(np.prod(shape, dtype=object)) if shape else 1
    if count * dtype.itemsize > MAX_BYTES or count * dtype.itemsize != len(content) - start:
        raise Refused(
            Text(
                en=f"The array declares {count:,} values of {dtype}, which does not match its bytes. Save it again.",
                zh=f"数组声明了 {count:,} 个 {dtype} 值，与实际字节数不符。请重新保存。",
            ),
            place,
        )
    return np.lib.format.read_array(io.BytesIO(content), allow_pickle=False)


def _header(content: bytes, place: str) -> tuple[tuple[int, ...], np.dtype[Any], int]:
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
    except Exception as error:  # the header is a Python literal, and its parsers let out many kinds
        raise Refused(
            Text(en="The array's header is damaged. Save it again.", zh="数组头已损坏。请重新保存。"),
            place,
        ) from error
    return shape, dtype, stream.tell()
