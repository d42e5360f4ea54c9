"""What a request costs the database grows neither with its rows nor with the plugins that are installed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
from litestar.routes import HTTPRoute
from sqlalchemy import text

from prikus.host.routing import OWNERS
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.base import Door
from prikus.testing.counting import ServerCount, on_server
from prikus_billing.schemas.money import NewInvoice, NewLine
from prikus_billing.services.invoices import issue_invoice
from prikus_catalog.schemas import CategoryForm, ServiceForm
from prikus_catalog.services import add_category, add_service
from tests.campaigns.growth import wide
from tests.contract import test_calendar
from tests.contract.billing_samples import money
from tests.contract.fiscal_samples import FiscalSamples
from tests.contract.imaging_samples import ImagingSamples
from tests.contract.messaging_samples import MessagingSamples
from tests.contract.online_booking_samples import BookingSamples
from tests.contract.samples import DAY

ROWS = 50
FIRST = 1001
QUERIES = {
    "/calendar": f"?date={DAY}",
    "/calendar/month": f"?month={DAY}&date={DAY}",
    "/api/v1/calendar/day": f"?date={DAY}",
    "/api/v1/calendar/free": f"?date={DAY}",
    "/api/v1/calendar/appointments": f"?from={DAY}&to={DAY}",
    "/billing/lines/new": "?service=1",
    "/patients/search": "?q=Рядов",
    "/api/v1/patients/search": "?q=Рядов",
    "/catalog/services/search": "?query=Услуга",
    "/api/v1/catalog/services/search": "?q=Услуга",
    "/api/v1/imaging/images": "?patient_id={patient_id}",
    "/fiscal/day-sheet": "?branch_id={branch_id}&legal_entity_id={legal_entity_id}&day={day}",
}
NOTHING_TO_SHOW = (
    *("/connections/new/", "/connections/{", "/developers/keys/{", "/developers/webhooks/{"),
    "/crm/requests/{",
    *("/telephony/calls/{", "/telephony/incoming/{", "/telephony/extensions/{"),
    "/messaging/messages/{",
    "/imaging/images/{",
    "/online_booking/channels/{",
    "/fiscal/receipts/{receipt_id:int}/print",
    "/billing/invoices/{invoice_id:int}/refund",
    "/patients/{patient_id:int}/merge/with",
)
"""Beginnings of pages, also of the API: of one connection, key, request, call, message, image, channel, which `a_row`
does not make; of a receipt that was given; of a paid invoice; of two cards.
"""
Costs = dict[str, Counter[str]]


async def a_row(clinic: TestClinic, number: int, patient: int | None = None) -> dict[str, object]:
    """One more of everything that pages show; an invoice more for the first patient."""
    values = await test_calendar.appointment(clinic, f"Рядов{number}", number)
    async with clinic.ctx_as("director") as ctx:
        category = await add_category(ctx, CategoryForm(name=f"Раздел {number}"))
        form = ServiceForm(
            category_id=category, name=f"Услуга {number}", code=f"N{number}", price=Decimal("100.00"), is_active=True
        )
        service = await add_service(ctx, form)
        new = NewInvoice(patient_id=patient or int(str(values["patient_id"])), lines=(NewLine(service_id=service),))
        invoice = await issue_invoice(ctx, new, str(uuid4()))
        shift = await money(ctx, new.patient_id)
        chair = await ctx.db.scalar(text("select max(id) from core.chair"))
        group = await ctx.db.scalar(text("select min(id) from core.permission_group"))
        await ctx.db.execute(text(BURIED), {"number": 100_000 + number, "name": f"Удалён {number}"})
        place = {"branch_id": ctx.branch.id, "chair_id": chair, "group_id": group, "staff_id": clinic.head.staff_id}
    fiscal = await FiscalSamples.begun(clinic, f"Чеков{number}")
    moved = await fiscal.movement()
    receipt = await fiscal.receipt("failed", transaction_id=moved, error="Касса не приняла чек.")
    place |= {"receipt_id": receipt, "register_id": fiscal.register, "transaction_id": moved, **fiscal.day()}
    await (await MessagingSamples.begun(clinic, f"Сообщений{number}")).message()
    await (await ImagingSamples.begun(clinic, f"Снимков{number}", new.patient_id)).analysed()
    booked = await BookingSamples.begun(clinic, f"Записавшаяся{number}")
    await booked.booking("new", patient_id=int(booked.patient))
    more = {"category_id": category, "service_id": service, "invoice_id": invoice.invoice_id, "shift_id": shift}
    return values | more | place | {"plugin_id": "billing", "section_id": "patients"}


BURIED = """
    insert into core.patient
      (card_number, last_name, first_name, sort_name, search_name, phone, phone_digits, deleted_at)
    values (:number, :name, 'А', :name, :name, '', '', now())
