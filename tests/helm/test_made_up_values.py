"""Values that a schema allows never break a template: what they render to is valid, or a guard says why not."""

import json
import re
from pathlib import Path

import helm_python
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.helm.rendered import ROOT, Json, merged, render
from tests.helm.schemas import at, leaves, values_of
from tests.helm.validation import assert_known

SCHEMA: Json = json.loads((ROOT / "helm/values.schema.json").read_text(encoding="utf-8"))
LEAVES = list(leaves(SCHEMA))
GUARD = re.compile(r"^rendered$|\n\n[a-z]+: .+(write|choose|restore)|specifications of the schema", re.DOTALL)
RENDERS = 20
"""About a quarter of a second each."""

some_leaf = st.sampled_from(LEAVES).flatmap(
    lambda leaf: values_of(leaf[1]).map(lambda value: at(leaf[0], value))
)


@st.composite
def made_up(draw: st.DrawFn) -> Json:
    """Up to five values of the schema's choice."""
    values: Json = {}
    for each in draw(st.lists(some_leaf, min_size=1, max_size=5)):
        values = merged(values, each)
    return values


@settings(
    max_examples=RENDERS,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # made smaller, a failing case takes minutes and says no more
    suppress_health_check=list(HealthCheck),
)
@given(values=made_up())
def test_made_up_values_render_or_are_refused_in_words(umbrella: Path, values: Json) -> None:
    assert GUARD.search(outcome(umbrella, values))


def outcome(umbrella: Path, values: Json) -> str:
    """`rendered`, or Helm's words."""
    try:
        objects = render(umbrella, values)
    except helm_python.HelmError as error:
        return str(error)
    for each in objects:
        assert_known(each)
    return "rendered"
