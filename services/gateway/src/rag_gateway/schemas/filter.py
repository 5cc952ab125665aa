"""The language of `filter`: read from JSON, with words that name the place of what cannot be read."""

import re
from typing import Annotated, Any, get_args

from pydantic import PlainValidator

from rag_gateway.rag.filter import Comparison, Every, Filter, Not, Operator, Some, Where

MOST_DEPTH, MOST_TERMS, MOST_VALUES = 5, 32, 100
KEY = re.compile(r"[a-z0-9_]{1,64}")
OPERATORS = get_args(Operator)
EXAMPLE = '{"lang": "en"}'


def read_filter(data: Any) -> Filter | None:
    """A filter, or None for null; raises ValueError."""
    if data is None:
        return None
    found = _object(data, "", 1)
    if (terms := _terms(found)) > MOST_TERMS:
        raise ValueError(
            f"has {terms} comparisons and may have {MOST_TERMS}; write lists of values with `in`"
        )
    return found


FilterIn = Annotated[Filter | None, PlainValidator(read_filter)]


def _object(data: Any, place: str, depth: int) -> Filter:
    """Several keys of one object are an `and`."""
    if depth > MOST_DEPTH:
        raise _refusal(place, f"lies deeper than {MOST_DEPTH} objects; flatten `and`, `or` and `not`")
    if not isinstance(data, dict) or not data:
        raise _refusal(place, f"write an object that names a key, such as {EXAMPLE}")
    parts = tuple(_part(word, value, f"{place}.{word}".lstrip("."), depth) for word, value in data.items())
    return parts[0] if len(parts) == 1 else Every(parts)


def _part(word: str, value: Any, place: str, depth: int) -> Filter:
    if word == "not":
        return Not(_object(value, place, depth + 1))
    if word in ("and", "or"):
        if not isinstance(value, list) or not value:
            raise _refusal(place, f"write a list of filters, such as [{EXAMPLE}]")
        parts = tuple(_object(part, f"{place}[{n}]", depth + 1) for n, part in enumerate(value))
        return Every(parts) if word == "and" else Some(parts)
    if not KEY.fullmatch(word):
        raise _refusal(place[:100], "a key has 1 to 64 of the characters a-z, 0-9 and _; correct it")
    if not isinstance(value, dict):
        return Where(word, (Comparison("in", (_value(value, place),)),))
    if not value:
        raise _refusal(place, f"write a value, or a comparison with one of {', '.join(OPERATORS)}")
    return Where(word, tuple(_comparison(name, given, f"{place}.{name}") for name, given in value.items()))


def _comparison(operator: str, given: Any, place: str) -> Comparison:
    if operator == "in":
        if not isinstance(given, list) or not 1 <= len(given) <= MOST_VALUES:
            raise _refusal(place, f"write a list of 1 to {MOST_VALUES} values")
        return Comparison("in", tuple(_value(value, f"{place}[{n}]") for n, value in enumerate(given)))
    for known in OPERATORS:
        if operator == known:
            if isinstance(given, bool) or not isinstance(given, str | int | float):
                raise _refusal(place, "write a number or a text to compare with")
            return Comparison(known, (given,))
    raise _refusal(place[:200], f"is no comparison; write one of {', '.join(OPERATORS)}")


def _value(value: Any, place: str) -> str | int | float | bool | None:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise _refusal(place, 'write a text, a number, true, false or null; several values are {"in": […]}')


def _terms(part: Filter) -> int:
    match part:
        case Where():
            return len(part.comparisons)
        case Not():
            return _terms(part.part)
        case Every() | Some():
            return sum(map(_terms, part.parts))


def _refusal(place: str, words: str) -> ValueError:
    return ValueError(f"`{place}`: {words}" if place else words)
