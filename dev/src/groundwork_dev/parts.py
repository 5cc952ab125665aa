"""The parts of the stack as one table: command, environment, port, health and needs of each."""

from dataclasses import dataclass
from pathlib import Path

from groundwork_dev.ports import LOOPBACK
from groundwork_dev.postgres import serve_command, system_user
from groundwork_dev.settings import ROOT
from groundwork_dev.stack import Stack


@dataclass(frozen=True)
class Part:
    """One process that the supervisor keeps running."""

    name: str
    command: list[str]
    environment: dict[str, str]
    needs: tuple[str, ...]
    health_url: str = ""
    listeners: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    user: str | None = None
    stop_signal: str = "TERM"
    stops_group: bool = True


def parts(stack: Stack) -> list[Part]:
    """Every part of this run, in the order in which they are shown."""
    table = [postgres(stack), embedder(stack), feedback(stack), gateway(stack), worker(stack), webapp(stack)]
    if stack.settings.runs_llm:
        table.insert(1, llm(stack))
    if stack.settings.traces:
        table.append(traces(stack))
    return table


def postgres(stack: Stack) -> Part:
    """Stops at once and cleanly on INT; its children must not get the signal themselves."""
    command = serve_command(stack.settings.state / "postgres", stack.at.port("postgres"))
    return Part(
        "postgres",
        command,
        {},
        (),
        listeners=("postgres",),
        user=system_user(),
        stop_signal="INT",
        stops_group=False,
    )


def llm(stack: Stack) -> Part:
    """vLLM's own server behind our launcher."""
    spans = f"http://{LOOPBACK}:{stack.at.port('traces grpc')}" if stack.settings.traces else ""
    ours = {"LLM_MODELS_DIR": str(stack.settings.models), "OTLP_GRPC_ENDPOINT": spans}
    return Part(
        "llm",
        stack.python("heavy", "-m", "rag_llm"),
        stack.common("llm") | ours,
        ("environment heavy", "model"),
        health_url=f"{stack.at.url('llm')}/health",
        listeners=("llm",),
        sources=("services/llm", "services/common"),
    )


def embedder(stack: Stack) -> Part:
    """The embedding model over HTTP."""
    return Part(
        "embedder",
        stack.python("heavy", "-m", "rag_embedder"),
        stack.common("embedder"),
        ("environment heavy",),
        health_url=f"{stack.at.url('embedder')}/readyz",
        listeners=("embedder",),
        sources=("services/embedder", "services/common"),
    )


def feedback(stack: Stack) -> Part:
    """Ratings and corrections."""
    ours = {"DATABASE_URL": stack.dsn("rag_feedback"), "SERVICE_TOKEN": stack.credentials["service_token"]}
    return Part(
        "feedback",
        stack.python("light", "-m", "rag_feedback"),
        stack.common("feedback") | ours,
        ("migrate",),
        health_url=f"{stack.at.url('feedback')}/readyz",
        listeners=("feedback",),
        sources=("services/feedback", "services/common"),
    )


def _gateway_environment(stack: Stack, role: str, operations: str) -> dict[str, str]:
    settings, credentials = stack.settings, stack.credentials
    served_here = {"LLM_MODEL": "", "LLM_URL": f"{stack.at.url('llm')}/v1"}
    elsewhere = {"LLM_MODEL": settings.llm_model, "LLM_URL": settings.llm_url}
    # The packaged model is held to what the sources say, rewrites no question and reads slowly on a CPU.
    limits = {
        "PROMPT_BUDGET_TOKENS": "100",
        "PROMPT_SOURCES": "1",
        "MAX_ANSWER_TOKENS": "256",
        "CONDENSE_BY": "rule",
    }
    for_packaged = {name: stack.variables.get(name, limit) for name, limit in limits.items()}
    ours = {
        "OPERATIONS_PORT": str(stack.at.port(operations)),
        "DATABASE_URL": stack.dsn(role),
        "EMBEDDER_URL": stack.at.url("embedder"),
        "RERANKER": "true" if stack.variables.get("RERANKER_MODEL") else "false",
        "FEEDBACK_URL": stack.at.url("feedback"),
        "ANSWER_MODE": settings.answer_mode or ("quote" if settings.packaged_model else "write"),
        "SERVICE_TOKEN": credentials["service_token"],
        "API_KEY_PEPPER": credentials["api_key_pepper"],
    }
    return (
        ours
        | (served_here if settings.runs_llm else elsewhere)
        | (for_packaged if settings.packaged_model else {})
    )


def gateway(stack: Stack) -> Part:
    """The public API."""
    return Part(
        "gateway",
        stack.python("light", "-m", "rag_gateway"),
        stack.common("gateway") | _gateway_environment(stack, "rag_app", "gateway operations"),
        ("migrate",),
        health_url=f"{stack.at.url('gateway')}/readyz",
        listeners=("gateway", "gateway operations"),
        sources=("services/gateway", "services/common"),
    )


def worker(stack: Stack) -> Part:
    """Parses, splits, embeds and publishes documents."""
    return Part(
        "worker",
        stack.python("light", "-m", "rag_gateway.worker"),
        stack.common("gateway") | _gateway_environment(stack, "rag_worker", "worker operations"),
        ("migrate",),
        health_url=f"{stack.at.url('worker operations')}/readyz",
        listeners=("worker operations",),
        sources=("services/gateway", "services/common"),
    )


def webapp(stack: Stack) -> Part:
    """The pages that a browser shows."""
    ours = {
        "GATEWAY_URL": stack.at.url("gateway"),
        "GATEWAY_API_KEY": stack.credentials["webapp_key"],
        "COOKIE_SECRET": stack.credentials["cookie_secret"],
    }
    return Part(
        "webapp",
        stack.python("light", str(ROOT / "webapp" / "launch.py")),
        stack.common("webapp") | ours,
        ("gateway",),
        health_url=f"{stack.at.url('webapp')}/_stcore/health",
        listeners=("webapp",),
        sources=("webapp",),
    )


def traces(stack: Stack) -> Part:
    """Phoenix: on loopback, its own telemetry off."""
    ours = {
        "PHOENIX_HOST": LOOPBACK,
        "PHOENIX_PORT": str(stack.at.port("traces")),
        "PHOENIX_GRPC_PORT": str(stack.at.port("traces grpc")),
        "PHOENIX_WORKING_DIR": str(stack.settings.state / "traces"),
        "PHOENIX_TELEMETRY_ENABLED": "false",
    }
    command = [str(Path(stack.environments["traces"].folder) / "bin" / "phoenix"), "serve"]
    return Part(
        "traces",
        command,
        ours,
        ("environment traces",),
        health_url=f"{stack.at.url('traces')}/healthz",
        listeners=("traces", "traces grpc"),
    )