"""


def pages(clinic: TestClinic, values: Mapping[str, object]) -> list[str]:
    """The address of every page and API read that belongs to the core or to one of our plugins."""
    doors = [
        Door("GET", route.path)
        for route in clinic.house.app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if "GET" in handler.http_methods and OWNERS in handler.opt
        if not route.path.removeprefix("/api/v1").startswith(NOTHING_TO_SHOW)
    ]
    return [door.filled(values) + QUERIES.get(door.path, "").format_map(values) for door in doors]


async def costs(count: ServerCount, client: httpx.AsyncClient, addresses: list[str]) -> Costs:
    """The statements of each address, asked for a second time: the first one fills what a process keeps."""
    found = {}
    for address in addresses:
        headers = {"HX-Request": "true"} if address.startswith("/billing/patients/") else {}
        first = await client.get(address, headers=headers)
        assert first.status_code in (200, 303), f"{address}: {first.status_code}"
        async with count.counting() as calls:
            await client.get(address, headers=headers)
        assert calls, address
        found[address] = calls
    return found


async def adding(count: ServerCount, client: httpx.AsyncClient, number: int) -> Counter[str]:
    """The statements of a new patient, of whom every plugin hears later."""
    form = {"last_name": f"Новый{number}", "first_name": "Пётр", "phone": f"+791234{number:05d}"}
    async with count.counting() as calls:
        answer = await client.post("/patients/new", data={**form, "idempotency_key": str(uuid4())})
    assert answer.is_success, answer.text
    return calls


def sums(found: Costs) -> dict[str, int]:
    return {address: calls.total() for address, calls in found.items()}


def grown(before: Costs, after: Costs) -> dict[str, Any]:
    """Addresses that cost more statements than before, each with what came to it."""
    return {key: dict(after[key] - before[key]) for key in before if after[key].total() > before[key].total()}


async def test_statements_grow_neither_with_rows_nor_with_plugins(installation, rounds) -> None:
    clinic: TestClinic = installation.clinic
    values = await a_row(clinic, FIRST)
    addresses = pages(clinic, values)
    assert len(addresses) > 40, addresses
    async with (
        on_server(clinic.house.config) as count,
        await wide.signed_in(clinic, installation.few.url) as little,
        await wide.signed_in(clinic, installation.many.url) as much,
    ):
        assert "/extra30/things" in (await much.get("/patients/")).text
        assert "/extra30/things" not in (await little.get("/patients/")).text
        one_row = await costs(count, little, addresses), await costs(count, much, addresses)
        for number in range(FIRST + 1, FIRST + rounds(10, ROWS)):
            await a_row(clinic, number, int(str(values["patient_id"])))
        rows = await costs(count, little, addresses), await costs(count, much, addresses)
        writes = await adding(count, little, 1), await adding(count, much, 2)
    assert grown(one_row[0], one_row[1]) == {}, "more with thirty plugins more"
    assert grown(one_row[0], rows[0]) == {}, "more with 50 rows"
    assert grown(rows[0], rows[1]) == {}, "more with thirty plugins more and 50 rows"
    assert writes[0].total() == writes[1].total(), writes[1] - writes[0]
    print(sorted(sums(rows[1]).items(), key=lambda one: -one[1])[:10])


async def test_the_count_sees_a_statement_for_each_row(installation) -> None:
    """The twin: a page that asks once for each row is found out."""
    clinic: TestClinic = installation.clinic
    found = []
    async with on_server(clinic.house.config) as count:
        for number in (1, ROWS):
            async with count.counting() as calls, clinic.ctx_as("director") as ctx:
                for _ in range(number):
                    await ctx.db.execute(text("select id from core.patient limit 1"))
            found.append(calls.total())
    assert found[1] - found[0] == ROWS - 1


async def test_processes_stay_small_with_thirty_plugins_more(installation) -> None:
    """A start of 2.5 times that with 4 at most, and 150 MiB for a process that answers (performance.md)."""
    for running in (installation.few, installation.many):
        async with await wide.signed_in(installation.clinic, running.url) as client:
            assert (await client.get("/patients/")).is_success
    few, many = installation.few, installation.many
    sizes = wide.memory(few.pid), wide.memory(many.pid)
    print(f"start {few.seconds:.1f} s and {many.seconds:.1f} s of the processor, MiB {sizes}")
    assert max(sizes[1]) <= 150
    assert many.seconds <= 2.5 * few.seconds
