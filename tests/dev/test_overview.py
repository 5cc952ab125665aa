"""What `make status` says of a running stack."""

import io
from typing import Any

import pytest
from groundwork_dev.overview import print_parts
from groundwork_dev.parts import parts
from rich.console import Console

from tests.dev.conftest import Describe


@pytest.mark.parametrize("traced", [True, False])
def test_traces_are_named_only_where_the_running_stack_has_them(described: Describe, traced: bool) -> None:
    stack = (
        described()
    )  # this shell does not say GROUNDWORK_TRACES=off, as the one that started the stack may have
    names = [part.name for part in parts(stack) if traced or part.name != "traces"]
    known: list[dict[str, Any]] = [{"name": n, "statename": "STOPPED", "pid": 0, "start": 0} for n in names]
    console = Console(file=io.StringIO(), width=200)
    print_parts(stack, known, console)
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert ("traces" in said) is ("6006" in said) is traced
    assert "gateway" in said and "API key" in said
