"""Calls as the statistics tell them: rows of one call at several telephones become one call."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable

from prikus.toolkit import Context, OpenConnection
from prikus_integrations_beeline.schemas import RowSaid, instant
from prikus_integrations_beeline.services import abonents
from prikus_integrations_beeline.services.abonents import digits
from prikus_integrations_beeline.services.client import Portal, portal
from prikus_integrations_beeline.settings import Settings
from prikus_telephony.public import SeenCall

DAY = dt.timedelta(days=1)
LARGEST_PAGE, MOST_PAGES = 100, 200
NEAR = dt.timedelta(seconds=5)
ANSWERED = ("RECIEVED", "RECEIVED", "PLACED", "REDIRECTED")
"""As the exchange spells it, and as it may one day."""


async def statistics(
    outside: Context, connection: OpenConnection[Settings], since: dt.datetime, until: dt.datetime
) -> list[SeenCall]:
    """Calls that began in that time, a day to a request."""
    rows: list[RowSaid] = []
    async with portal(outside, connection) as beeline:
        while since < until:
            rows += await _rows(beeline, since, min(since + DAY, until))
            since += DAY
    async with outside.unit() as own:
        known = await abonents.people(own, connection.id)
    colleagues = {word for one in known.values() for word in (one.phone, one.extension) if word}
    return calls(rows, colleagues)


async def _rows(beeline: Portal, since: dt.datetime, until: dt.datetime) -> list[RowSaid]:
    """All pages. Whether the first is 0 or 1 is not sure: a page that comes twice costs a request and no more."""
    found: dict[str, RowSaid] = {}
    known = -1
    for page in range(MOST_PAGES):
        asked = {"dateFrom": _iso(since), "dateTo": _iso(until), "page": page, "pageSize": LARGEST_PAGE}
        rows = (await beeline.ask("GET", "/v2/statistics", params=asked)).json(list[RowSaid])
        is_repeated = known == len(found)
        known = len(found)
        found |= {_key(row): row for row in rows}
        if not rows or (is_repeated and known == len(found)):
            break
    return list(found.values())


def calls(rows: Iterable[RowSaid], colleagues: Collection[str] = ()) -> list[SeenCall]:
    """Rows by their calls: the same tracking id or, without one, number and direction at nearly the same time.

    Calls among `colleagues` (their numbers) are left out.
    """
    groups: list[list[RowSaid]] = []
    for row in sorted(rows, key=lambda row: (instant(row.start_date), _key(row))):
        if _client(row) in colleagues and _client(row):
            continue
        group = next((one for one in reversed(groups) if any(_belongs(row, other) for other in one)), None)
        if group is None:
            groups.append([row])
        else:
            group.append(row)
    return [_call(group) for group in groups]


def _belongs(row: RowSaid, other: RowSaid) -> bool:
    """Whether two rows, the later one first, are of one call.

    Who talks to us and comes to another telephone was passed on; a hidden number proves nothing.
    """
    if row.external_tracking_id and other.external_tracking_id:
        return row.external_tracking_id == other.external_tracking_id
    number = _client(row)
    if (row.direction, number) != (other.direction, _client(other)):
        return False
    if not number and (row.external_tracking_id or other.external_tracking_id):
        return False
    start = end = instant(other.start_date)
    if number and other.direction == "INBOUND" and other.status in ANSWERED:
        end = start + dt.timedelta(milliseconds=other.duration)
    return instant(row.start_date) <= end + NEAR


def _call(group: list[RowSaid]) -> SeenCall:
    """A person's answer counts more than that it was passed on."""
    first = group[0]
    taken = sorted((row for row in group if row.status in ANSWERED and row.duration > 0), key=_rank)
    told = taken[0] if taken else first
    is_incoming = first.direction == "INBOUND"
    tracking = next((row.external_tracking_id for row in group if row.external_tracking_id), None)
    return SeenCall(
        external_id=tracking or f"row-{_key(first)}",
        is_named=tracking is not None,
        direction="in" if is_incoming else "out",
        started_at=instant(first.start_date),
        is_answered=bool(taken),
        seconds=round(told.duration / 1000) if taken else 0,
        client_number=first.phone_from if is_incoming else first.phone_to,
        virtual_number=first.phone_to if is_incoming else None,
        extension=told.abonent.extension if told.abonent else None,
    )


def _rank(row: RowSaid) -> int:
    return ANSWERED.index(row.status)


def _client(row: RowSaid) -> str | None:
    return digits(row.phone_from if row.direction == "INBOUND" else row.phone_to)


def _key(row: RowSaid) -> str:
    """Rows have no number of their own."""
    user = row.abonent.user_id if row.abonent else ""
    words = (instant(row.start_date).isoformat(), row.direction, row.status, row.phone_from, row.phone_to, user)
    return hashlib.sha256("\0".join(str(word) for word in words).encode()).hexdigest()[:32]


def _iso(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
