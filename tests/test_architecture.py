"""The house keeps its rules, and each rule can fail."""

import pytest

from tests.architecture import (
    CODE,
    RULES,
    WALLS,
    Module,
    environment_only_in_settings,
    modules,
    no_base_http_middleware,
    no_values_in_sql,
    small,
    thin_handlers,
)

GATEWAY = "services/gateway/src/rag_gateway"
LONG_HANDLER = "@router.get('/x')\ndef x():\n" + "    f()\n" * 13
DEEP = "def f():\n for a in b:\n  for c in d:\n   if e:\n    with g:\n     h()\n"
CHAIN = "def f():\n if a:\n  b()\n elif c:\n  d()\n elif e:\n  g()\n elif h:\n  i()\n"


@pytest.mark.parametrize("module", list(modules(*CODE)), ids=lambda module: module.path)
def test_the_code_keeps_every_rule(module: Module) -> None:
    assert [broken for rule in RULES for broken in rule(module)] == []


def test_the_tests_patch_nothing() -> None:
    tests = list(modules("tests"))
    assert tests
    assert [(test.path, broken) for test in tests for broken in WALLS[-1](test)] == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (f"{GATEWAY}/rag/pipeline.py", "import httpx"),
        (f"{GATEWAY}/rag/pipeline.py", "from rag_gateway.adapters.llm import OpenAiLlm"),
        (f"{GATEWAY}/ingest/parse.py", "def f():\n    from psycopg import connect"),
        (f"{GATEWAY}/routes/chat.py", "from rag_gateway.adapters import llm"),
        (f"{GATEWAY}/app.py", "import rag_feedback"),
        ("services/common/src/rag_common/errors.py", "from rag_gateway import keys"),
        ("services/feedback/src/rag_feedback/app.py", "from rag_gateway import keys"),
        ("webapp/app.py", "import psycopg"),
        ("cli/src/groundwork/app.py", "from rag_common import errors"),
        ("tests/test_x.py", "from unittest.mock import patch"),
    ],
)
def test_an_import_through_a_wall_is_seen(path: str, source: str) -> None:
    assert [broken for wall in WALLS for broken in wall(Module(path, source))]


@pytest.mark.parametrize("file", ["app.py", "migrate.py", "worker.py", "adapters/store.py"])
def test_the_files_that_join_the_parts_may_import_adapters(file: str) -> None:
    module = Module(f"{GATEWAY}/{file}", "from rag_gateway.adapters import llm")
    assert not [broken for wall in WALLS for broken in wall(module)]


@pytest.mark.parametrize("source", ["import os\nos.environ['A']", "import os\nos.getenv('A')"])
def test_an_environment_read_outside_settings_is_seen(source: str) -> None:
    assert list(environment_only_in_settings(Module(f"{GATEWAY}/app.py", source)))
    assert not list(environment_only_in_settings(Module(f"{GATEWAY}/settings.py", source)))


def test_a_base_http_middleware_is_seen() -> None:
    source = "from starlette.middleware.base import BaseHTTPMiddleware"
    assert list(no_base_http_middleware(Module("x.py", source)))


@pytest.mark.parametrize(
    "source",
    [
        "db.execute(f'SELECT {a}')",
        "db.execute('SELECT %s' % a)",
        "db.execute('SELECT ' + a)",
        "db.execute('SELECT {}'.format(a))",
        "db.execute(SQL(f'SELECT {a}'))",
    ],
)
def test_a_value_pasted_into_sql_is_seen(source: str) -> None:
    assert list(no_values_in_sql(Module("x.py", source)))


@pytest.mark.parametrize(
    "source", ["db.execute('SELECT %s', [a])", "db.execute(SQL('SELECT {}').format(Identifier(a)))"]
)
def test_parameters_and_identifiers_are_well(source: str) -> None:
    assert not list(no_values_in_sql(Module("x.py", source)))


@pytest.mark.parametrize("source", ["a\n" * 201, "def f():\n" + "    a\n" * 40, DEEP])
def test_what_is_too_large_is_seen(source: str) -> None:
    assert list(small(Module("x.py", source)))


@pytest.mark.parametrize("source", ["a\n" * 200, "def f():\n" + "    a\n" * 39, CHAIN])
def test_what_is_just_small_enough_passes(source: str) -> None:
    assert not list(small(Module("x.py", source)))


@pytest.mark.parametrize(
    "source", [LONG_HANDLER, "@router.get('/x')\ndef x():\n    try:\n        f()\n    finally:\n        g()"]
)
def test_a_handler_that_does_more_than_it_should_is_seen(source: str) -> None:
    assert list(thin_handlers(Module(f"{GATEWAY}/routes/x.py", source)))
    assert not list(thin_handlers(Module(f"{GATEWAY}/rag/x.py", source)))
