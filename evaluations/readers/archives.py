"""ZIP archives, looked at before anything in them is expanded."""

from __future__ import annotations

import io
import lzma
import stat
import zipfile
import zlib

from evaluations.readers.refusal import Refused
from evaluations.readers.table import shortened
from evaluations.readers.text import Text

MAX_MEMBERS = 100_000
MAX_EXPANDED = 2 * 2**30
SUSPECT_SIZE = 64 * 2**20
MAX_RATIO = 200
_DAMAGE = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
)


def open_archive(data: bytes, origin: str) -> zipfile.ZipFile:
    """An archive whose members are all safe to read. Raises `Refused` naming the member that is not."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
    except _DAMAGE:
        raise Refused(
            Text(
                en="The file is not a whole ZIP archive. Pack and upload it again.",
                zh="该文件不是完整的 ZIP 压缩包。请重新打包并上传。",
            ),
            origin,
        ) from None
    _check_sum(members, origin)
    seen: set[str] = set()
    for member in members:
        _check_member(member, origin)
        if member.filename in seen:
            raise _refused_member(member, origin, "stands twice in the archive", "在压缩包中重复出现")
        seen.add(member.filename)
    return archive


def read_member(archive: zipfile.ZipFile, name: str, origin: str) -> bytes:
    """The bytes of one member; at most as many as its entry declares. Raises `Refused` when it is damaged."""
    member = archive.getinfo(name)
    try:
        with archive.open(member) as stream:
            content = stream.read(member.file_size + 1)
    except _DAMAGE as error:
        raise _damaged(member, origin) from error
    if len(content) != member.file_size:
        raise _damaged(member, origin)
    return content


def first_bytes(archive: zipfile.ZipFile, name: str, origin: str, size: int) -> bytes:
    """The first bytes of one member, `size` at most. Raises `Refused` when it is damaged."""
    member = archive.getinfo(name)
    try:
        with archive.open(member) as stream:
            return stream.read(size)
    except _DAMAGE as error:
        raise _damaged(member, origin) from error


def _check_sum(members: list[zipfile.ZipInfo], origin: str) -> None:
    expanded = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS or expanded > MAX_EXPANDED:
        raise Refused(
            Text(
                en=f"The archive holds {len(members):,} files of {expanded / 2**20:,.0f} MB in all; at most "
                f"{MAX_MEMBERS:,} files and {MAX_EXPANDED // 2**20:,} MB are read. Submit a sample.",
                zh=f"压缩包含 {len(members):,} 个文件，展开后共 {expanded / 2**20:,.0f} MB；最多读取 "
                f"{MAX_MEMBERS:,} 个文件、{MAX_EXPANDED // 2**20:,} MB。请提交样本。",
            ),
            origin,
        )


def _check_member(member: zipfile.ZipInfo, origin: str) -> None:
    name = member.filename.replace("\\", "/")
    if name.startswith("/") or ":" in name.split("/")[0] or ".." in name.split("/"):
        raise _refused_member(member, origin, "points outside the archive", "指向压缩包之外")
    if member.flag_bits & 1:
        raise _refused_member(member, origin, "is encrypted; pack it without a password", "已加密；请不要使用密码打包")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise _refused_member(member, origin, "is a symbolic link; pack the file itself", "是符号链接；请打包文件本身")
    if member.file_size > SUSPECT_SIZE and member.file_size > MAX_RATIO * max(1, member.compress_size):
        raise _refused_member(
            member,
            origin,
            f"would expand from {member.compress_size:,} to {member.file_size:,} bytes and is taken for a bomb",
            f"将由 {member.compress_size:,} 字节展开为 {member.file_size:,} 字节，疑似压缩炸弹",
        )


def _refused_member(member: zipfile.ZipInfo, origin: str, en: str, zh: str) -> Refused:
    name = shortened(member.filename)
    return Refused(
        Text(
            en=f"“{name}” {en}. Nothing was unpacked.",
            zh=f"“{name}”{zh}。未解压任何内容。",
        ),
        f"{origin}: {name}",
    )


def _damaged(member: zipfile.ZipInfo, origin: str) -> Refused:
    return _refused_member(member, origin, "is damaged; pack and upload it again", "已损坏；请重新打包并上传")
