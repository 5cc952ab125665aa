"""Which files a command line names, and what each is called in its collection."""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

ENDINGS = set(".md .markdown .txt .csv .json .jsonl .html .htm .eml .pdf .docx .pptx .xlsx .epub".split())  # noqa: SIM905
"""Of the files that the gateway reads; it takes their kind from the name."""
ENDINGS_SAID = 8


class Clash(Exception):
    """Two files would be one document."""


class NoFile(OSError):
    """What is named cannot be sent; the words say why."""


@dataclass(frozen=True)
class Found:
    """Files by external id, the folders that could not be read with the reason, and files of other endings."""

    files: dict[str, Path] = field(default_factory=dict)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    others: set[Path] = field(default_factory=set)

    @property
    def left_out(self) -> str:
        """How many files were left out for their endings, in words; empty where none was."""
        endings = Counter(file.suffix.lower() for file in sorted(self.others.difference(self.files.values())))
        counts = [f"{count} {ending or 'without ending'}" for ending, count in endings.most_common()]
        rest = sum(count for _, count in endings.most_common()[ENDINGS_SAID:])
        said = ", ".join(counts[:ENDINGS_SAID] + ([f"{rest} others"] if rest else []))
        return said and f"{endings.total()} left out: {said}"


def find_files(paths: Iterable[Path], exclude: Iterable[str] = ()) -> Found:
    """Files by external id: the path relative to here, or to the named folder where that is elsewhere.

    Of a folder, the files that can be read, without hidden ones and without folders that are links, which may
    lead in circles; a file that is named itself is always taken. Raises Clash when two files get the same id.
    """
    found, patterns = Found(), tuple(exclude)
    for root in map(_place, paths):
        for file in _below(root, found.unreadable):
            name = _external_id(file, root)
            if any(fnmatch(name, pattern) for pattern in patterns):
                continue
            if file != root and file.suffix.lower() not in ENDINGS:
                found.others.add(file)
                continue
            other = found.files.setdefault(name, file)
            if other != file:
                raise Clash(
                    f"{printable(str(other))} and {printable(str(file))} would be one document,"
                    f" {printable(name)}: run it in a folder above both"
                )
    return found


def reason_of(error: OSError) -> str:
    """Why a file cannot be read, in words."""
    return error.strerror or str(error)


def check_file(name: str, path: Path) -> None:
    """Raises NoFile for what cannot be sent: gone, a pipe, or a name that is no text or says no kind."""
    if not path.exists():
        raise NoFile("it is not there any more")
    if not path.is_file():
        raise NoFile("it is not a file")
    if path.name.lower() in ENDINGS:
        raise NoFile("it has no name before its ending; rename it")
    if not path.suffix:
        raise NoFile("its name has no ending, which says what it is; rename it")
    try:
        f"{name}{path.name}".encode()
    except UnicodeEncodeError as error:
        raise NoFile("its name is not UTF-8; rename it") from error


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def printable(name: str) -> str:
    """A file's name without what a terminal would obey or could not show."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def _place(root: Path) -> Path:
    """The absolute path; a link that is named itself keeps its name."""
    return Path(os.path.normpath(root.parent.resolve() / root.name))


def _below(root: Path, unreadable: list[tuple[str, str]]) -> Iterator[Path]:
    if not root.is_dir():
        yield root
        return

    def note(error: OSError) -> None:
        unreadable.append((str(error.filename), reason_of(error)))

    for folder, folders, names in os.walk(root, onerror=note):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(folder, name)


def _external_id(file: Path, root: Path) -> str:
    here = Path.cwd()
    if file.is_relative_to(here):
        return file.relative_to(here).as_posix()
    return file.name if file == root else file.relative_to(root).as_posix()
