"""Which model answers, and whether it is the one that was asked for."""

from rag_common.errors import DeadlineExceeded, NotFound, TooManyRequests, Unavailable, UpstreamFailed

from rag_gateway.rag.generate import Llm


async def served_model(llm: Llm, asked: str | None) -> str:
    """The served model's name, empty while it is away; raises NotFound when another one is asked for."""
    try:
        served = await llm.model()
    except (Unavailable, DeadlineExceeded, UpstreamFailed, TooManyRequests):
        return ""
    if asked is not None and asked != served:
        raise NotFound(
            f"The model `{asked}` is not served here; ask for `{served}`.",
            code="model_not_found",
            param="model",
        )
    return served
