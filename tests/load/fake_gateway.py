"""A second gateway on the running stack's database, embedder and feedback, with the knobbed fake as model."""

from collections.abc import Iterator
from contextlib import contextmanager

from groundwork_dev.parts import gateway
from groundwork_dev.stack import Stack

from tests.fakes.knobs import Knobs
from tests.fakes.openai_server import running_fake
from tests.served import free_port, served


@contextmanager
def gateway_with_fake_model(stack: Stack, knobs: Knobs) -> Iterator[str]:
    """Its base URL while both run; they end with the block."""
    part = gateway(stack)
    with running_fake(knobs) as fake:
        model = {"LLM_URL": fake.url, "LLM_MODEL": ""}
        others = {"OPERATIONS_PORT": str(free_port()), "LOG_LEVEL": "warning"}
        with served(part.command[0], "rag_gateway", part.environment | model | others) as url:
            yield url
