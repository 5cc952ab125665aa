"""Small LangChain and LlamaIndex apps as their own pages show them, run by the Python that has them.

`python bench/rag_peers.py PEER < task.json` writes the texts into a `PGVectorStore`, asks each question through the app
and straight from the model server with the app's own prompt, and prints the seconds to both first tokens.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from openai import OpenAI
from peers import DIMENSIONS, HNSW  # type: ignore[import-not-found]  # this folder is on the path of a script

Task = dict[str, Any]
App = Callable[[str], tuple[Iterator[str], list[dict[str, str]]]]
"""A question's answer in pieces, and the prompt, which is filled by the time the first piece is there."""
PROMPT = "Answer the question from the context alone.\n\nContext:\n{context}\n\nQuestion: {question}"


def langchain(task: Task, model: str) -> App:
    """A retriever, a prompt and a chat model."""
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_openai import ChatOpenAI

    retriever = _langchain_store(task).as_retriever(search_kwargs={"k": task["top"]})
    prompt = ChatPromptTemplate.from_messages([("user", PROMPT)])
    most = task["max_tokens"]
    llm = ChatOpenAI(
        model=model, base_url=task["llm_url"], api_key="none", temperature=0, max_completion_tokens=most
    )

    def ask(question: str) -> tuple[Iterator[str], list[dict[str, str]]]:
        sent: list[dict[str, str]] = []

        def pieces() -> Iterator[str]:
            context = "\n\n".join(document.page_content for document in retriever.invoke(question))
            filled = prompt.invoke({"context": context, "question": question})
            sent.extend({"role": "user", "content": str(m.content)} for m in filled.to_messages())
            for chunk in llm.stream(filled):
                yield str(chunk.content)

        return pieces(), sent

    return ask


def _langchain_store(task: Task) -> Any:
    """A `PGVectorStore` with the texts."""
    from langchain_openai import OpenAIEmbeddings
    from langchain_postgres import PGEngine, PGVectorStore
    from langchain_postgres.v2.indexes import HNSWIndex

    engine = PGEngine.from_connection_string(task["sqlalchemy_url"])
    engine.init_vectorstore_table("langchain", DIMENSIONS)
    words = {"base_url": task["url"], "api_key": "none", "check_embedding_ctx_length": False}
    embedding = OpenAIEmbeddings(model=task["model"], chunk_size=32, **words)
    store = PGVectorStore.create_sync(engine, table_name="langchain", embedding_service=embedding)
    store.add_texts(task["texts"])
    store.apply_vector_index(HNSWIndex())
    return store


def llamaindex(task: Task, model: str) -> App:
    """A vector index's retriever and a chat model."""
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.openai_like import OpenAILike

    retriever = _llamaindex_index(task).as_retriever(similarity_top_k=task["top"])
    words = {"api_base": task["llm_url"], "api_key": "none", "is_chat_model": True}
    llm = OpenAILike(model=model, temperature=0, max_tokens=task["max_tokens"], **words)

    def ask(question: str) -> tuple[Iterator[str], list[dict[str, str]]]:
        sent: list[dict[str, str]] = []

        def pieces() -> Iterator[str]:
            context = "\n\n".join(found.node.get_content() for found in retriever.retrieve(question))
            words = PROMPT.format(context=context, question=question)
            sent.append({"role": "user", "content": words})
            for chunk in llm.stream_chat([ChatMessage(role="user", content=words)]):
                yield chunk.delta or ""

        return pieces(), sent

    return ask


def _llamaindex_index(task: Task) -> Any:
    """A `VectorStoreIndex` of the texts over a `PGVectorStore`."""
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.core.schema import TextNode
    from llama_index.embeddings.openai_like import OpenAILikeEmbedding
    from llama_index.vector_stores.postgres import PGVectorStore

    store = PGVectorStore(
        connection_string=task["psycopg2_url"],
        async_connection_string=task["sqlalchemy_url"],
        table_name="llamaindex",
        schema_name="public",
        embed_dim=DIMENSIONS,
        hnsw_kwargs=HNSW,
    )
    embedding = OpenAILikeEmbedding(
        model_name=task["model"], api_base=task["url"], api_key="none", embed_batch_size=32
    )
    return VectorStoreIndex(
        nodes=[TextNode(text=text) for text in task["texts"]],
        storage_context=StorageContext.from_defaults(vector_store=store),
        embed_model=embedding,
    )


def first_s(pieces: Iterator[str], started: float) -> float:
    """Seconds to the first words; all of them are read."""
    first = 0.0
    for piece in pieces:
        if piece and not first:
            first = time.perf_counter() - started
    return first


def direct(client: OpenAI, model: str, messages: list[dict[str, str]], most: int) -> Iterator[str]:
    """The model server's own stream."""
    stream: Any = client.chat.completions.create(
        model=model,
        messages=messages,  # type: ignore[arg-type]
        stream=True,
        temperature=0,
        max_completion_tokens=most,
    )
    for chunk in stream:
        yield (chunk.choices[0].delta.content or "") if chunk.choices else ""


def pairs(ask: App, task: Task, client: OpenAI, model: str) -> Iterator[tuple[float, float]]:
    """Each question once to fill the prefix cache, then both ways; who comes first changes."""
    for n, question in enumerate(task["questions"]):
        pieces, sent = ask(question)
        first_s(pieces, time.perf_counter())

        def through(question: str = question) -> float:
            started = time.perf_counter()
            return first_s(ask(question)[0], started)

        def straight(sent: list[dict[str, str]] = sent) -> float:
            started = time.perf_counter()
            return first_s(direct(client, model, sent, task["max_tokens"]), started)

        if n % 2:
            b = straight()
            yield through(), b
        else:
            yield through(), straight()


if __name__ == "__main__":
    task = json.load(sys.stdin)
    client = OpenAI(base_url=task["llm_url"], api_key="none")
    model = client.models.list().data[0].id
    ask = {"langchain": langchain, "llamaindex": llamaindex}[sys.argv[1]](task, model)
    print(json.dumps({"pairs": list(pairs(ask, task, client, model))}))
