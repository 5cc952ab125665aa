"""The embedder's settings, read once from the environment."""

from typing import Literal

from pydantic import Field
from rag_common.model_folder import named_folder
from rag_common.settings import ServiceSettings

Device = Literal["auto", "cpu", "cuda"]
DType = Literal["auto", "float32", "float16", "bfloat16"]


class Settings(ServiceSettings):
    """What one embedder serves, on what, and how much may wait."""

    port: int = Field(8081, description="Port to listen on.")
    embedder_model: str = Field(
        "", description="Folder or Hugging Face name of the model; empty is the packaged all-MiniLM-L6-v2."
    )
    embedding_model: str = Field(
        "all-MiniLM-L6-v2", min_length=1, description="Name under which the model is served and asked for."
    )
    reranker_model: str = Field(
        "",
        description="Folder or Hugging Face name of a cross-encoder for `/v1/rerank`; empty is none.",
    )
    embedder_device: Device = Field("auto", description="Where they run; `auto` takes CUDA when it is there.")
    embedder_gpu_memory_share: float = Field(
        1, gt=0, le=1, description="Share of a GPU's memory that it may take; where others share the card."
    )
    embedder_dtype: DType = Field(
        "auto",
        description="Their numbers; `auto`: float16 on CUDA, float32 on a CPU. On a CPU with AVX512-BF16 or AMX"
        " `bfloat16` is faster and gives the same vectors (cosine ≥ 0.999); on others it is slower.",
    )
    embedder_queue_texts: int = Field(
        8_192, ge=2_048, description="Texts that may wait, in each lane; beyond, requests get 429."
    )

    @property
    def reranker_name(self) -> str:
        """Name under which the reranker is listed: its folder's or its Hugging Face name; empty is none."""
        folder = named_folder(self.reranker_model)
        return folder.resolve().name if folder else self.reranker_model
