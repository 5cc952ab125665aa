"""The commands: parse the command line, call the job, print."""

import json
import re
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from groundwork.answer import print_answer, print_source
from groundwork.batch import Batch
from groundwork.diagnosis import report_findings, report_orphans
from groundwork.doctor import examine
from groundwork.files import Clash, Found, find_files, printable
from groundwork.gateway import open_gateway
from groundwork.reconcile import NoDatabase, count_orphans, open_database
from groundwork.refusals import GatewayError
from groundwork.settings import load_settings
from groundwork.verdict import report
from groundwork.verify import verify

app = typer.Typer(help="Ask your documents.", no_args_is_help=True, add_completion=False)
console = Console()


def collection_name(name: str) -> str:
    """A name that the gateway takes; anything else is refused here, where it can be said in words."""
    if not re.fullmatch("[a-z0-9][a-z0-9-]{0,62}", name):
        raise typer.BadParameter(
            f"{printable(name)!r} is no collection's name: lower-case letters, digits and hyphens, 63 at most,"
            " the first no hyphen"
        )
    return name


def metadata_filter(text: str) -> dict[str, Any]:
    """The gateway's filter; that it means something is the gateway's to say."""
    try:
        filter = json.loads(text)
    except (ValueError, RecursionError):
        filter = None
    if not isinstance(filter, dict):
        raise typer.BadParameter(f"""{printable(text)!r} is no JSON object such as '{{"lang": "en"}}'""")
    return filter


Collections = Annotated[
    list[str] | None,
    typer.Option(
        "--collection", parser=collection_name, metavar="NAME", help="Only this one; may be repeated."
    ),
]

Filter = Annotated[
    dict[str, Any] | None,
    typer.Option(
        "--filter",
        parser=metadata_filter,
        metavar="JSON",
        help="""Only where the metadata are so: '{"lang": "en"}'.""",
    ),
]


@app.command("ask")
def ask_command(
    question: str,
    mode: Annotated[str, typer.Option(help="auto, write, quote or both.")] = "auto",
    collection: Collections = None,
    filter: Filter = None,
) -> None:
    """Ask a question; the answer streams, its sources follow."""
    with open_gateway(load_settings()) as gateway:
        print_answer(gateway.ask(question, collection or [], mode, filter), console)


@app.command("search")
def search_command(query: str, collection: Collections = None, top_k: int = 5, filter: Filter = None) -> None:
    """Find passages without asking the model."""
    with open_gateway(load_settings()) as gateway:
        found = gateway.search(query, collection or [], top_k, filter)
    for rank, source in enumerate(found, 1):
        print_source(f"{rank}.", source, console)
        console.out(f"{source['text']}\n", highlight=False)
    if not found:
        console.print("Nothing found.", style="yellow")


@app.command("ingest")
def ingest_command(
    paths: Annotated[
        list[Path],
        typer.Argument(exists=True, help="Files, or folders; hidden files and linked folders are left out."),
    ],
    collection: Annotated[
        str, typer.Option(parser=collection_name, metavar="NAME", help="Created when it is not there.")
    ],
    parallel: Annotated[int, typer.Option(min=1, max=32, help="Files sent at once.")] = 4,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Leave out names like this, as '*/old/*'; may be repeated.")
    ] = None,
    base: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Names begin in this folder, not in the one that PATHS names."
        ),
    ] = None,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Remove documents of the collection that no file here has any more."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent and removed, and do nothing.")
    ] = False,
    wait: Annotated[bool, typer.Option(help="Wait until all can be found.")] = True,
) -> None:
    """Add files to a collection and wait until they can be found; what is there already is not sent again."""
    found = _found(paths, exclude or [], base, prune)
    with open_gateway(load_settings()) as gateway:
        run = Batch(gateway, collection, found, console)
        status = run.preview(prune) if dry_run else run.send(parallel, wait, prune)
    if status:
        raise typer.Exit(status)


def _found(paths: list[Path], exclude: list[str], base: Path | None, prune: bool) -> Found:
    """The files to send; a command line that makes no sense is told with the part that does not."""
    try:
        found = find_files(paths, exclude, base)
    except (Clash, ValueError) as error:
        raise typer.BadParameter(str(error), param_hint="PATHS") from error
    if prune and not found.folders:
        raise typer.BadParameter("it needs a folder that holds all files", param_hint="--prune")
    if not found.files and not found.unreadable:
        words = "; ".join(filter(None, ["no file there that can be read", found.left_out]))
        raise typer.BadParameter(printable(words), param_hint="PATHS")
    return found


@app.command("doctor")
def doctor_command(
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Count rows of PostgreSQL that belong to nothing, instead.")
    ] = False,
) -> None:
    """Check the gateway, its parts and your key; say what to do."""
    if reconcile:
        with open_database(load_settings()) as database:
            well = report_orphans(list(count_orphans(database)), console)
    else:
        with open_gateway(load_settings()) as gateway:
            well = report_findings(examine(gateway), console)
    if not well:
        raise typer.Exit(1)


@app.command("verify")
def verify_command(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    mode: Annotated[str, typer.Option(help="auto, write, quote or both.")] = "auto",
    timeout: Annotated[float, typer.Option(help="Seconds for everything together.")] = 180,
) -> None:
    """Prove that it works: upload, find, ask, rate and remove a document of its own."""
    with open_gateway(load_settings()) as gateway:
        passed = report(verify(gateway, mode, timeout), console, as_json)
    if not passed:
        raise typer.Exit(1)


def main() -> None:
    """Runs one command; a refusal is one line on standard error and exit status 1."""
    try:
        app()
    except (GatewayError, NoDatabase) as error:
        print(f"groundwork: {error}", file=sys.stderr)
        sys.exit(1)
