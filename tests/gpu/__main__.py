"""Checks embedder and llm on CUDA: `python -m tests.gpu [--embedder-model DIR] [--llm-model DIR]`.

No pytest: a GPU machine has a Python with torch and sentence-transformers, maybe nothing else of our
needs. It says what it could not run and why. Exit status: 0 when all that ran is well, 1 when something
is not, 2 when nothing could be checked.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tests.gpu.calls import free_port, get, post

if TYPE_CHECKING:
    from rag_embedder.settings import DType

ROOT = Path(__file__).parents[2]
SOURCES = [str(ROOT / "services" / name / "src") for name in ("common", "embedder", "llm")]
sys.path[:0] = SOURCES

TEXTS = [" ".join(["a chunk of a document, split by its structure"] * (n % 24 + 1)) for n in range(64)]
STARTS_WITHIN_S = 600
OK, NOT_RUN, FAILED = "ok", "could not run", "FAILED"


class CouldNotRun(Exception):
    """Something that this check needs is not here."""


def vectors_on_cuda_equal_those_on_the_cpu(options: argparse.Namespace) -> str:
    """Cosine of each text's two vectors, float16 (the default on CUDA) against float32."""
    from rag_embedder.adapters.sentence_transformers import load_encoder

    on_cpu = load_encoder(options.embedder_model, "cpu", "float32").encode(TEXTS)
    found = []
    least_cosines: dict[DType, float] = {"float32": 0.9999, "auto": 0.999}
    for dtype, least in least_cosines.items():
        on_cuda = load_encoder(options.embedder_model, "cuda", dtype).encode(TEXTS)
        nearest = float((on_cpu * on_cuda).sum(axis=1).min())
        assert nearest >= least, f"{dtype}: least cosine {nearest:.6f}, expected {least}"
        found.append(f"{dtype} {nearest:.6f}")
    return "least cosine: " + ", ".join(found)


def throughput_of_the_encoder(options: argparse.Namespace) -> str:
    """Texts per second in batches of the size that the adapter asks for; printed, not judged."""
    from rag_embedder.adapters.sentence_transformers import load_encoder

    encoder = load_encoder(options.embedder_model, "cuda", "auto")
    texts = (TEXTS * encoder.batch_texts)[: encoder.batch_texts]
    tokens = sum(min(count, encoder.window) for count in encoder.count_tokens(texts))
    encoder.encode(texts)
    started = time.perf_counter()
    for _ in range(10):
        encoder.encode(texts)
    rate = 10 / (time.perf_counter() - started)
    return f"{rate * len(texts):,.0f} texts/s, {rate * tokens:,.0f} tokens/s, batches of {len(texts)}"


def the_embedder_answers_on_cuda(options: argparse.Namespace) -> str:
    """The whole service: batching, warm-up, HTTP."""
    _need(
        "fastapi",
        "uvicorn",
        "uvloop",
        "orjson",
        "pydantic_settings",
        "httpx",
        "opentelemetry.exporter.prometheus",
    )
    environment = {
        "EMBEDDER_DEVICE": "cuda",
        "EMBEDDER_MODEL": options.embedder_model,
        "EMBEDDING_MODEL": "model",
    }
    with _served("rag_embedder", environment, "/readyz") as url:
        reply = post(f"{url}/v1/embeddings", {"model": "model", "input": TEXTS})
    assert [item["index"] for item in reply["data"]] == list(range(len(TEXTS)))
    return f"{len(TEXTS)} texts, {reply['usage']['total_tokens']} tokens"


def the_llm_answers_on_cuda(options: argparse.Namespace) -> str:
    """vLLM through our launcher."""
    _need("vllm", "pydantic_settings", "psutil")
    if not Path(options.llm_model, "config.json").is_file():
        raise CouldNotRun(
            f"no model in {options.llm_model}; run `python -m rag_llm.prepare` or give --llm-model"
        )
    with _served(
        "rag_llm", {"LLM_DEVICE": "cuda", "LLM_MODEL": str(Path(options.llm_model).resolve())}, "/health"
    ) as url:
        model = get(f"{url}/v1/models")["data"][0]["id"]
        question = [{"role": "user", "content": "Say hello."}]
        reply = post(f"{url}/v1/chat/completions", {"model": model, "messages": question, "max_tokens": 16})
    words = reply["choices"][0]["message"]["content"]
    assert words.strip(), "the answer is empty"
    return f"{model} said {words.strip()!r}"


def _need(*modules: str) -> None:
    missing = [module for module in modules if not _is_there(module)]
    if missing:
        raise CouldNotRun(f"this Python lacks {', '.join(missing)}")


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:  # a package above it is missing
        return False


@contextmanager
def _served(module: str, environment: dict[str, str], health: str) -> Iterator[str]:
    port = free_port()
    paths = os.pathsep.join([*SOURCES, *filter(None, [os.environ.get("PYTHONPATH")])])
    everything = os.environ | environment | {"PORT": str(port), "PYTHONPATH": paths}
    process = subprocess.Popen([sys.executable, "-m", module], env=everything)
    url = f"http://127.0.0.1:{port}"
    try:
        give_up = time.monotonic() + STARTS_WITHIN_S
        while get(url + health) is None:
            assert process.poll() is None, f"{module} exited with {process.returncode}"
            assert time.monotonic() < give_up, f"{module} was not ready within {STARTS_WITHIN_S} s"
            time.sleep(0.5)
        yield url
    finally:
        process.terminate()
        process.wait(60)


CHECKS: list[Callable[[argparse.Namespace], str]] = [
    vectors_on_cuda_equal_those_on_the_cpu,
    throughput_of_the_encoder,
    the_embedder_answers_on_cuda,
    the_llm_answers_on_cuda,
]


def run(check: Callable[[argparse.Namespace], str], options: argparse.Namespace) -> str:
    """Runs one check, prints its line and returns how it went."""
    try:
        outcome, words = OK, check(options)
    except (CouldNotRun, ImportError) as error:
        outcome, words = NOT_RUN, str(error)
    except Exception as error:  # one failure must not keep the other checks from running
        outcome, words = FAILED, f"{type(error).__name__}: {error}"
    print(f"{outcome:14} {check.__name__.replace('_', ' ')}: {words}", flush=True)
    return outcome


def main() -> int:
    """All checks, in order."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--embedder-model", default="", help="folder of a model; default: the packaged MiniLM"
    )
    parser.add_argument("--llm-model", default=str(ROOT / ".groundwork/models/smollm2-135m-instruct"))
    options = parser.parse_args()
    try:
        import torch
    except ImportError:
        print(f"nothing checked: {sys.executable} has no torch")
        return 2
    if not torch.cuda.is_available():
        print(f"nothing checked: torch {torch.__version__} sees no CUDA device")
        return 2
    print(f"{torch.cuda.get_device_name()}, torch {torch.__version__}")
    outcomes = {run(check, options) for check in CHECKS}
    return 1 if FAILED in outcomes else 0 if OK in outcomes else 2


if __name__ == "__main__":
    sys.exit(main())
