"""Settings of the llm launcher."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from rag_common.settings import DeployedSettings, ServiceSettings

PACKAGED_MODEL = "smollm2-135m-instruct"
"""Folder and served name of the model that comes as a package."""


class LlmSettings(ServiceSettings):
    """Read once at start; what vLLM itself reads from `VLLM_…` variables stays available."""

    port: int = Field(8000, description="Port of vLLM's OpenAI server.")
    llm_model: str = Field(
        "", description="Hugging Face name or folder of the model; empty = the packaged one."
    )
    llm_device: Literal["auto", "cpu", "cuda"] = Field("auto", description="Where the model runs.")
    llm_models_dir: Path = Field(
        Path(".groundwork/models"),
        description="Where the converted packaged model is (`python -m rag_llm.prepare`).",
    )
    llm_max_model_len: int = Field(4096, ge=256, description="Longest prompt and answer together, in tokens.")
    llm_max_num_seqs: int | None = Field(
        None, ge=1, description="Most answers written at the same time; empty: what vLLM takes."
    )
    llm_tensor_parallel: int = Field(1, ge=1, description="GPUs that share one model; on a CPU it stays 1.")
    llm_gpu_memory_utilization: float | None = Field(
        None, gt=0, le=1, description="Share of a GPU's memory that vLLM takes; empty: what vLLM takes."
    )
    llm_kv_cache_gb: int = Field(1, ge=1, description="Memory for attention's cache on a CPU, in GB.")
    llm_api_key: SecretStr = Field(SecretStr(""), description="Key that vLLM asks for; empty asks for none.")
    otlp_grpc_endpoint: str = Field("", description="OTLP/gRPC receiver of vLLM's spans; empty sends none.")

    @property
    def packaged_folder(self) -> Path:
        """Where the converted packaged model is or will be."""
        return self.llm_models_dir / PACKAGED_MODEL


class DownloadSettings(DeployedSettings):
    """What `python -m rag_llm.download` needs to know of the hub."""

    hf_endpoint: str = Field("", description="Address of a mirror of the hub; empty: huggingface.co.")
    hf_token: SecretStr = Field(SecretStr(""), description="Token for gated and private models.")
