"""What goes wrong in a local run is said in one line: the part, why, and what to do."""

import socket
from pathlib import Path

import pytest
from groundwork_dev.configuration import configuration
from groundwork_dev.errors import RunnerError, dead_part
from groundwork_dev.health import run_once, start_and_wait
from groundwork_dev.parts import Part
from groundwork_dev.ports import check_ports
from groundwork_dev.preflight import check_disk, check_memory
from groundwork_dev.settings import read_settings
from groundwork_dev.supervision import Supervisor

from tests.dev.conftest import Describe


def test_a_port_in_use_names_the_part_and_the_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        offset = other.getsockname()[1] - 8080
        settings = read_settings({"GROUNDWORK_PORT_OFFSET": str(offset)})
        with pytest.raises(RunnerError, match=r"gateway: port \d+ is in use .*GROUNDWORK_PORT_OFFSET"):
            check_ports(settings, ["gateway"])


def test_too_little_memory_says_how_much_and_what_would_help() -> None:
    check_memory(with_llm=True, available_gb=16)
    with pytest.raises(RunnerError, match=r"need 6 GB, 4\.0 GB are available; with LLM_URL="):
        check_memory(with_llm=True, available_gb=4)


def test_too_little_disk_says_where() -> None:
    check_disk(Path("/somewhere"), install_gb=5, free_gb=10)
    with pytest.raises(RunnerError, match=r"6 GB are needed under /somewhere, 2\.0 GB are free"):
        check_disk(Path("/somewhere"), install_gb=5, free_gb=2)


@pytest.mark.parametrize("variables", [{"ANSWER_MODE": "sing"}, {"GROUNDWORK_PORT_OFFSET": "ten"}])
def test_a_wrong_setting_is_named(variables: dict[str, str]) -> None:
    with pytest.raises(RunnerError, match=next(iter(variables))):
        read_settings(variables)


def test_a_dead_part_is_told_with_its_last_words_and_its_log(tmp_path: Path) -> None:
    log = tmp_path / "llm.log"
    log.write_text("starting\nllm: the model folder x has no weights\n\n")
    assert str(dead_part("llm", "ended with status 78", log)) == (
        "llm: ended with status 78; it said: llm: the model folder x has no weights "
        f"(log: {log}; then `make up` again)"
    )


async def test_a_failed_command_names_its_log(described: Describe) -> None:
    stack = described()
    stack.settings.logs.mkdir()
    with pytest.raises(
        RunnerError, match=r"migrate: ended with status 3; it said: no database \(log: .*migrate\.log"
    ):
        await run_once("migrate", ["sh", "-c", "echo no database; exit 3"], {"PATH": "/usr/bin:/bin"}, stack)


async def test_a_part_that_dies_while_starting_ends_the_wait(described: Describe) -> None:
    stack = described()
    supervisor = Supervisor(stack.settings)
    command = ["sh", "-c", "echo I cannot; sleep 1.5; exit 78"]
    part = Part("gateway", command, {}, (), health_url="http://127.0.0.1:9/readyz")
    supervisor.launch([part])
    try:
        with pytest.raises(RunnerError, match=r"gateway: ended with status 78; it said: I cannot"):
            await start_and_wait(stack, supervisor, part)
    finally:
        supervisor.stop_all()
    assert not supervisor.is_running()


def test_a_value_that_the_supervisor_cannot_hold_is_refused(described: Describe) -> None:
    part = Part("gateway", ["true"], {"LLM_API_KEY": 'a"b'}, ())
    with pytest.raises(RunnerError, match="LLM_API_KEY"):
        configuration(described().settings, [part])
