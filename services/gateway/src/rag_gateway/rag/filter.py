"""Which documents a search is about, by what was said of them when they were uploaded."""

from dataclasses import dataclass
from typing import Literal

Value = str | int | float | bool | None
Operator = Literal["in", "gte", "gt", "lte", "lt"]


@dataclass(frozen=True)
class Comparison:
    """One value is compared: `in` with several, the others with one number or one text.

    A number compares with numbers, a text with texts by code points, true and false with themselves alone; what
    cannot be compared does not match.
    """

    operator: Operator
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Where:
    """A key's value, or one element of its list, passes all comparisons; a missing key never does."""

    key: str
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True)
class Every:
    """All parts match."""

    parts: "tuple[Filter, ...]"


@dataclass(frozen=True)
class Some:
    """At least one part matches."""

    parts: "tuple[Filter, ...]"


@dataclass(frozen=True)
class Not:
    """The part does not match, be it for a missing key."""

    part: "Filter"


Filter = Where | Every | Some | Not
