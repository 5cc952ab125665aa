"""One run of the command `ingest`: what it says before, meanwhile and at the end."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console

from groundwork.collection import Collection, Known, Plan, plan_of
from groundwork.files import Found, check_file, printable, reason_of
from groundwork.gateway import Gateway
from groundwork.ingest import ingest
from groundwork.patience import Away, Patience, Stopped, until_ctrl_c
from groundwork.progress import shown
from groundwork.refusals import GatewayError
from groundwork.tally import Tally

FAILED, INTERRUPTED = 1, 130
NAMED = 3
GO_ON = "the same command goes on from here, and what is in is not sent again"


@dataclass(frozen=True)
class Batch:
    """Files on their way into a collection; its methods give the command's exit status."""

    gateway: Gateway
    name: str
    found: Found
    console: Console

    def send(self, parallel: int, wait: bool, prune: bool) -> int:
        """Makes the collection, sends what is not there, and says what became of it."""
        if not self.gateway.has_collection(self.name):
            self.gateway.create_collection(self.name)
        tally = Tally(len(self.found.files), failures=list(self.found.unreadable))
        collection, interrupted = self._collection, False
        try:
            with shown(self.console) as show, until_ctrl_c(collection.patience):
                ingest(collection, self.found.files, tally, show, parallel, wait)
            if prune:
                self._prune(collection.known, tally, whole=wait and not tally.failures)
        except Stopped:
            interrupted = True
        finally:
            for name, reason in tally.failures:
                self._say(f"failed: {name}: {reason}", "red")
            for name, gaps in tally.gaps.items():
                self._say(f"{name}: {gaps}", "yellow")
            self._say("; ".join(filter(None, [tally.summary, self.found.left_out])))
        if interrupted:
            self._say(f"interrupted: {GO_ON}")
            return INTERRUPTED
        if not prune:
            self._mention(collection.known)
        return FAILED if tally.failures else 0

    def preview(self, prune: bool) -> int:
        """Says what would be sent and removed; sends, makes and removes nothing."""
        known = self._collection.known if self.gateway.has_collection(self.name) else {}
        counts: dict[Plan | str, int] = {}
        for name, reason in self.found.unreadable:
            self._say(f"unreadable: {name}: {reason}", "red")
        for name, path in self.found.files.items():
            try:
                check_file(name, path)
                plan: Plan | str = plan_of(path, known.get(name))
            except OSError as error:
                plan = "unreadable"
                self._say(f"unreadable: {name}: {reason_of(error)}", "red")
            if plan in ("new", "changed", "again"):
                self._say(f"{plan}: {name}")
            counts[plan] = counts.get(plan, 0) + 1
        for name in self.found.without_file(known) if prune else ():
            self._say(f"to be removed: {name}")
            counts["to be removed"] = counts.get("to be removed", 0) + 1
        planned = ", ".join(f"{count} {plan}" for plan, count in counts.items())
        self._say("; ".join(filter(None, [planned, self.found.left_out, "nothing was sent"])))
        if not prune:
            self._mention(known)
        return FAILED if self.found.unreadable or "unreadable" in counts else 0

    def _prune(self, known: Mapping[str, Known], tally: Tally, whole: bool) -> None:
        """Removes the documents that no file of the folders has, unless what may replace one is not in yet."""
        gone = self.found.without_file(known)
        if gone and not whole:
            self._say(f"{len(gone)} without a file stay: not everything is in", "yellow")
            return
        collection = self._collection
        with until_ctrl_c(collection.patience):
            for name in gone:
                try:
                    collection.remove(known[name].id)
                except Away:
                    raise
                except GatewayError as error:
                    tally.fail(name, f"it was not removed: {error}")
                else:
                    tally.removed += 1
                    self._say(f"removed: {name}")

    def _mention(self, known: Mapping[str, Known]) -> None:
        """Says of documents without a file that they are still answered from."""
        if self.found.folders and (gone := self.found.without_file(known)):
            first = ", ".join(gone[:NAMED]) + (", …" if len(gone) > NAMED else "")
            self._say(
                f"{len(gone)} in {self.name} without a file here ({first}); --prune --dry-run lists them",
                "yellow",
            )

    @property
    def _collection(self) -> Collection:
        return Collection(self.gateway, self.name, Patience())

    def _say(self, words: str, style: str = "") -> None:
        """One line, never wrapped: a name shall be found with grep."""
        self.console.out(printable(words), style=style or None, highlight=False)
