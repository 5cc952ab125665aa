"""A filter as a path of SQL/JSON: the path and its variables are parameters of a statement that stays the same."""

import json
from dataclasses import dataclass, field

from rag_gateway.rag.filter import Comparison, Every, Filter, Not, Some, Value, Where

SIGNS = {"in": "==", "gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}


@dataclass(frozen=True)
class JsonPath:
    """A predicate on a document's metadata, and the values of its variables by their names."""

    text: str
    variables: dict[str, list[Value]]


def json_path(filter: Filter) -> JsonPath:
    """The predicate that is true where the filter matches, and false, never unknown, elsewhere."""
    writer = _Writer()
    return JsonPath(writer.write(filter), writer.variables)


@dataclass(frozen=True)
class _Writer:
    """Writes parts of a path and collects the values that they compare with."""

    variables: dict[str, list[Value]] = field(default_factory=dict)

    def write(self, part: Filter) -> str:
        match part:
            case Where():
                # What cannot be compared is unknown inside of `?` and leaves nothing there: `exists` says false.
                # Lists are looked into, one level deep.
                conditions = " && ".join(['@.type() != "array"', *map(self._condition, part.comparisons)])
                return f"exists($.{json.dumps(part.key)} ? ({conditions}))"
            case Not():
                return f"!({self.write(part.part)})"
            case Every():
                return " && ".join(f"({self.write(each)})" for each in part.parts)
            case Some():
                return " || ".join(f"({self.write(each)})" for each in part.parts)

    def _condition(self, comparison: Comparison) -> str:
        name = f"v{len(self.variables)}"
        self.variables[name] = list(comparison.values)
        return f"(@ {SIGNS[comparison.operator]} ${name}[*])"
