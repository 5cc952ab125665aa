"""`python -m evals`: run, diff, fusion, judged, mutated, calibrate."""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from groundwork_dev.errors import RunnerError
from groundwork_dev.stack import open_stack
from rag_gateway.rag.grounding import ENOUGH

from evals import own_set
from evals.calibrate import ANSWERABLE, REMOVED, fit
from evals.dataset import Dataset, NotASet, load
from evals.diff import NoRun, diff
from evals.fusion import compare, find
from evals.gateway import EvaluationFailed, Gateway, open_gateway
from evals.judged import embedding, report
from evals.mutated import report as report_mutated
from evals.plots import draw_refusals, draw_retrieval
from evals.results import RESULTS, new_folder, read_details, write_json
from evals.run import Plan, evaluate
from evals.scorecard import scorecard
from evals.tenant import tenant_key

ROOT = Path(__file__).parents[1]
MODES = ("quote", "both", "write")
SETS = "folders, or names in the data folder; none: all of them"


def data_folder() -> Path:
    """Where the sets lie: `EVAL_DATA`, else beside the repository."""
    return Path(os.environ.get("EVAL_DATA") or ROOT.parent / "shared" / "data")


def set_folder(name: str, data: Path) -> Path:
    """A folder, a name in the data folder, or `own`, which is written anew from the pages as they are."""
    if name == own_set.NAME and not (data / name).is_dir():
        return own_set.write_own_set(ROOT / ".groundwork" / "sets")
    return Path(name) if Path(name).is_dir() else data / name


@contextmanager
def gateway_of(url: str, key: str) -> Iterator[Gateway]:
    """The named gateway, else the local stack's with a key of the tenant `eval`."""
    if not url:
        stack = open_stack()
        url, key = stack.at.url("gateway"), tenant_key(stack)
    with open_gateway(url, key) as gateway:
        yield gateway


def datasets_of(asked: argparse.Namespace) -> list[Dataset]:
    """Those that were named, else all in the data folder."""
    folders = [set_folder(name, asked.data) for name in asked.sets] or sorted(asked.data.glob("*/"))
    if not folders:
        raise NotASet(f"no sets in {asked.data}: name one (`own` is made from these pages), or set EVAL_DATA")
    return [load(folder) for folder in folders]


def commit() -> str:
    """What is checked out here, `-dirty` where it was changed; empty without git."""
    asked = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude", "*"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False)
    return told.stdout.strip()


def run(asked: argparse.Namespace) -> str:
    """Measures each set; returns the scorecard."""
    datasets = [dataset.sample(asked.questions) for dataset in datasets_of(asked)]
    plan = Plan(asked.questions, asked.model_questions, tuple(asked.modes.split(",")))
    folder = new_folder(asked.name)
    config = {
        "name": asked.name,
        "date": date.today().isoformat(),
        "commit": commit(),
        "sets": {dataset.name: len(dataset.questions) for dataset in datasets},
        "model_questions": plan.model_questions,
        "modes": list(plan.modes),
        "refused_below": ENOUGH,
    }
    with gateway_of(asked.url, asked.key) as gateway:
        for dataset in datasets:  # all before any is measured: how rare a word is depends on the whole tenant
            gateway.load(dataset)
        summaries = {dataset.name: evaluate(gateway, dataset, plan, folder) for dataset in datasets}
    write_json(folder / "config.json", config)
    write_json(folder / "summary.json", summaries)
    for name, summary in summaries.items():
        draw_retrieval(folder / f"{name}.svg", summary["retrieval"])
    _draw_refusals(folder)
    page = scorecard(config, summaries)
    (folder / "scorecard.md").write_text(page, encoding="utf-8")
    return page


def _draw_refusals(folder: Path) -> None:
    details = read_details(folder)
    answerable, removed = (
        [float(d["grounding"]["likelihood"]) for d in details if d["way"] == way and d["grounding"]]
        for way in (ANSWERABLE, REMOVED)
    )
    if answerable and removed:
        draw_refusals(folder / "refusals.svg", answerable, removed, ENOUGH)


def parser() -> argparse.ArgumentParser:
    """The commands."""
    main = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    commands = main.add_subparsers(dest="command", required=True)
    one = commands.add_parser("run", help="measure retrieval and answers on sets in BEIR's form")
    one.add_argument("sets", nargs="*", help=SETS)
    one.add_argument("--name", default="local", help="what the run is called")
    one.add_argument("--questions", type=int, help="of each set at most so many")
    one.add_argument("--model-questions", type=int, default=100, help="of them, those that the model answers")
    one.add_argument("--modes", default=",".join(MODES), help="ways of answering, joined by commas")
    joined = commands.add_parser("fusion", help="the dense arm's share, chosen on one half of the questions")
    changed = commands.add_parser(
        "mutated", help="what the rules of citations say of a set's own sentences with one thing made wrong"
    )
    for command in (joined, changed):
        command.add_argument("sets", nargs="*", help=SETS)
    for command in (one, joined, changed):
        command.add_argument(
            "--data", type=Path, default=data_folder(), help="the folder of the sets (EVAL_DATA)"
        )
    for command in (one, joined):
        command.add_argument("--url", default="", help="a gateway; none: the local stack's")
        command.add_argument("--key", default="", help="its API key, with the scopes chat and ingest")
    two = commands.add_parser("diff", help="two runs side by side")
    two.add_argument("a")
    two.add_argument("b")
    read = commands.add_parser(
        "judged", help="what the rules of citations say of sentences that were judged by reading"
    )
    read.add_argument("--embedder", default="", help="an embedder: what a cosine would add to the rules")
    fitted = commands.add_parser("calibrate", help="when to refuse, fitted on one half of a run's questions")
    fitted.add_argument("runs", nargs="+", help="folders in evals/results")
    return main


def main() -> int:
    """The exit status."""
    asked = parser().parse_args()
    try:
        if asked.command == "run":
            print(run(asked))
        elif asked.command == "fusion":
            with gateway_of(asked.url, asked.key) as gateway:
                print(compare([find(gateway, dataset) for dataset in datasets_of(asked)]))
        elif asked.command == "judged":
            embed = embedding(asked.embedder) if asked.embedder else None
            print(report(load(data_folder() / "xquad-en"), embed))
        elif asked.command == "mutated":
            print("\n".join(report_mutated(dataset) for dataset in datasets_of(asked)))
        elif asked.command == "diff":
            print(diff(asked.a, asked.b))
        else:
            print(fit([line for name in asked.runs for line in read_details(RESULTS / name)]))
    except (NotASet, NoRun, EvaluationFailed, RunnerError) as error:
        print(f"eval: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
