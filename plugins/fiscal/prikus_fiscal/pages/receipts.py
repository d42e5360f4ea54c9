"""«Чеки»: the list, one receipt, its sheet, its state beside a movement of money."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from litestar import Response, get

from prikus.toolkit import Context, fragment, page
from prikus_fiscal.pages.words import WORDS
from prikus_fiscal.services import reading, registers

Shown = Literal["", "trouble", "waiting", "done"]


@get("/receipts")
async def listed(
    ctx: Context,
    date_from: str = "",
    date_to: str = "",
    shown: Shown = "",
    register: int | None = None,
    after: str | None = None,
    before: str | None = None,
) -> Response[str]:
    filters = reading.Filters(_day(date_from), _day(date_to), shown, register)
    return page(
        ctx,
        "fiscal/receipts.html",
        block="list",
        found=await reading.receipts(ctx, filters, after=after, before=before),
        filters=filters,
        stuck=await reading.count_stuck(ctx),
        registers=await registers.choices(ctx),
        **WORDS,
    )


@get("/receipts/{receipt_id:int}")
async def shown(ctx: Context, receipt_id: int) -> Response[str]:
    return page(ctx, "fiscal/receipt.html", block="receipt", receipt=await reading.card(ctx, receipt_id), **WORDS)


@get("/receipts/{receipt_id:int}/print")
async def printed(ctx: Context, receipt_id: int) -> Response[str]:
    return page(ctx, "fiscal/print.html", receipt=await reading.card(ctx, receipt_id), **WORDS)


@get("/movements/{transaction_id:int}/state")
async def state(ctx: Context, transaction_id: int) -> Response[str]:
    """A few words beside a movement of money; nothing where there is no receipt."""
    found = await reading.of_movement(ctx, transaction_id)
    return fragment(ctx, "fiscal/state.html", "state", receipts=found, **WORDS)


def _day(text: str) -> dt.date | None:
    """A day of the filter; what is no day is as good as none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


routes = [listed, shown, printed, state]
