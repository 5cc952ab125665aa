"""Makes `values.schema.json` of every chart and the tables of values in README.md from the comments of values.yaml.

`# -- words` above a key describe it; `# @schema {json}` is merged into its schema, where `{"$ref": "name"}` stands
for a definition in charts/common/definitions.json. Objects are closed unless that says otherwise.
Run it after each change of a values.yaml: `.venv/bin/python helm/generate.py`.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
UMBRELLA = "groundwork"
DEFINITIONS = HERE / "charts" / "common" / "definitions.json"
README = HERE / "README.md"
TABLES = re.compile(r"(?<=## Values\n).*", re.DOTALL)
TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
MOST = 2**31 - 1
"""Of any number; beyond, Go prints it as another one."""
Json = dict[str, Any]


@dataclass
class Key:
    """One key of a values.yaml with what its comments say."""

    path: tuple[str, ...]
    default: Any
    words: str = ""
    schema: Json = field(default_factory=dict)
    children: list["Key"] = field(default_factory=list)


def read_keys(text: str) -> list[Key]:
    """The keys of a document with their comments, as a tree; a key with a schema of its own has no children."""
    node, lines = yaml.compose(text, Loader=yaml.SafeLoader), text.splitlines()
    return _keys(node, lines, ()) if isinstance(node, yaml.MappingNode) else []


def _keys(node: yaml.MappingNode, lines: list[str], above: tuple[str, ...]) -> list[Key]:
    found = []
    for name, value in node.value:
        words, schema = _comments(lines, name.start_mark.line)
        default = yaml.safe_load(yaml.serialize(value))
        key = Key((*above, name.value), default, words, schema)
        if isinstance(value, yaml.MappingNode) and not schema and default:
            key.children = _keys(value, lines, key.path)
        found.append(key)
    return found


def _comments(lines: list[str], line: int) -> tuple[str, Json]:
    words, schema = "", {}
    while line > 0 and (comment := lines[line - 1].strip()).startswith("#"):
        line -= 1
        if comment.startswith("# -- "):
            words = comment.removeprefix("# -- ")
        elif comment.startswith("# @schema "):
            schema = json.loads(comment.removeprefix("# @schema "))
    return words, schema


def schema_of(keys: list[Key], definitions: Json, whole: bool = False) -> Json:
    """A closed object of these keys; `whole`: no block of them is taken away by `null`."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {key.path[-1]: _schema(key, definitions, whole) for key in keys},
    } | (
        {"required": [key.path[-1] for key in keys if key.default and isinstance(key.default, dict)]}
        if whole
        else {}
    )


def _schema(key: Key, definitions: Json, whole: bool) -> Json:
    described: Json = {"description": key.words} if key.words else {}
    if key.children:
        return described | schema_of(key.children, definitions, whole)
    typed = (
        {} if {"type", "enum", "const", "$ref"} & key.schema.keys() else {"type": TYPES[type(key.default)]}
    )
    said: Json = inlined(typed | key.schema, definitions)
    if said.get("type") == "object" and "properties" not in said:
        said = {"additionalProperties": False} | said
    return described | said


def inlined(schema: Any, definitions: Json) -> Any:
    """The schema with every `$ref` replaced by its definition."""
    if isinstance(schema, list):
        return [inlined(each, definitions) for each in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {name: inlined(value, definitions) for name, value in schema.items() if name != "$ref"}
    said = inlined(definitions[schema["$ref"]], definitions) | rest if "$ref" in schema else rest
    return {"maximum": MOST} | said if said.get("type") in ("integer", "number") else said


def charts() -> Iterator[Path]:
    """The umbrella and every subchart that has values."""
    yield HERE
    yield from sorted(path.parent for path in HERE.glob("charts/*/values.yaml"))


def schemas() -> dict[Path, Json]:
    """The schema of each chart; `global` is the umbrella's in all of them."""
    definitions = json.loads(DEFINITIONS.read_text(encoding="utf-8"))
    keys = {chart: read_keys(_values(chart)) for chart in charts()}
    made = {chart: schema_of(found, definitions, whole=True) for chart, found in keys.items()}
    everywhere = schema_of(keys[HERE], definitions)["properties"]["global"]
    for chart, schema in made.items():
        schema["properties"]["global"] = everywhere
        if chart != HERE:
            # Of a part that is not installed the umbrella sees only what somebody wrote.
            inside = schema_of(keys[chart], definitions)
            inside["properties"]["global"] = {"type": "object"}
            made[HERE]["properties"][chart.name] = inside
    # Helm gives a library's block, with `global` in it, to whoever depends on it.
    for schema in made.values():
        schema["properties"]["common"] = schema_of([], {}) | {"properties": {"global": {"type": "object"}}}
    return {
        chart: {"$schema": "http://json-schema.org/draft-07/schema#"} | schema
        for chart, schema in made.items()
    }


def _values(chart: Path) -> str:
    return (chart / "values.yaml").read_text(encoding="utf-8")


def tables() -> str:
    """One table of keys, defaults and words for each chart."""
    parts = []
    for chart in charts():
        name = UMBRELLA if chart == HERE else chart.name
        rows = [
            f"| `{'.'.join(key.path)}` | {_default(key)} | {key.words} |"
            for key in _leaves(read_keys(_values(chart)))
        ]
        parts.append(
            "\n".join([f"\n### {name}\n", "| Value | Default | What it is |", "|---|---|---|", *rows, ""])
        )
    return "".join(parts)


def _leaves(keys: list[Key]) -> Iterator[Key]:
    for key in keys:
        if key.children:
            yield from _leaves(key.children)
        else:
            yield key


def _default(key: Key) -> str:
    if isinstance(key.default, dict) and len(json.dumps(key.default)) > 90:
        return "see values.yaml"
    return f"`{json.dumps(key.default)}`".replace("|", "\\|")


def generated() -> dict[Path, str]:
    """Every file that this program writes, with what belongs in it."""
    files = {
        chart / "values.schema.json": json.dumps(schema, indent=1) + "\n"
        for chart, schema in schemas().items()
    }
    return files | {README: TABLES.sub(lambda _: tables(), README.read_text(encoding="utf-8"))}


def main() -> int:
    """Writes what differs, and names it."""
    for path, text in generated().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(HERE))
    return 0


if __name__ == "__main__":
    sys.exit(main())
