"""What is in the clinic of the bench, and the requests that are compared."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec
from sqlalchemy import insert, select

from prikus.app.door import cookie_name, csrf_token
from prikus.data.upgrade import plain
from prikus.events.runtime import role_urls
from prikus.patients.schemas import Match
from prikus.patients.services.card import read_feed
from prikus.patients.services.search import find_patients, list_patients
from prikus.testing.clinics import TestClinic
from prikus.testing.house import House
from prikus.toolkit import Chair, Context, Patient
from prikus.ui.filters import colour_of, initials, mark, phone, time
from prikus_billing.models import PaymentMethod
from prikus_billing.schemas.money import NewInvoice, NewLine
from prikus_billing.services.invoices import issue_invoice
from prikus_calendar.models import AppointmentStatus, Shift
from prikus_calendar.schemas import NewAppointment
from prikus_calendar.services.booking import book
from prikus_catalog.schemas import CategoryForm, ServiceForm
from prikus_catalog.services import add_category, add_service
from tests.bench.pages import for_django, steady, template_of
from tests.bench.setting import SLOTS, Setting
from tests.campaigns.growth import crowd

MONDAY, OPEN_DAY = dt.date(2055, 3, 15), dt.date(2056, 1, 3)
PATIENTS, INVOICES, OPEN_DAYS = 2000, 24, 700
EVENTS = ("appointment.created", "invoice.issued", "payment.received")
FIRST, LISTED = "Аабенова", 100
"""So many stand before all others in the list; the rest, whom searches look for, in the middle of the alphabet."""
BEGINNING, MIDDLE = "Пациентова", "иентова0012"


class Asked(msgspec.Struct):
    """One of our requests, `distinct` of them in a row, and that of the others, who answer the same bytes if `same`."""

    ours: Callable[[], Iterator[str]]
    other: str
    distinct: int = 1
    same: bool = True

    def signed(self, headers: list[str]) -> str:
        """The request of the others with these headers."""
        return self.other.replace("Host: 127.0.0.1", "\r\n".join(["Host: 127.0.0.1", *headers]))

    async def check_answers(self, ours: int, bare: int, peer: int, headers: list[str]) -> None:
        """All answer the same bytes; JSON of the peer may be written in another way."""
        if not self.same:
            return
        expected = steady(await _answer(ours, next(self.ours())))
        assert await _answer(bare, self.other) == expected, f"{self.other.splitlines()[0]}: other bytes than ours"
        theirs = await _answer(peer, self.signed(headers))
        assert _meaning(theirs) == _meaning(expected), f"{self.other.splitlines()[0]}: the peer says something else"


def _meaning(answer: str) -> object:
    return json.loads(answer) if answer.startswith("{") else answer


async def _answer(port: int, request: str) -> str:
    head = request.split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        return (await client.get(head[0].split(" ")[1])).raise_for_status().text


async def furnish(house: House, clinic: TestClinic, folder: Path, crowd_size: int) -> dict[str, Asked]:
    """
    Patients, a week of 60 appointments, invoices to be paid, two years of shifts; a crowd of other patients with
    appointments of the past; templates of the bare server.
    """
    setting = await _fill(house, clinic)
    await _crowd(house, clinic, crowd_size)
    (folder / "setting.json").write_bytes(msgspec.json.encode(setting))
    key = await clinic.session("administrator")
    session = [f"Cookie: {cookie_name(house.config)}={key}", f"X-CSRF-Token: {csrf_token(house.config.secret(), key)}"]
    asked = _requests(setting, session)
    people = await _first_patient(clinic, setting.patients[0])
    (folder / "peer").mkdir()
    for name in ("list", "card", "prefix", "inside"):
        address = next(asked[name].ours()).split(" ")[1]
        client = await clinic.client_as("administrator")
        client.headers["Cookie"] = session[0].removeprefix("Cookie: ")
        client.headers["X-CSRF-Token"] = session[1].removeprefix("X-CSRF-Token: ")
        page = (await (client.htmx if name in ("prefix", "inside") else client).get(address)).raise_for_status().text
        template = template_of(page, name, *people[name])
        (folder / f"{name}.html").write_text(template)
        (folder / "peer" / f"{name}.html").write_text(for_django(template))
    return asked


async def _crowd(house: House, clinic: TestClinic, size: int) -> None:
    admin = await crowd.administrator(house.config)
    indexes = await crowd.in_bulk(admin)
    await crowd.fill(admin, clinic, PATIENTS + size, first=PATIENTS + 1, day=MONDAY)
    for index in indexes:
        await admin.execute(index)
    await admin.execute("vacuum analyze")
    await admin.close()


async def _fill(house: House, clinic: TestClinic) -> Setting:
    doctor = await clinic.staff("doctor", last_name="Петрова")
    async with clinic.ctx_as("director") as ctx:
        names = [(n, f"{FIRST if n <= LISTED else BEGINNING}{n:05}") for n in range(1, PATIENTS + 1)]
        rows = [
            {"card_number": n, "last_name": name, "first_name": "Анна", "sort_name": f"{name} анна".lower(),
             "search_name": f"{name} анна".lower(), "phone": f"+7912{n:07}", "phone_digits": f"7912{n:07}"}
            for n, name in names
        ]  # fmt: skip
        people = list(await ctx.db.scalars(insert(Patient).returning(Patient.id), rows))
        place = {"branch_id": ctx.branch.id, "name": "Кресло 1", "position": 1}
        chair = (await ctx.db.execute(insert(Chair).values(place).returning(Chair.id))).scalar_one()
        week = [MONDAY + dt.timedelta(days=n) for n in range(6)]
        for day in (*week, *(OPEN_DAY + dt.timedelta(days=n) for n in range(OPEN_DAYS))):
            await _shift(ctx, day, doctor.staff_id, chair)
        for day, n in itertools.product(week, range(10)):
            wish = NewAppointment(
                patient_id=people[n],
                chair_id=chair,
                doctor_id=doctor.staff_id,
                date=day,
                starts=dt.time(9 + n),
                ends=dt.time(9 + n, 45),
            )
            await book(ctx, wish, str(uuid4()))
        category = await add_category(ctx, CategoryForm(name="Терапия"))
        form = ServiceForm(category_id=category, name="Осмотр", code="X1", price=Decimal("900000.00"), is_active=True)
        service = await add_service(ctx, form)
        bill = NewInvoice(patient_id=people[0], lines=(NewLine(service_id=service),))
        invoices = [(await issue_invoice(ctx, bill, str(uuid4()))).invoice_id for _ in range(INVOICES)]
        planned = select(AppointmentStatus.id).where(AppointmentStatus.meaning == "planned")
        setting = Setting(
            url=plain(role_urls(house.config).admin_url.render_as_string(hide_password=False)),
            clinic=clinic.id,
            branch=ctx.branch.id,
            entity=ctx.branch.legal_entity_id,
            doctor=doctor.staff_id,
            chair=chair,
            status=(await ctx.db.scalars(planned)).one(),
            service=service,
            zone=ctx.zone().key,
            kinds={name: list(house.system.listener_kinds(name)) for name in EVENTS},
            methods=list(await ctx.db.scalars(select(PaymentMethod.id).order_by(PaymentMethod.kind))),
            invoices=invoices,
            patients=people,
        )
    await clinic.drain()
    return setting


async def _shift(ctx: Context, day: dt.date, doctor: int, chair: int) -> None:
    zone = ctx.zone(ctx.branch.id)
    hours = {
        "starts_at": dt.datetime.combine(day, dt.time(9), zone),
        "ends_at": dt.datetime.combine(day, dt.time(19), zone),
    }
    where = {"staff_id": doctor, "chair_id": chair, "branch_id": ctx.branch.id, "business_date": day}
    await ctx.db.execute(insert(Shift).values(**hours, **where))


async def _first_patient(clinic: TestClinic, id: int) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """For each page the expressions of its first row, and those outside the rows, by the text they stand for."""
    async with clinic.ctx_as("director") as ctx:
        feed, _ = await read_feed(ctx, id)
        listed = (await list_patients(ctx)).rows[0]
        inside = (await find_patients(ctx, MIDDLE, 1))[0]
        first = (await find_patients(ctx, BEGINNING, 1))[0]
        zone = ctx.clinic.time_zone
    newest = feed[0]
    line = {
        f'href="{newest.href}"': 'href="{{ row.href }}"',
        f">{newest.title}<": ">{{ row.title }}<",
        f">{newest.text} · {newest.author}<": ">{{ row.text }} · {{ row.author }}<",
        f'#{newest.icon}"': '#{{ row.icon }}"',
        f"<time>{time(newest.happened_at, zone)}<": "<time>{{ row.happened_at | time(zone) }}<",
    }
    head = {
        listed.name: "{{ card.name }}",
        phone(listed.phone): "{{ card.phone | phone }}",
        f"№ {listed.card_number:06}": "№ {{ card.number }}",
    }
    return {
        "list": (_person(listed, "{{ row.name }}"), {}),
        "card": (line, head),
        "prefix": (_person(first, "{{ row.name | mark(q) }}", BEGINNING), {}),
        "inside": (_person(inside, "{{ row.name | mark(q) }}", MIDDLE), {}),
    }


def _person(one: Match, shown: str, query: str | None = None) -> dict[str, str]:
    return {
        f'/patients/{one.id}"': '/patients/{{ row.id }}"',
        f'data-patient-id="{one.id}"': 'data-patient-id="{{ row.id }}"',
        f'data-value="{one.id}"': 'data-value="{{ row.id }}"',
        f">{mark(one.name, query)}<": f">{shown}<",
        one.name: "{{ row.name }}",
        phone(one.phone): "{{ row.phone | phone }}",
        f"{one.card_number:06}": "{{ row.number }}",
        f'ui-avatar-28 ui-{colour_of(one.id)}"': 'ui-avatar-28 ui-{{ row.id | colour_of }}"',
        f">{initials(one.name)}<": ">{{ row.name | initials }}<",
    }


def _requests(setting: Setting, session: list[str]) -> dict[str, Asked]:
    part = [*session, "HX-Request: true"]
    card, last = f"/patients/{setting.patients[0]}", MONDAY + dt.timedelta(days=5)
    week = f"/api/v1/calendar/appointments?from={MONDAY}&to={last}"
    bare_list = _get("/list", [])
    return {
        "card": Asked(lambda: _again(_get(card, session)), _get(f"/card/{setting.patients[0]}", [])),
        "prefix": Asked(
            lambda: _again(_get(f"/patients/search?q={quote(BEGINNING)}", part)),
            _get(f"/prefix?q={quote(BEGINNING)}", []),
        ),
        "inside": Asked(
            lambda: _again(_get(f"/patients/search?q={quote(MIDDLE)}", part)), _get(f"/inside?q={quote(MIDDLE)}", [])
        ),
        "week": Asked(lambda: _again(_get(week, session)), _get(f"/week/{MONDAY}/{last}", [])),
        "list": Asked(lambda: _again(_get("/patients/", session)), bare_list),
        "list to JSON": Asked(lambda: _again(_get("/patients/", session)), _get("/list.json", []), same=False),
        "create": Asked(lambda: _bookings(setting, session), _post("/create", [], ""), 4000, same=False),
        "issue": Asked(lambda: _again(_issue(setting, part)), _post("/issue", [], ""), same=False),
        "pay": Asked(lambda: itertools.cycle(_payments(setting, part)), _post("/pay", [], ""), INVOICES, same=False),
    }


def _again(request: str) -> Iterator[str]:
    return itertools.repeat(request)


def _bookings(setting: Setting, session: list[str]) -> Iterator[str]:
    """Each for a time of its own."""
    for n in range(OPEN_DAYS * SLOTS):
        starts = dt.datetime.combine(OPEN_DAY, dt.time(9)) + dt.timedelta(days=n // SLOTS, minutes=15 * (n % SLOTS))
        ends = starts + dt.timedelta(minutes=15)
        wish = {
            "patient_id": setting.patients[n % PATIENTS],
            "chair_id": setting.chair,
            "doctor_id": setting.doctor,
            "date": starts.date().isoformat(),
            "starts": starts.time().isoformat(),
            "ends": ends.time().isoformat(),
        }
        headers = [*session, "Content-Type: application/json", "Idempotency-Key: {key}"]
        yield _post("/api/v1/calendar/appointments", headers, json.dumps(wish))


def _issue(setting: Setting, part: list[str]) -> str:
    lines = "&".join(f"line=l{n}&service_id-l{n}={setting.service}&quantity-l{n}=1" for n in range(5))
    return _form(f"/billing/patients/{setting.patients[1]}/invoices/new", part, lines)


def _payments(setting: Setting, part: list[str]) -> list[str]:
    return [_form(f"/billing/invoices/{one}/pay", part, "cash=1&cashless=0") for one in setting.invoices]


def _form(path: str, headers: list[str], values: str) -> str:
    headers = [*headers, "Content-Type: application/x-www-form-urlencoded"]
    return _post(path, headers, f"{values}&idempotency_key={{key}}")


def _get(path: str, headers: list[str]) -> str:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""])


def _post(path: str, headers: list[str], body: str) -> str:
    length = len(body.replace("{key}", "0" * 32))
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *headers, f"Content-Length: {length}", "", body])
