"""Prints each check as it ends, then the verdict on all of them."""

import json
import time
from collections.abc import Iterable

from rich.console import Console

from groundwork.gateway import Json
from groundwork.verify import Checked


def report(checks: Iterable[Checked], console: Console, as_json: bool) -> bool:
    """One line a check, as JSON or for people; whether all passed."""
    started, failed, count = time.monotonic(), 0, 0
    for checked in checks:
        count += 1
        failed += not checked.ok
        _say(_fields(checked) if as_json else _line(checked), console)
    seconds = round(time.monotonic() - started, 1)
    verdict = "failed" if failed or not count else "passed"
    counts = {"checks": count} | ({"failed": failed} if failed else {})
    words = f"{verdict}: {count - failed} of {count} checks in {seconds:.1f} s"
    _say({"verdict": verdict, **counts, "seconds": seconds} if as_json else words, console)
    return verdict == "passed"


def _fields(checked: Checked) -> Json:
    fields = {
        "check": checked.check,
        "ok": checked.ok,
        "seconds": round(checked.seconds, 2),
        "detail": checked.detail,
    }
    return fields if checked.ok else {**fields, "hint": checked.hint}


def _line(checked: Checked) -> str:
    line = f"{'✓' if checked.ok else '✗'} {checked.check:<10} {checked.seconds:6.1f} s  {checked.detail}"
    return line if checked.ok else f"{line}\n  → {checked.hint}"


def _say(what: Json | str, console: Console) -> None:
    """At once, since a Job's log is read while it runs; never wrapped, since a line is an object."""
    console.out(what if isinstance(what, str) else json.dumps(what, ensure_ascii=False), highlight=False)
    console.file.flush()
