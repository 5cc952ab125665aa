"""The rules of the house as functions of a module's source: each yields what breaks it."""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = ("services", "webapp", "cli", "dev", "bench", "evals")
SERVICES = ("rag_gateway", "rag_embedder", "rag_llm", "rag_feedback")
FUNCTION_LINES, FILE_LINES, HANDLER_LINES, NESTING = 40, 200, 12, 3
METHODS = ("get", "post", "put", "patch", "delete")

Functions = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


@dataclass(frozen=True)
class Module:
    """One Python file; `path` is relative to the repository."""

    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    def functions(self) -> Iterator[Functions]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Functions))

    def imports(self) -> Iterator[str]:
        """Every imported name with its module in front, wherever it stands."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


@dataclass(frozen=True)
class Wall:
    """Files whose path matches `where`, but not `door`, import no name that begins like a `forbidden` one."""

    where: str
    forbidden: tuple[str, ...]
    door: str = "$^"

    def __call__(self, module: Module) -> Iterator[str]:
        if not re.search(self.where, module.path) or re.search(self.door, module.path):
            return
        for name in module.imports():
            if any(name == wall or name.startswith(f"{wall}.") for wall in self.forbidden):
                yield f"imports {name}"


TRANSPORT = ("fastapi", "starlette", "httpx", "psycopg", "psycopg_pool", "vllm", "procrastinate", "streamlit")
OUTSIDE = tuple(f"rag_gateway.{room}" for room in ("adapters", "routes", "schemas", "app", "settings"))
ADAPTERS = tuple(f"{service}.adapters" for service in SERVICES)

WALLS = [
    Wall(r"/rag_gateway/(rag|ingest)/", TRANSPORT + OUTSIDE),
    Wall(r"^services/common/", (*SERVICES, "groundwork", "groundwork_dev")),
    Wall(r"^services/gateway/", ("rag_embedder", "rag_llm", "rag_feedback", "groundwork", "groundwork_dev")),
    Wall(r"^services/embedder/", ("rag_gateway", "rag_llm", "rag_feedback", "groundwork", "groundwork_dev")),
    Wall(r"^services/llm/", ("rag_gateway", "rag_embedder", "rag_feedback", "groundwork", "groundwork_dev")),
    Wall(r"^services/feedback/", ("rag_gateway", "rag_embedder", "rag_llm", "groundwork", "groundwork_dev")),
    Wall(r"^services/", ADAPTERS, door=r"/(app|migrate|worker)\.py$|/adapters/"),
    Wall(r"^webapp/", (*SERVICES, "psycopg", "groundwork", "groundwork_dev")),
    Wall(r"^cli/", (*SERVICES, "rag_common", "groundwork_dev")),
    Wall(r"^cli/", ("psycopg",), door=r"/reconcile\.py$"),
    Wall(r"^bench/", SERVICES, door=r"/publish\.py$"),
    Wall(r"^tests/", ("unittest.mock",)),
]


def environment_only_in_settings(module: Module) -> Iterator[str]:
    """Settings are read once and passed down; the runner, the benches and the launchers hand environments on."""
    if re.search(
        r"/settings\.py$|^dev/|^bench/|^evals/__main__\.py$|/rag_llm/__main__\.py$|^webapp/launch\.py$",
        module.path,
    ):
        return
    for node in ast.walk(module.tree):
        if ast.unparse(node) in ("os.environ", "os.getenv"):
            yield f"line {node.lineno}: reads the environment"  # type: ignore[attr-defined]


def no_base_http_middleware(module: Module) -> Iterator[str]:
    """It is slow and hides that a client hung up."""
    if "starlette.middleware.base.BaseHTTPMiddleware" in module.imports():
        yield "uses BaseHTTPMiddleware"


def no_values_in_sql(module: Module) -> Iterator[str]:
    """SQL is a constant; values are parameters, names go through `psycopg.sql.Identifier`."""
    for call in (node for node in ast.walk(module.tree) if isinstance(node, ast.Call)):
        name = ast.unparse(call.func).rpartition(".")[2]
        if name in ("execute", "executemany", "SQL", "text") and call.args and _pasted(call.args[0]):
            yield f"line {call.lineno}: pastes a value into SQL"


def _pasted(sql: ast.expr) -> bool:
    if isinstance(sql, ast.Call) and isinstance(sql.func, ast.Attribute) and sql.func.attr == "format":
        return isinstance(sql.func.value, ast.Constant | ast.JoinedStr | ast.Name)
    return isinstance(sql, ast.JoinedStr) or (
        isinstance(sql, ast.BinOp) and isinstance(sql.op, ast.Mod | ast.Add)
    )


def small(module: Module) -> Iterator[str]:
    """More than this is two ideas."""
    lines = module.source.count("\n")
    if lines > FILE_LINES:
        yield f"has {lines} lines"
    for function in module.functions():
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > FUNCTION_LINES:
            yield f"{function.name} has {length} lines"
        if (depth := max(map(_depth, function.body))) > NESTING:
            yield f"{function.name} is nested {depth} deep"


def _depth(node: ast.AST, is_elif: bool = False) -> int:
    inner = 0
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Functions):
            chained = isinstance(node, ast.If) and node.orelse == [child] and isinstance(child, ast.If)
            inner = max(inner, _depth(child, chained))
    return inner + (isinstance(node, BLOCKS) and not is_elif)


def thin_handlers(module: Module) -> Iterator[str]:
    """Handlers parse, call, shape; errors are translated elsewhere."""
    if not re.search(r"/routes(/|_\w+\.py|\.py)", module.path):
        return
    for handler in filter(_is_handler, module.functions()):
        documented = ast.get_docstring(handler) is not None
        body = handler.body[documented:]
        lines = (handler.end_lineno or 0) - body[0].lineno + 1 if body else 0
        if lines > HANDLER_LINES:
            yield f"{handler.name} has {lines} lines"
        if any(isinstance(node, ast.Try) for node in ast.walk(handler)):
            yield f"{handler.name} has a try"


def _is_handler(function: Functions) -> bool:
    calls = (decorator.func for decorator in function.decorator_list if isinstance(decorator, ast.Call))
    return any(isinstance(call, ast.Attribute) and call.attr in METHODS for call in calls)


Rule = Callable[[Module], Iterator[str]]
RULES: list[Rule] = [*WALLS, environment_only_in_settings, no_base_http_middleware, no_values_in_sql, small]
RULES += [thin_handlers]


def modules(*folders: str) -> Iterator[Module]:
    """The Python files under folders of the repository, without what was built."""
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if "/build/" not in path:
                yield Module(path, file.read_text())
