"""Prints what the doctor found, a line each."""

from collections.abc import Iterable, Sequence

from rich.console import Console

from groundwork.doctor import Finding
from groundwork.reconcile import Orphans


def report_findings(findings: Iterable[Finding], console: Console) -> bool:
    """Each check as it ends, with advice where it is not well; whether all are."""
    sick = False
    for finding in findings:
        sick = sick or bool(finding.advice)
        mark = "✗" if finding.advice else "✓"
        advice = f" → {finding.advice}" if finding.advice else ""
        console.out(f"{mark} {finding.check}: {finding.words}{advice}", highlight=False)
    return not sick


def report_orphans(orphans: Sequence[Orphans], console: Console) -> bool:
    """How many of each kind, one of them and what to do, then the sum; whether there are none."""
    for kind in orphans:
        words = kind.name.replace("_", " ")
        console.out(f"✗ {words}: {kind.count}, such as {kind.example} → {kind.advice}", highlight=False)
    console.out(f"{sum(kind.count for kind in orphans)} orphans", highlight=False)
    return not orphans
