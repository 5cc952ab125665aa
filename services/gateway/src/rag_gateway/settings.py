"""Settings of the gateway, of its ingest worker and of its migration, read once at the start."""

from typing import Literal

from pydantic import Field, SecretStr, field_validator
from rag_common.postgres import with_password
from rag_common.settings import PLACEHOLDER, DeployedSettings, ServiceSettings

from rag_gateway.keys import prefix_of


class DatabaseSettings(DeployedSettings):
    """Where the database is; all that `python -m rag_gateway.wait` needs."""

    database_url: SecretStr = Field(
        SecretStr("postgresql://rag_app@127.0.0.1:5433/groundwork"),
        description="PostgreSQL connection: role `rag_app` for the gateway, `rag_worker` for the worker.",
    )
    database_password: SecretStr = Field(
        SecretStr(""), description="Password for `DATABASE_URL`, where that has none."
    )
    wait_s: float = Field(
        600, ge=0, description="Longest that `python -m rag_gateway.wait` waits for the schema, in seconds."
    )

    @property
    def database_dsn(self) -> str:
        """The connection with its password."""
        return with_password(self.database_url, self.database_password)


class GatewaySettings(DatabaseSettings, ServiceSettings):
    """The gateway's and the worker's settings."""

    port: int = Field(8080, description="Port of the public API.")
    operations_port: int = Field(
        9080, description="Port of `/metrics`, `/healthz` and `/readyz` for operators."
    )
    database_pool_size: int = Field(8, ge=1, description="Most connections that one process opens.")
    embedder_url: str = Field("http://127.0.0.1:8081", description="Base URL of the embedder.")
    embedding_model: str = Field(
        "all-MiniLM-L6-v2", description="Name of the embedding model that search uses."
    )
    reranker: bool = Field(
        False, description="The embedder serves a reranker: passages are reranked unless a request says not."
    )
    rerank_candidates: int = Field(
        50,
        ge=1,
        le=200,
        description="Passages that the reranker reads for one question; the others follow them. 50 take a model of"
        " MiniLM's size about 1.3 s on two free cores, fewer take less in proportion.",
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
    condense_by: Literal["model", "rule"] = Field(
        "model",
        description="Who makes a follow-up a question of its own: the `model`, one short call more, or a `rule`.",
    )
    prompt_budget_tokens: int = Field(
        1500,
        ge=100,
        description="Most tokens of sources in a prompt, by the served model's count, and, estimated, of earlier turns "
        "beside them; 100 suits a small one on a CPU.",
    )
    prompt_sources: int = Field(
        100, ge=1, description="Most sources in a prompt; with 1 a small model mixes up less of them."
    )
    max_answer_tokens: int = Field(
        512, ge=1, le=1024, description="Tokens of an answer when a request names none."
    )
    request_deadline_s: float = Field(120, gt=0, description="Longest time for one request, in seconds.")
    max_upload_bytes: int = Field(50_000_000, ge=1, description="Largest document, in bytes.")
    upload_spool_bytes: int = Field(
        400_000_000,
        ge=1,
        description="Most bytes of uploads that are kept in temporary files at once, half of them of one tenant;"
        " more wait with 429.",
    )
    body_pause_s: float = Field(
        30, gt=0, description="Longest pause of a client that sends a body, in seconds; then 408."
    )
    superseded_days: int = Field(
        30,
        ge=0,
        description="Days that the text and the file of a replaced version are kept for its citations.",
    )
    job_lease_s: float = Field(
        30,
        ge=1,
        description="Seconds without a worker's heartbeat after which its document goes back in line.",
    )
    worker_documents: int = Field(
        4,
        ge=1,
        le=32,
        description="Documents that one worker has in work; two at once are read, with up to 0.5 GB of memory each.",
    )
    feedback_url: str = Field("http://127.0.0.1:8082", description="Base URL of the feedback service.")
    service_token: SecretStr = Field(
        SecretStr(PLACEHOLDER),
        description="Secret shared by the gateway, the worker and the feedback service.",
    )
    api_key_pepper: SecretStr = Field(SecretStr(PLACEHOLDER), description="Key of the hashes of API keys.")


class MigrationSettings(DeployedSettings):
    """What the migration needs; only it ever sees the superuser's and the owner's passwords."""

    database_admin_url: SecretStr | None = Field(
        None,
        description="Connection of a superuser, or of a role with CREATEROLE and CREATEDB, to make the database"
        " and the roles; empty: they exist.",
    )
    database_admin_password: SecretStr = Field(
        SecretStr(""), description="Password for `DATABASE_ADMIN_URL`, where that has none."
    )
    database_owner_url: SecretStr = Field(description="Connection of `rag_owner`, who owns the schema.")
    rag_owner_password: SecretStr = Field(
        SecretStr(PLACEHOLDER),
        description="Password given to `rag_owner`, and that for `DATABASE_OWNER_URL`, where that has none.",
    )
    rag_app_password: SecretStr = Field(SecretStr(PLACEHOLDER), description="Password given to `rag_app`.")
    rag_worker_password: SecretStr = Field(
        SecretStr(PLACEHOLDER), description="Password given to `rag_worker`."
    )
    rag_feedback_password: SecretStr = Field(
        SecretStr(PLACEHOLDER), description="Password given to `rag_feedback`."
    )
    api_key_pepper: SecretStr = Field(SecretStr(PLACEHOLDER), description="Key of the hashes of API keys.")
    bootstrap_key: SecretStr | None = Field(
        None, description="First key of tenant `default`, with every scope."
    )
    webapp_key: SecretStr | None = Field(None, description="The web app's key of tenant `default`.")
    embedding_model: str = Field(
        "all-MiniLM-L6-v2", description="Name of the embedding model that search uses."
    )
    embedding_dim: int = Field(384, ge=1, le=4000, description="Dimensions of its vectors.")

    @field_validator("bootstrap_key", "webapp_key")
    @classmethod
    def _is_a_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key:
            prefix_of(key.get_secret_value())
        return key

    @property
    def admin_dsn(self) -> str | None:
        """The connection that makes roles, with its password; None where they exist."""
        if not self.database_admin_url:
            return None
        return with_password(self.database_admin_url, self.database_admin_password)

    @property
    def owner_dsn(self) -> str:
        """The connection of `rag_owner` with its password."""
        return with_password(self.database_owner_url, self.rag_owner_password)
