"""Any upload, inspected: described back in one line, or refused with the place and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evaluations.readers import describe_data, describe_models, documents
from evaluations.readers.description import Description
from evaluations.readers.pickles import check_no_pickle
from evaluations.readers.refusal import Refused
from evaluations.readers.table import shortened
from evaluations.readers.text import Text

MAX_BYTES = 2 * 2**30

DESCRIBERS: dict[str, Callable[[bytes, str], Description]] = {
    ".onnx": describe_models.describe_onnx,
    ".skops": describe_models.describe_skops,
    ".csv": describe_data.describe_csv,
    ".tsv": describe_data.describe_csv,
    ".parquet": describe_data.describe_parquet,
    ".npz": describe_data.describe_npz,
    ".zip": describe_data.describe_zip,
    ".json": documents.describe_json,
    ".md": documents.describe_text,
    ".txt": documents.describe_text,
    ".yaml": documents.describe_text,
    ".yml": documents.describe_text,
    ".pdf": documents.describe_pdf,
    ".png": documents.describe_picture,
    ".jpg": documents.describe_picture,
    ".jpeg": documents.describe_picture,
    ".svg": documents.describe_svg,
    ".sig": documents.describe_signature,
}


def inspect(path: Path, filename: str) -> Description:
    """Describes the file at `path`, which its sender called `filename`. Raises `Refused` when it cannot be used.

    Run it in the sandbox: the bytes come from outside.
    """
    name = shortened(filename.replace("\\", "/").rsplit("/", 1)[-1], 120) or "file"
    size = path.stat().st_size
    if size == 0:
        raise Refused(Text(en="The file is empty. Upload it again.", zh="文件为空。请重新上传。"), name)
    if size > MAX_BYTES:
        raise Refused(
            Text(
                en=f"The file is larger than {MAX_BYTES // 2**30} GB. Submit a sample or a smaller model.",
                zh=f"文件超过 {MAX_BYTES // 2**30} GB。请提交样本或较小的模型。",
            ),
            name,
        )
    data = path.read_bytes()
    check_no_pickle(data[:64], name, name)
    describe = DESCRIBERS.get(Path(name).suffix.lower())
    if describe is None:
        raise _unknown(name)
    return describe(data, name)


def _unknown(name: str) -> Refused:
    accepted = ", ".join(ending[1:] for ending in DESCRIBERS)
    return Refused(
        Text(
            en=f"Files of this type are not accepted. Models: ONNX or skops; accepted endings: {accepted}. "
            "Unpack .gz files, and save office documents as PDF and spreadsheets as CSV.",
            zh=f"不接受此类型的文件。模型须为 ONNX 或 skops；可接受的扩展名：{accepted}。"
            "请先解压 .gz 文件，办公文档请另存为 PDF，电子表格请另存为 CSV。",
        ),
        name,
    )
