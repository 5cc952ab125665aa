"""The table of who may speak to whom, read from the chart that enforces it."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

TABLE = Path(__file__).parents[1] / "helm/charts/common/templates/_edges.tpl"
DEFINE = re.compile(r'{{- define "groundwork.edges" -}}\n(.*?){{- end -}}', re.DOTALL)


@dataclass(frozen=True)
class Edge:
    """`source` may call `target` on `port`; `traced`: their spans stand parent and child in one trace.

    `network` is true where a policy always allows it, else the list in `global.networkPolicy` that names the
    peers outside the release.
    """

    source: str
    target: str
    port: int
    traced: bool
    network: bool | str


def edges(table: Path = TABLE) -> list[Edge]:
    """The rows in the table's order."""
    found = DEFINE.search(table.read_text())
    if found is None:
        raise ValueError(f"{table} defines no groundwork.edges")
    rows = yaml.safe_load(found[1])
    return [Edge(r["from"], r["to"], r["port"], r["traced"], r["network"]) for r in rows]
