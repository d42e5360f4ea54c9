"""Requests as JSON: `/api/v1/crm/requests`."""

from __future__ import annotations

import datetime as dt

from litestar import get

from prikus.toolkit import Context
from prikus_crm.schemas import RequestPage, RequestRow, Status
from prikus_crm.services import listing
from prikus_crm.services.listing import Filters, Sort


@get("/requests")
async def get_requests(
    ctx: Context,
    q: str = "",
    date_from: dt.date | None = None,
    date_to: dt.date | None = None,
    status: Status | None = None,
    source: str | None = None,
    responsible: int | None = None,
    sort: Sort = "-received",
    after: str | None = None,
    before: str | None = None,
) -> RequestPage:
    """Обращения, по 30; `next` ответа – это `after` следующей страницы."""
    filters = Filters(q=q, date_from=date_from, date_to=date_to, status=status, source=source, responsible=responsible)
    return await listing.requests(ctx, filters, sort, after=after, before=before)


@get("/requests/{request_id:int}")
async def get_request(ctx: Context, request_id: int) -> RequestRow:
    """Обращение с пациентом и ответственным."""
    return await listing.one(ctx, request_id)


routes = [get_requests, get_request]
