"""Settings of the gateway and of its ingest worker, read once from the environment."""

from typing import Literal

from pydantic import Field, SecretStr
from rag_common.settings import PLACEHOLDER, ServiceSettings


class GatewaySettings(ServiceSettings):
    """The gateway's and the worker's settings."""

    port: int = Field(8080, description="Port of the public API.")
    operations_port: int = Field(
        9080, description="Port of `/metrics`, `/healthz` and `/readyz` for operators."
    )
    database_url: SecretStr = Field(
        SecretStr("postgresql://rag_app@127.0.0.1:5433/groundwork"),
        description="PostgreSQL connection: role `rag_app` for the gateway, `rag_worker` for the worker.",
    )
    database_pool_size: int = Field(8, ge=1, description="Most connections that one process opens.")
    embedder_url: str = Field("http://127.0.0.1:8081", description="Base URL of the embedder.")
    embedding_model: str = Field(
        "all-MiniLM-L6-v2", description="Name of the embedding model that search uses."
    )
    llm_url: str = Field("http://127.0.0.1:8000/v1", description="Base URL of an OpenAI API, with its `/v1`.")
    llm_api_key: SecretStr = Field(SecretStr(""), description="Key of that API, where it asks for one.")
    llm_model: str = Field("", description="Model to ask for; empty: the first that the server lists.")
    llm_first_token_s: float = Field(
        60, gt=0, description="Longest wait for the model's first token, in seconds."
    )
    llm_next_token_s: float = Field(15, gt=0, description="Longest pause between two tokens, in seconds.")
    answer_mode: Literal["write", "quote", "both"] = Field(
        "write", description="What `auto` means: `write`, `quote` or `both`."
    )
    prompt_budget_tokens: int = Field(
        1500, ge=100, description="Most tokens of sources in a prompt; 300 suits a small model on a CPU."
    )
    max_answer_tokens: int = Field(
        512, ge=1, le=1024, description="Tokens of an answer when a request names none."
    )
    request_deadline_s: float = Field(120, gt=0, description="Longest time for one request, in seconds.")
    max_upload_bytes: int = Field(50_000_000, ge=1, description="Largest document, in bytes.")
    feedback_url: str = Field("http://127.0.0.1:8082", description="Base URL of the feedback service.")
    service_token: SecretStr = Field(
        SecretStr(PLACEHOLDER),
        description="Secret shared by the gateway, the worker and the feedback service.",
    )
    api_key_pepper: SecretStr = Field(SecretStr(PLACEHOLDER), description="Key of the hashes of API keys.")
