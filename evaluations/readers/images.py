"""Pictures: single files and zipped sets with a label file, decoded by Pillow within limits."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from evaluations.readers.archives import open_archive, read_member
from evaluations.readers.refusal import Refused
from evaluations.readers.table import Table, shortened
from evaluations.readers.tabular import read_csv
from evaluations.readers.text import Text

MAX_PIXELS = 40_000_000
MAX_VALUES = 500_000_000
FORMATS = ("PNG", "JPEG", "BMP")
ENDINGS = (".png", ".jpg", ".jpeg", ".bmp")
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
# What Pillow raises on damaged pictures, by experience with PngSuite.
_DAMAGE = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError, struct.error)


@dataclass(frozen=True)
class PictureSet:
    """Decoded pictures (n×H×W×C, uint8) and the label table, one row for each, in its order."""

    pixels: np.ndarray
    labels: Table


def decode_picture(data: bytes, place: str) -> Image.Image:
    """A wholly decoded picture, Grey or RGB (alpha on white). Raises `Refused` when damaged or too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            checked = Image.open(io.BytesIO(data), formats=FORMATS)
            _check_pixels(checked, place)
            checked.verify()  # the checksum of every chunk; a verified picture must be opened anew
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            picture.load()
    except Image.DecompressionBombError:
        raise _too_many_pixels(place) from None
    except _DAMAGE as error:
        raise Refused(
            Text(
                en=f"The picture is damaged or not PNG, JPEG or BMP ({shortened(str(error).split(' <')[0], 80)}).",
                zh="图片已损坏，或不是 PNG、JPEG、BMP 格式。",
            ),
            place,
        ) from None
    return plain(picture)


def read_pictures(data: bytes, origin: str) -> PictureSet:
    """A ZIP of pictures with `labels.csv` (columns file, label, and any others). All must be of one size."""
    with open_archive(data, origin) as archive:
        root, labels = find_labels(archive, origin)
        names = set(archive.namelist())
        pictures: list[np.ndarray] = []
        for row, name in enumerate(labels.text("file").tolist(), 1):
            member = root + name
            if member not in names:
                raise Refused(
                    Text(
                        en=f"Row {row} of labels.csv names “{shortened(name)}”, which is not in the archive.",
                        zh=f"labels.csv 第 {row} 行的“{shortened(name)}”不在压缩包中。",
                    ),
                    f"{origin}: labels.csv row {row}, column file",
                )
            place = f"{origin}: {shortened(name)}"
            pixels = np.atleast_3d(np.asarray(decode_picture(read_member(archive, member, origin), place)))
            _check_same_size(pictures, pixels, len(names), place)
            pictures.append(pixels)
    return PictureSet(np.stack(pictures), labels)


def find_labels(archive: zipfile.ZipFile, origin: str) -> tuple[str, Table]:
    """Folder of the pictures inside the archive ("" or "name/") and the label table beside them."""
    found = sorted(
        (name for name in archive.namelist() if name.rsplit("/", 1)[-1] == "labels.csv"),
        key=lambda name: name.count("/"),
    )
    if not found:
        raise Refused(
            Text(
                en="The archive has no labels.csv. Add one with the columns file and label.",
                zh="压缩包中没有 labels.csv。请加入包含 file 与 label 两列的 labels.csv。",
            ),
            origin,
        )
    table = read_csv(read_member(archive, found[0], origin), f"{origin}: labels.csv").table
    table.text("file")
    return found[0].removesuffix("labels.csv"), table


def _check_pixels(picture: Image.Image, place: str) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_many_pixels(place)


def _too_many_pixels(place: str) -> Refused:
    return Refused(
        Text(
            en=f"The picture would decode to more than {MAX_PIXELS:,} pixels. Nothing was decoded. "
            "Submit it at the size the model uses.",
            zh=f"图片解码后将超过 {MAX_PIXELS:,} 像素。未解码任何内容。请按模型使用的尺寸提交。",
        ),
        place,
    )


def _check_same_size(earlier: list[np.ndarray], pixels: np.ndarray, count: int, place: str) -> None:
    if earlier and earlier[0].shape != pixels.shape:
        raise Refused(
            Text(
                en=f"The picture is {pixels.shape[1]}×{pixels.shape[0]} with {pixels.shape[2]} channels, the first "
                f"one {earlier[0].shape[1]}×{earlier[0].shape[0]} with {earlier[0].shape[2]}. All must be equal.",
                zh=f"该图片为 {pixels.shape[1]}×{pixels.shape[0]}、{pixels.shape[2]} 通道，首张为 "
                f"{earlier[0].shape[1]}×{earlier[0].shape[0]}、{earlier[0].shape[2]} 通道。所有图片须一致。",
            ),
            place,
        )
    if pixels.size * count > MAX_VALUES:
        raise Refused(
            Text(
                en="The pictures are too many to hold in memory. Submit a sample.",
                zh="图片过多，超出内存限制。请提交样本。",
            ),
            place,
        )


def plain(picture: Image.Image) -> Image.Image:
    """The picture in grey or RGB of eight bits; what is transparent lies on white."""
    if picture.mode.startswith("I"):  # 16-bit grey: Pillow would clip, not scale
        return Image.fromarray((np.asarray(picture, dtype=np.uint32) >> 8).astype(np.uint8))
    if picture.mode in ("L", "1", "LA"):
        return picture.convert("L")
    if picture.mode in ("RGBA", "P", "PA"):
        transparent = picture.convert("RGBA")
        white = Image.new("RGBA", transparent.size, "white")
        return Image.alpha_composite(white, transparent).convert("RGB")
    return picture.convert("RGB")
