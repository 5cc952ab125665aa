"""Walks a chart's JSON schema: its leaves, and values that a leaf must refuse."""

from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.helm.rendered import Json, merged

Path = tuple[str, ...]
WRONG: dict[str, Any] = {"string": {"an": "object"}}
UNKNOWN = "unknownkey"


def leaves(schema: Json, above: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Every key that is no closed object, with its schema."""
    for name, each in schema.get("properties", {}).items():
        if "properties" in each:
            yield from leaves(each, (*above, name))
        elif set(each) != {"type"} or each["type"] != "object":
            yield (*above, name), each


def closed(schema: Json, above: Path = ()) -> Iterator[Path]:
    """Every object that takes no other keys than those it names."""
    if schema.get("additionalProperties") is False:
        yield above
    for name, each in schema.get("properties", {}).items():
        yield from closed(each, (*above, name))


def free(schema: Json, above: Path = ()) -> Iterator[Path]:
    """Every object that takes keys of any name, also inside of lists and maps."""
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        yield above
    for name, each in schema.get("properties", {}).items():
        yield from free(each, (*above, name))
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            yield from free(schema[name], (*above, name))


def wrong(schema: Json) -> Any:
    """A value that this schema refuses."""
    if "enum" in schema or "const" in schema:
        return "nosuchvalue"
    kind = schema.get("type")
    return WRONG.get(kind if isinstance(kind, str) else "", "a word")


def at(path: Sequence[str], value: Any) -> Json:
    """Values that say just this."""
    for name in reversed(path):
        value = {name: value}
    made: Json = value
    return made


TYPED: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text("abc019-./:_ {}'\"#,é", max_size=12)
    | st.sampled_from(["a", "10.0.0.5", "x: y", "{{ .Values }}", "it's", '"', "- a", "on"]),
    "boolean": st.booleans(),
    "number": st.floats(allow_nan=False, allow_infinity=False),
}


def values_of(schema: Json) -> st.SearchStrategy[Any]:
    """Values that the schema takes; of the draft only what our schemas use."""
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        return st.one_of([values_of({"type": each}) for each in kind])
    if kind == "integer":
        return st.integers(schema.get("minimum", 0), schema.get("maximum", 10**6))
    if kind == "number" and "exclusiveMinimum" in schema:
        return st.floats(0.5, 1000)
    if kind == "array":
        return st.lists(values_of(schema.get("items", {})), max_size=3)
    return _objects(schema) if kind == "object" else TYPED[kind]


def _objects(schema: Json) -> st.SearchStrategy[Json]:
    known = {name: values_of(each) for name, each in schema.get("properties", {}).items()}
    needed = {
        name: known.pop(name, st.from_regex("[a-z]{1,9}", fullmatch=True))
        for name in schema.get("required", [])
    }
    named = st.fixed_dictionaries(needed, optional=known)
    free = schema.get("additionalProperties")
    if not isinstance(free, dict):
        return named
    names = st.from_regex("[a-z]{1,8}", fullmatch=True)
    more = st.dictionaries(names, values_of(free), max_size=2)
    return st.builds(merged, named, more)
