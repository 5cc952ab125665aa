"""A fake OpenAI-compatible server whose speed and faults are knobs: `python -m tests.fakes.openai_server`."""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from threading import Thread
from time import sleep, time
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from tests.fakes.fake import Fake, HungUpError
from tests.fakes.fake_words import Written, write
from tests.fakes.knobs import Knobs

COMPLETION_ID = "chatcmpl-fake"


class BrokenError(Exception):
    """The knob `break_after` was reached: the connection ends without a last chunk."""


async def _wait(request: Request, seconds: float | None) -> None:
    """Waits `seconds` (None: for ever); raises HungUpError as soon as the client goes away."""
    try:
        async with asyncio.timeout(seconds):
            while (await request.receive())["type"] != "http.disconnect":
                continue
    except TimeoutError:
        return
    raise HungUpError


def _chunk(knobs: Knobs, choice: dict[str, Any] | None, **more: Any) -> str:
    choices = [] if choice is None else [{"index": 0, "finish_reason": None, "delta": {}, **choice}]
    chunk = {
        "id": COMPLETION_ID,
        "object": "chat.completion.chunk",
        "created": int(time()),
        "model": knobs.model,
    }
    return f"data: {json.dumps(chunk | {'choices': choices} | more, ensure_ascii=False)}\n\n"


async def _stream(fake: Fake, body: dict[str, Any], knobs: Knobs) -> AsyncIterator[str]:
    answer = write(body, knobs)
    with fake.request(body):
        yield _chunk(knobs, {"delta": {"role": "assistant", "content": ""}})
        await asyncio.sleep(knobs.ttft_ms / 1000)
        for n, token in enumerate(answer.tokens):
            if n == knobs.break_after:
                raise BrokenError
            if n and knobs.tokens_per_s:
                await asyncio.sleep(1 / knobs.tokens_per_s)
            yield _chunk(knobs, {"delta": {"content": token}})
        yield _chunk(knobs, {"finish_reason": answer.finish_reason})
        if (body.get("stream_options") or {}).get("include_usage"):
            yield _chunk(knobs, None, usage=answer.usage)
        yield "data: [DONE]\n\n"


def _whole(knobs: Knobs, answer: Written) -> dict[str, Any]:
    message = {"role": "assistant", "content": "".join(answer.tokens)}
    return {
        "id": COMPLETION_ID,
        "object": "chat.completion",
        "created": int(time()),
        "model": knobs.model,
        "choices": [{"index": 0, "message": message, "finish_reason": answer.finish_reason}],
        "usage": answer.usage,
    }


async def _complete(fake: Fake, request: Request) -> Response:
    body, knobs = await request.json(), fake.knobs
    if knobs.status >= 400:
        fake.bodies.append(body)
        return JSONResponse({"error": {"message": "the fake was told to fail", "type": "fake"}}, knobs.status)
    if body.get("stream") and not knobs.hang:
        return StreamingResponse(_stream(fake, body, knobs), media_type="text/event-stream")
    answer = write(body, knobs)
    took_s = knobs.ttft_ms / 1000 + (len(answer.tokens) / knobs.tokens_per_s if knobs.tokens_per_s else 0)
    try:
        with fake.request(body):
            await _wait(request, None if knobs.hang else took_s)
    except HungUpError:
        return Response(status_code=499)
    return JSONResponse(_whole(knobs, answer))


def fake_app(fake: Fake) -> FastAPI:
    """The server around one fake."""
    app = FastAPI(title="fake OpenAI server")

    @app.get("/health")
    async def health() -> None: ...

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        model = {
            "id": fake.knobs.model,
            "object": "model",
            "created": 0,
            "owned_by": "fake",
            "max_model_len": 4096,
        }
        return {"object": "list", "data": [model]}

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        return await _complete(fake, request)

    @app.post("/knobs")
    async def turn(changed: Knobs) -> Knobs:
        fake.turn(**changed.model_dump(exclude_unset=True))
        return fake.knobs

    @app.get("/seen")
    async def seen() -> dict[str, Any]:
        return {"running": fake.running, "aborted": fake.aborted, "bodies": list(fake.bodies)}

    return app


@contextmanager
def running_fake(knobs: Knobs | None = None) -> Iterator[Fake]:
    """A fake on a free port of loopback, served by a thread until the block ends."""
    fake = Fake(knobs or Knobs())
    config = uvicorn.Config(fake_app(fake), "127.0.0.1", 0, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        fake.url = f"http://127.0.0.1:{port}/v1"
        yield fake
    finally:
        server.should_exit = True
        thread.join()


def main() -> None:
    """Serves until a signal; each knob is a flag."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    for name, knob in Knobs.model_fields.items():
        parser.add_argument(f"--{name.replace('_', '-')}", help=knob.description)
    given = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    port = given.pop("port")
    app = fake_app(Fake(Knobs.model_validate(given)))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()
