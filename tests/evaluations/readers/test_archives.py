"""ZIP, NPZ and pictures from strangers."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evaluations.readers.archives import open_archive, read_member
from evaluations.readers.arrays import read_npz
from evaluations.readers.images import decode_picture, read_pictures
from evaluations.readers.refusal import Refused


def zipped(members: dict[str, bytes], mode: int | None = None) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if mode is not None:
                info.external_attr = mode << 16
            archive.writestr(info, content)
    return stream.getvalue()


def png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["../up.txt", "a/../../up.txt", "/abs.txt", "C:/x.txt", "..\\up.txt"])
def test_member_that_leaves_the_archive_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="outside"):
        open_archive(zipped({name: b"x"}), "a.zip")
    assert list(tmp_path.iterdir()) == []


def test_bomb_link_encrypted_and_doubled_members_are_refused() -> None:
    with pytest.raises(Refused, match="bomb"):
        open_archive(zipped({"zeros.csv": b"\0" * 70_000_000}), "a.zip")
    with pytest.raises(Refused, match="link"):
        open_archive(zipped({"l": b"/etc/hostname"}, stat.S_IFLNK | 0o777), "a.zip")
    locked = bytearray(zipped({"a": b"x"}))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Refused, match="encrypted"):
        open_archive(bytes(locked), "a.zip")
    with pytest.raises(Refused, match="not a whole ZIP"):
        open_archive(zipped({"a": b"x"})[:-30], "a.zip")


def test_member_with_a_wrong_checksum_is_refused() -> None:
    data = bytearray(zipped({"a": b"hello"}))
    data[data.index(b"PK\x01\x02") + 16] ^= 0xFF
    with open_archive(bytes(data), "a.zip") as archive, pytest.raises(Refused, match="damaged"):
        read_member(archive, "a", "a.zip")


def test_npz_of_numbers_is_read() -> None:
    arrays = read_npz(npz(X=np.eye(3), y=np.arange(3), names=np.array(["a", "b", "c"])), "d.npz")
    assert arrays["X"].shape == (3, 3)
    assert arrays["names"].tolist() == ["a", "b", "c"]


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (pytest.fail, ("a pickle was opened",))


def test_npz_with_objects_is_refused_without_unpickling() -> None:
    content = npz(X=np.array([Bomb(), Bomb()], dtype=object))
    with pytest.raises(Refused, match="objects"):
        read_npz(content, "d.npz")


@pytest.mark.parametrize("names", [("X", "y"), ("x", "Y")])
def test_npz_of_unequal_lengths_is_refused(names: tuple[str, str]) -> None:
    with pytest.raises(Refused, match="4 rows and y has 3"):
        read_npz(npz(**{names[0]: np.ones((4, 2)), names[1]: np.ones(3)}), "d.npz")


def test_npz_whose_header_lies_is_refused() -> None:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ones((4, 2)))
    lying = stream.getvalue().replace(b"(4, 2)", b"(9, 2)")
    with pytest.raises(Refused, match="does not match its bytes"):
        read_npz(zipped({"X.npy": lying}), "d.npz")


def test_pictures_are_read_in_the_order_of_their_labels() -> None:
    members = {f"{i}.png": png(np.full((4, 5, 3), 10 * i)) for i in range(3)}
    members["labels.csv"] = b"file,label,site\n2.png,b,x\n0.png,a,y\n"
    read = read_pictures(zipped(members), "p.zip")
    assert read.pixels.shape == (2, 4, 5, 3)
    assert read.pixels[:, 0, 0, 0].tolist() == [20, 0]
    assert read.labels.text("label").tolist() == ["b", "a"]


def test_grey_sixteen_bit_picture_is_scaled_not_clipped() -> None:
    stream = io.BytesIO()
    Image.fromarray(np.full((2, 2), 0x8000, dtype=np.uint16)).save(stream, "PNG")
    assert np.asarray(decode_picture(stream.getvalue(), "p")).tolist() == [[128, 128], [128, 128]]


def test_pictures_missing_or_of_two_sizes_are_refused() -> None:
    members = {"a.png": png(np.zeros((4, 4))), "b.png": png(np.zeros((4, 5)))}
    with pytest.raises(Refused, match="has no labels"):
        read_pictures(zipped(members), "p.zip")
    with pytest.raises(Refused, match="not in the archive") as caught:
        read_pictures(zipped(members | {"labels.csv": b"file,label\na.png,1\nc.png,0\n"}), "p.zip")
    assert caught.value.place == "p.zip: labels.csv row 2, column file"
    with pytest.raises(Refused, match="All must be equal"):
        read_pictures(zipped(members | {"labels.csv": b"file,label\na.png,1\nb.png,0\n"}), "p.zip")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


@pytest.mark.parametrize("side", [7_000, 20_000])
def test_picture_bomb_is_refused_by_its_header(side: int) -> None:
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"\0")) + _chunk(b"IEND", b"")
    with pytest.raises(Refused, match="40,000,000"):
        decode_picture(bomb, "bomb.png")


def test_picture_with_a_wrong_checksum_or_cut_short_is_refused() -> None:
    whole = png(np.arange(64 * 64).reshape(64, 64) % 251)
    position = whole.index(b"IDAT")
    wrong = bytearray(whole)
    wrong[position + 4 + struct.unpack(">I", whole[position - 4 : position])[0]] ^= 0xFF
    for data in (bytes(wrong), whole[: len(whole) // 2], b"GIF89a"):
        with pytest.raises(Refused, match="damaged"):
            decode_picture(data, "p.png")
