"""Invented shifts of the cash desk: one for each branch and day on which money moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from prikus.toolkit import Demo
from prikus_billing.demo.inventing import DemoMove
from prikus_billing.models import CashMovement, CashShift
from prikus_billing.services.ledger import sum_up
from prikus_billing.services.shifts import SERIES

OPENING, HUNDRED = Decimal(5000), Decimal("1E2")
ODD = 0.05


class Shifts:
    """The desks of one clinic. Cash above the change of the next morning goes into the safe."""

    def __init__(self, demo: Demo, entities: Mapping[int, int], clerks: Sequence[int]) -> None:
        self._demo = demo
        self._entities = entities
        self._clerks = clerks
        self._numbers: dict[int, int] = {}
        self._random = demo.random("billing-shifts")

    async def write(self, moves: Sequence[tuple[int, DemoMove]]) -> dict[tuple[int, dt.date], int]:
        """Numbers of the shifts by branch and day."""
        days: dict[tuple[int, dt.date], list[DemoMove]] = {}
        for branch, move in moves:
            days.setdefault((branch, move.business_date), []).append(move)
        places = sorted(days, key=lambda place: (place[1], place[0]))
        planned = [(place, *self._shift(place, days[place])) for place in places]
        ids = await self._demo.add(CashShift, [row for _, row, _ in planned], "смены кассы")
        safe = [
            {**row, "shift_id": id, "key": f"demo-safe-{id}"}
            for id, (_, _, rows) in zip(ids, planned, strict=True)
            for row in rows
        ]
        await self._demo.add(CashMovement, safe)
        await self._count()
        return dict(zip(places, ids, strict=True))

    def _shift(
        self, place: tuple[int, dt.date], moves: Sequence[DemoMove]
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        branch, day = place
        entity, clerk = self._entities[branch], self._clerks[branch % len(self._clerks)]
        self._numbers[entity] = self._numbers.get(entity, 0) + 1
        opened_at = min(move.at for move in moves) - dt.timedelta(minutes=25)
        closed_at = max(move.at for move in moves) + dt.timedelta(minutes=35)
        cash = sum_up(move.parts.get("cash", Decimal(0)) for move in moves)
        author = {"created_by_kind": "staff", "created_by_id": clerk}
        row = {
            "branch_id": branch,
            "legal_entity_id": entity,
            "number": self._numbers[entity],
            "opened_at": opened_at,
            "business_date": day,
            "opening": OPENING,
            "keeper_id": clerk,
            "created_at": opened_at,
            **author,
        }
        if day >= self._demo.today:
            return row, []
        at = closed_at - dt.timedelta(minutes=5)
        change = -cash.quantize(HUNDRED)
        safe = [{"happened_at": at, "created_at": at, "amount": change, **_words(change), **author}] if change else []
        expected = OPENING + cash + change
        odd = Decimal(-self._random.randint(1, 9) * 10) if self._random.random() < ODD else Decimal(0)
        counted = {"expected": expected, "counted": expected + odd, "reason": "Сдача без мелочи" if odd else None}
        return {**row, **counted, "closed_at": closed_at, "closed_by_id": clerk}, safe

    async def _count(self) -> None:
        """The next shift that somebody opens follows the last of these."""
        rows = [{"series": SERIES, "entity": entity, "value": value} for entity, value in self._numbers.items()]
        if rows:
            query = "insert into core.counter (series, legal_entity_id, value) values (:series, :entity, :value)"
            await self._demo.db.execute(text(query), rows)


def _words(change: Decimal) -> dict[str, str]:
    if change > 0:
        return {"kind": "put_in", "reason": "Размен из сейфа"}
    return {"kind": "take_out", "reason": "Выручка в сейф"}
