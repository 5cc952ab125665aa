"""Which files a command line names, and what each is called in its collection."""

import hashlib
import os
import unicodedata
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
    """Files by external id, those of other endings likewise, and what could not be read with the reason."""

    exclude: tuple[str, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)
    others: dict[str, Path] = field(default_factory=dict)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    folders: dict[Path, str] = field(default_factory=dict)
    """Those that were named, each with what the ids of its files begin with."""

    def without_file(self, names: Iterable[str]) -> list[str]:
        """Those of these external ids that would lie in the folders and have no file; the excluded are not missed."""
        there, begins = self.files.keys() | self.others.keys(), tuple(self.folders.values())
        gone = (name for name in names if name.startswith(begins) and name not in there)
        return sorted(name for name in gone if not excluded(name, self.exclude))

    @property
    def left_out(self) -> str:
        """How many files were left out for their endings, in words; empty where none was."""
        endings = Counter(file.suffix.lower() for _, file in sorted(self.others.items()))
        counts = [f"{count} {ending or 'without ending'}" for ending, count in endings.most_common()]
        rest = sum(count for _, count in endings.most_common()[ENDINGS_SAID:])
        said = ", ".join(counts[:ENDINGS_SAID] + ([f"{rest} others"] if rest else []))
        return said and f"{endings.total()} left out: {said}"


def find_files(paths: Iterable[Path], exclude: Iterable[str] = (), base: Path | None = None) -> Found:
    """Files by external id: the path relative to `base`, or else to the outermost folder that was named.

    So the id is the same wherever the command runs; a file that is named itself, outside all of those folders,
    is called by its name. Of a folder, the files that can be read, without hidden ones and without folders that
    are links, which may lead in circles; a file that is named itself is always taken. Raises Clash when two
    files get the same id, and ValueError for a path that is not in `base`.
    """
    named = sorted(set(map(_place, paths)), key=lambda place: (not place.is_dir(), len(place.parts)))
    found, folders = Found(tuple(exclude)), [place for place in named if place.is_dir()]
    for root in named:
        above = _place(base) if base else next(filter(root.is_relative_to, folders), root.parent)
        if root in folders:
            found.folders[root] = "" if root == above else f"{_external_id(root, above)}/"
        for file in _below(root, found.unreadable):
            name = _external_id(file, above)
            if excluded(name, found.exclude):
                continue
            if file not in named and file.suffix.lower() not in ENDINGS:
                found.others[name] = file
                continue
            other = found.files.setdefault(name, file)
            if other != file:
                raise Clash(
                    f"{printable(str(other))} and {printable(str(file))} would be one document,"
                    f" {printable(name)}: say with --base which folder above both their names begin in"
                )
    return found


def excluded(name: str, exclude: Iterable[str]) -> bool:
    """Whether a pattern leaves out this external id; it begins in a folder, so that `*/old/*` leaves out `old/`."""
    return any(fnmatch(name, pattern) or fnmatch(f"/{name}", pattern) for pattern in exclude)


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


def _external_id(file: Path, above: Path) -> str:
    if not file.is_relative_to(above):
        raise ValueError(f"{printable(str(file))} is not in {printable(str(above))}")
    return unicodedata.normalize("NFC", file.relative_to(above).as_posix())
