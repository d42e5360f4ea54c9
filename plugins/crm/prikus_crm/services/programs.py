"""What programs ask the CRM for: requests that they follow, words on one (API-01)."""

from __future__ import annotations

from sqlalchemy import and_

from prikus.toolkit import Changes, Context, Metadata, NotedWords, follow
from prikus.toolkit import note_metadata as note_words
from prikus.toolkit import read_metadata as read_words
from prikus_crm.models import CrmRequest, RequestSource
from prikus_crm.schemas import RequestChange


async def changed_requests(ctx: Context, since: str | None, limit: int) -> Changes[RequestChange]:
    """Requests in the order of their last change, with the deleted ones. Raises `Invalid` for a strange cursor."""
    ctx.require("crm.request.view")
    source = and_(RequestSource.clinic_id == CrmRequest.clinic_id, RequestSource.id == CrmRequest.source_id)
    return await follow(
        ctx,
        RequestChange,
        CrmRequest,
        since,
        limit,
        columns={"source": RequestSource.code, "text": CrmRequest.words},
        narrowed=lambda query: query.outerjoin(RequestSource, source),
    )


async def read_metadata(ctx: Context, id: int) -> NotedWords:
    """What programs noted on a request. Raises `NotFound`."""
    ctx.require("crm.request.view")
    return await read_words(ctx, CrmRequest, id)


async def note_metadata(ctx: Context, id: int, given: Metadata) -> NotedWords:
    """Raises `NotFound`, `Invalid`."""
    ctx.require("crm.request.edit")
    return await note_words(ctx, CrmRequest, id, given)
