"""Who the caller is, and which model answers."""

from typing import Any

from fastapi import APIRouter
from rag_common.errors import UpstreamUnavailable

from rag_gateway.routes.access import AnyCaller, PartsOf
from rag_gateway.serving import served_model

router = APIRouter(tags=["account"])


@router.get("/v1/me")
async def me(caller: AnyCaller) -> dict[str, Any]:
    """The caller's tenant, subject and rights; quotas are not limited yet."""
    return {
        "tenant": caller.tenant,
        "subject": caller.subject,
        "scopes": sorted(caller.scopes),
        "principals": list(caller.reads_as),
        "quotas": {},
    }


@router.get("/v1/models")
async def models(caller: AnyCaller, parts: PartsOf) -> dict[str, Any]:
    """The served model, with what the answer mode `auto` means for it."""
    name = await served_model(parts.pipeline.llm, None)
    if not name:
        raise UpstreamUnavailable("The model cannot be reached; try again.", code="llm_unavailable")
    rag = {"answer_mode": parts.settings.answer_mode}
    return {
        "object": "list",
        "data": [{"id": name, "object": "model", "created": 0, "owned_by": "llm", "rag": rag}],
    }
