"""Pickles are recognised by their first bytes or their name, and never opened."""

from __future__ import annotations

from evaluations.readers.refusal import Refused
from evaluations.readers.text import Text

ENDINGS = (".pkl", ".pickle", ".pt", ".pth", ".joblib", ".dill", ".ckpt", ".npy.pkl", ".sav", ".h5", ".keras", ".pb")


def check_no_pickle(start: bytes, name: str, place: str) -> None:
    """Raises `Refused` when the first bytes or the name are those of a pickle or of a framework's own format."""
    protocol = len(start) > 1 and start[0] == 0x80 and 2 <= start[1] <= 5
    if protocol or name.lower().endswith(ENDINGS):
        raise Refused(
            Text(
                en="Models come as ONNX or skops. Pickles and the native files of frameworks can run code when "
                "opened, so this one was not opened. Export the model as ONNX (torch.onnx.export, tf2onnx) or "
                "save it with skops.io.dump.",
                zh="模型须以 ONNX 或 skops 提交。pickle 及框架原生文件在打开时可能执行代码，因此系统未打开该文件。"
                "请导出为 ONNX（torch.onnx.export、tf2onnx）或使用 skops.io.dump 保存。",
            ),
            place,
        )
