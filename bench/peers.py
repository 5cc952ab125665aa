"""LangChain's and LlamaIndex's own way to a searchable PostgreSQL, run by the Python that has them.

`python bench/peers.py PEER LANE < task.json` prints the seconds from texts to searchable rows, by the clock and of this
process's processors; loading modules and models and making tables and indexes is not counted. Both keep an HNSW index
and a full-text index while they write, as ours does. Lanes: `http` (our embedder's endpoint), `in-process` (each
one's own default), `given` (vectors that are there); `sample` prints the batch size that is the fastest for `http`.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

DIMENSIONS = 384
HNSW = {
    "hnsw_m": 16,
    "hnsw_ef_construction": 64,
    "hnsw_ef_search": 40,
    "hnsw_dist_method": "vector_cosine_ops",
}
BATCHES = (8, 32, 128)
Task = dict[str, Any]
Store = Callable[[], object]
"""Writes all of the task's texts."""


def langchain(lane: str, task: Task, table: str, batch: int) -> Store:
    """`PGVectorStore` of langchain-postgres."""
    from langchain_postgres import PGEngine, PGVectorStore
    from langchain_postgres.v2.hybrid_search_config import HybridSearchConfig
    from langchain_postgres.v2.indexes import HNSWIndex

    engine = PGEngine.from_connection_string(task["sqlalchemy_url"])
    hybrid = HybridSearchConfig(
        tsv_column="content_tsv", tsv_lang="pg_catalog.english", index_name=f"{table}_words"
    )
    engine.init_vectorstore_table(table, DIMENSIONS, hybrid_search_config=hybrid)
    model = _langchain_model(lane, task, batch)
    store = PGVectorStore.create_sync(
        engine, table_name=table, embedding_service=model, hybrid_search_config=hybrid
    )
    store.apply_vector_index(HNSWIndex())
    store.apply_hybrid_search_index()
    if lane == "given":
        return lambda: store.add_embeddings(task["texts"], task["vectors"])
    return lambda: store.add_texts(task["texts"])


def _langchain_model(lane: str, task: Task, batch: int) -> Any:
    if lane == "in-process":
        from langchain_huggingface import HuggingFaceEmbeddings

        model = HuggingFaceEmbeddings(model_name=task["model_folder"])
        model.embed_query("warm up")
        return model
    from langchain_openai import OpenAIEmbeddings

    # It would send token ids of a model that is not ours.
    words = {"base_url": task["url"], "api_key": "none", "check_embedding_ctx_length": False}
    return OpenAIEmbeddings(model=task["model"], chunk_size=batch, **words)


def llamaindex(lane: str, task: Task, table: str, batch: int) -> Store:
    """`PGVectorStore` of llama-index, filled by a `VectorStoreIndex`."""
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.schema import TextNode
    from llama_index.vector_stores.postgres import PGVectorStore

    store = PGVectorStore(
        connection_string=task["psycopg2_url"],
        async_connection_string=task["sqlalchemy_url"],
        table_name=table,
        schema_name="public",
        embed_dim=DIMENSIONS,
        hybrid_search=True,
        text_search_config="english",
        hnsw_kwargs=HNSW,
    )
    store._initialize()  # else the first write makes the table
    if lane == "given":
        pairs = zip(task["texts"], task["vectors"], strict=True)
        return lambda: store.add([TextNode(text=text, embedding=vector) for text, vector in pairs])
    model, context = (
        _llamaindex_model(lane, task, batch),
        StorageContext.from_defaults(vector_store=store),
    )
    return lambda: VectorStoreIndex(
        nodes=[TextNode(text=text) for text in task["texts"]], storage_context=context, embed_model=model
    )


def _llamaindex_model(lane: str, task: Task, batch: int) -> Any:
    if lane == "in-process":
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        model = HuggingFaceEmbedding(model_name=task["model_folder"])
        model.get_text_embedding("warm up")
        return model
    from llama_index.embeddings.openai_like import OpenAILikeEmbedding

    return OpenAILikeEmbedding(
        model_name=task["model"], api_base=task["url"], api_key="none", embed_batch_size=batch
    )


def measured(store: Store) -> tuple[float, float]:
    """Seconds by the clock and of the processors."""
    started, used = time.perf_counter(), time.process_time()
    store()
    return time.perf_counter() - started, time.process_time() - used


def fastest(peer: str, task: Task) -> int:
    """The batch size of requests with which a peer writes the texts fastest."""
    taken = {size: measured(OPEN[peer]("http", task, f"try_{size}", size))[0] for size in BATCHES}
    return min(taken, key=taken.__getitem__)


OPEN = {"langchain": langchain, "llamaindex": llamaindex}

if __name__ == "__main__":
    _, peer, lane = sys.argv
    task = json.load(sys.stdin)
    if lane == "sample":
        print(json.dumps({"batch": fastest(peer, task)}))
    else:
        seconds, cpu_s = measured(OPEN[peer](lane, task, "chunks", task["batch"]))
        print(json.dumps({"seconds": seconds, "cpu_s": cpu_s}))
