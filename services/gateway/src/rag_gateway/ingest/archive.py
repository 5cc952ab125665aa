"""Looks into a zip file before anything unpacks it: office documents and books are such files."""

import codecs
import io
import stat
import zipfile
from collections.abc import Iterable

from rag_gateway.ingest.unparsable import Unparsable

codecs.lookup("cp437")  # of file names in zip files: a process that may open nothing cannot load it later
MOST_ENTRIES = 10_000
MOST_UNPACKED_BYTES = 256_000_000
MOST_RATIO = 200
"""Unpacked to packed, of entries that are large unpacked; text seldom goes beyond 30."""
LARGE_BYTES = 10_000_000


def check_archive(data: bytes) -> None:
    """Raises Unparsable: wrong_format, encrypted, too_large, or unsafe_archive for what no office program writes."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise Unparsable(
            "wrong_format", "The file is not what its name says, or damaged; open it and save it again."
        ) from error
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unparsable("encrypted", "The file is encrypted; save it without a password.")
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED_BYTES:
        raise Unparsable("too_large", "The file is too large once it is unpacked; split it.")
    if any(_is_bomb(entry) or _leads_out(entry) for entry in entries) or _overlap(entries):
        raise Unparsable(
            "unsafe_archive", "The file is built to do harm when it is unpacked; it is not read."
        )


def _is_bomb(entry: zipfile.ZipInfo) -> bool:
    return entry.file_size > LARGE_BYTES and entry.file_size > MOST_RATIO * max(entry.compress_size, 1)


def _leads_out(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename.replace("\\", "/")
    return name.startswith("/") or ".." in name.split("/") or stat.S_ISLNK(entry.external_attr >> 16)


def _overlap(entries: Iterable[zipfile.ZipInfo]) -> bool:
    reach = -1
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < reach:
            return True
        reach = entry.header_offset + entry.compress_size
    return False
