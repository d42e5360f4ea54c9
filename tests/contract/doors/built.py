"""Every kind of door that a plugin can have, with what proves it closed. What stands in no table here fails the run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from litestar import Litestar

from prikus.connections.receiving import DeliveryRef
from prikus.host.routing import OWNERS
from prikus.host.system import System
from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.base import Door
from prikus.toolkit import Aggregate
from prikus_billing.events import DepositToppedUp, DepositWithdrawn, InvoiceCancelled, PaymentRefunded
from prikus_calendar.events import AppointmentCreated, ShiftCreated
from prikus_fiscal.jobs import RegisterRef
from prikus_imaging.jobs import QueueRef
from prikus_integrations_beeline.fake.events import bare_event
from prikus_integrations_beeline.jobs import ConnectionRef
from prikus_messaging.jobs import ChannelRef
from prikus_online_booking import jobs as booking_jobs
from prikus_telephony.jobs import CallId, Search
from tests.contract import (
    samples,
    test_billing,
    test_calendar,
    test_catalog,
    test_crm,
    test_fiscal,
    test_imaging,
    test_integrations_beeline,
    test_integrations_diagnocat,
    test_integrations_evotor,
    test_integrations_smsc,
    test_integrations_tilda,
    test_messaging,
    test_online_booking,
    test_telephony,
)
from tests.contract.fiscal_samples import PRICE, FiscalSamples

CONTRACTS: Mapping[str, PluginContract] = {
    contract.plugin: contract
    for contract in (
        test_catalog.TestCatalog(),
        test_calendar.TestCalendar(),
        test_billing.TestBilling(),
        test_telephony.TestTelephony(),
        test_messaging.TestMessaging(),
        test_imaging.TestImaging(),
        test_integrations_beeline.TestIntegrationsBeeline(),
        test_crm.TestCrm(),
        test_fiscal.TestFiscal(),
        test_integrations_diagnocat.TestIntegrationsDiagnocat(),
        test_integrations_evotor.TestIntegrationsEvotor(),
        test_integrations_smsc.TestIntegrationsSmsc(),
        test_integrations_tilda.TestIntegrationsTilda(),
        test_online_booking.TestOnlineBooking(),
    )
}
"""What the authors of our plugins say about their doors: one of everything that has an address."""

ROOMS = {
    "permissions": "no door",
    "events": "no door",
    "hookspecs": "no door: what is asked of others",
    "models": "no door",
    "hooks": "hooks",
    "listeners": "work",
    "jobs": "work",
    "pages": "routes",
    "api": "routes",
    "webhooks": "what comes in",
    "with_": "routes, hooks and work of two owners",
}
"""Rooms that the host reads, and what proves them closed."""


class Shown(msgspec.Struct, frozen=True):
    """Where descriptors of a hook are to be seen: a page of the core, and what stands in it for one descriptor."""

    page: str
    mark: Callable[[Any], str]


def _href(item: Any) -> str:
    return item.href.partition("?")[0]


SHOWN = {
    "menu_items": Shown("/settings/menu", lambda item: f'"{item.href}"'),
    "patient_tabs": Shown("/patients/{patient_id}", lambda tab: f"?tab={tab.id}"),
    "card_actions": Shown("/patients/{patient_id}", _href),
    "card_boxes": Shown("/patients/{patient_id}", _href),
    "card_figures": Shown("/patients/{patient_id}", _href),
    "shell_parts": Shown("/patients/{patient_id}", lambda part: f"<{part.element}>"),
    "feed_kinds": Shown("/patients/{patient_id}", lambda kind: f'<option value="{kind.id}"'),
    "trash_sections": Shown("/trash/patients", lambda section: f'"/trash/{section.id}"'),
    "connection_kinds": Shown("/connections/new", lambda kind: f'"/connections/new/{kind.id}"'),
}

UNSEEN = (
    *("telephony_providers", "register_providers", "message_providers", "booking_providers", "image_providers"),
    *("movement_states", "day_sheet_parts"),
)
"""Described to another plugin, which shows nothing of it before there is a connection, or money that moved."""

ASKED: Mapping[str, Mapping[str, Any]] = {
    "propose_doctor": {"patient_id": 1},
    "caller_part": {"patient_id": 1},
    "billing_may_invoice": {"patient_id": 1, "service_ids": ()},
}
"""Questions to plugins with values to ask them with."""


ALWAYS_ASKED = ("patient_records",)
"""Described by every installed plugin, on or off, as all lifecycle hooks are: a patient's data do not hide in it."""


async def _new_patient(clinic: TestClinic) -> None:
    await samples.new_patient(clinic, "Новенькая")


async def _moved_money(clinic: TestClinic) -> None:
    """A payment, and what is told of such a movement when it is taken back or is a prepayment."""
    made = await FiscalSamples.begun(clinic, "Новенькая")
    moved = await made.movement()
    told = {"transaction_id": moved, "patient_id": int(made.patient), "currency": "RUB"}
    of_invoice = {**told, "invoice_id": 1, "number": "1", "reason": "Передумал"}
    sums = {"payment_ids": (), "amount": PRICE, "by_kind": {"cash": PRICE}}
    async with clinic.ctx_as("director") as ctx:
        for event in (
            PaymentRefunded(**of_invoice, **sums),
            InvoiceCancelled(**of_invoice, total=PRICE, to_deposit=PRICE),
            DepositToppedUp(**told, **sums, balance=PRICE),
            DepositWithdrawn(**told, **sums),
        ):
            await ctx.emit(event, Aggregate("billing.ledger_transaction", moved, 1))


async def _changed_calendar(clinic: TestClinic) -> None:
    """What is told of working time and of an appointment, to whoever hears it."""
    moment = dt.datetime.now(dt.UTC)
    span = {"starts_at": moment, "ends_at": moment, "business_date": samples.DAY}
    async with clinic.ctx_as("director") as ctx:
        place = {"chair_id": 1, "branch_id": ctx.branch.id}
        await ctx.emit(ShiftCreated(shift_id=1, staff_id=1, **place, **span), Aggregate("calendar.shift", 1, 1))
        patient = int(await samples.new_patient(clinic, "Записанная"))
        who = {"patient_id": patient, "appointment_id": 1, "doctor_id": 1, "doctor_name": "Петров", "time_zone": "UTC"}
        await ctx.emit(AppointmentCreated(**who, **place, **span), Aggregate("calendar.appointment", 1, 1))


HEARD: Mapping[str, Callable[[TestClinic], Awaitable[None]]] = {
    "telephony.know_new_patient": _new_patient,
    "crm.find_requests": _new_patient,
    "fiscal.money_gives_receipt": _moved_money,
    "online_booking.appointment_changed": _changed_calendar,
    "online_booking.shift_created": _changed_calendar,
}
"""What makes the event that a plugin's listener hears, by listener."""

PAYLOADS: Mapping[str, msgspec.Struct] = {
    "telephony.settle_call": CallId(0),
    "telephony.seek_recording": Search(0),
    "messaging.work_channel": ChannelRef(0),
    "imaging.work_queue": QueueRef(0),
    "integrations_beeline.resubscribe": ConnectionRef(0),
    "integrations_beeline.webhook.beeline": DeliveryRef(0),
    "integrations_tilda.webhook.tilda": DeliveryRef(0),
    "fiscal.work_register": RegisterRef(0),
    "online_booking.publish_schedule": booking_jobs.ChannelRef(0),
    "online_booking.publish_day": booking_jobs.DayRef(0, 0, samples.DAY),
    "online_booking.tell_channel": booking_jobs.BookingRef(0),
    "integrations_evotor.webhook.evotor": DeliveryRef(0),
    "integrations_smsc.webhook.smsc": DeliveryRef(0),
}
"""What jobs are asked with that need something: of a thing that is not there any more."""

ARRIVING: Mapping[str, bytes] = {
    "beeline": bare_event("HookStatusEvent", "somebody's", 1)[1],
    "tilda": b"tranid=1",
    "evotor": b'{"uuid": "nobody", "status": "done"}',
    "smsc": b"id=1&phone=79161234567&status=1",
}
"""What a provider sends that is refused by nobody, by kind of connection."""

FILLED_IN: Mapping[str, Mapping[str, str]] = {
    "smsc": {"login": "clinic-4711", "password": "pass-4711"},
    "diagnocat": {"login": "clinic-4711", "password": "pass-4711"},
    "evotor": dict.fromkeys(("login", "password", "group", "inn", "email", "place"), "4711"),
}
"""What a connection needs to be opened, by kind; of the others a token."""

REFUSED: Mapping[str, int] = {f"{place}/telephony/calls/{{call_id:int}}/recording": 409 for place in ("", "/api/v1")}
"""How pages answer that need a connected service, which this clinic has not."""


class OwnedRoute(msgspec.Struct, frozen=True):
    """A built route of a plugin: `kind` is its class, `HTTPRoute` for what these tests can knock at."""

    kind: str
    door: Door
    owners: tuple[str, ...]


def owned_routes(app: Litestar) -> list[OwnedRoute]:
    """Every built route that does not belong to the core alone."""
    found = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]:  # type: ignore[attr-defined]
            owners = handler.opt.get(OWNERS, ("core",))
            for method in sorted(getattr(handler, "http_methods", {"-"}) - {"OPTIONS"}):
                if owners != ("core",):
                    found.append(OwnedRoute(type(route).__name__, Door(method, route.path), owners))
    return found


def without_case(app: Litestar, system: System) -> list[str]:
    """Doors of what is built that no table of this module proves closed."""
    found = [f"route {one.door}: {one.kind}" for one in owned_routes(app) if one.kind != "HTTPRoute"]
    found += [
        f"room {rooms.package}.{room}"
        for rooms in system.installed.rooms
        for room in rooms.modules
        if rooms.owners != ("core",) and room not in ROOMS and not room.startswith("with_")
    ]
    tables: Mapping[str, Any] = {"describe": {*SHOWN, *UNSEEN}, "ask": ASKED}
    for hook, kind in system.hooks.kinds.items():
        if kind == "lifecycle" or hook in ALWAYS_ASKED:
            continue
        if any(owners != ("core",) for owners in system.hooks.owners_of(hook)) and hook not in tables.get(kind, ()):
            found.append(f"hook {hook}: {kind}")
    found += [
        f"listener {listener.id}"
        for listener in system.listeners.values()
        if listener.owners != ("core",) and listener.id not in HEARD
    ]
    return [*found, *(f"plugin {plugin}" for plugin in system.plugins if plugin not in CONTRACTS)]
