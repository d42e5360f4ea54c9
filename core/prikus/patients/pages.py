"""Pages of patients: the list, the search, the panel, the card."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import Parameter

from prikus.access.context import Context
from prikus.access.names import full_name
from prikus.errors import NotFound
from prikus.patients import lifecycle_pages
from prikus.patients.schemas import EditedPatient, FeedEntry, NewPatient, Sort
from prikus.patients.services import keeping
from prikus.patients.services.card import read_card, read_feed, require_patient
from prikus.patients.services.checks import doubts
from prikus.patients.services.choices import read_choices
from prikus.patients.services.filling import values_of_card, values_of_text
from prikus.patients.services.merging import survivor_of
from prikus.patients.services.opening import note_opening
from prikus.patients.services.search import COUNTED, PAGE, find_patients, list_patients
from prikus.ui.filters import NBSP
from prikus.ui.forms import key_of, read_form
from prikus.ui.render import announce, done, fragment, page, redirect, toast

CHANGED = "patients-changed"
MAIN = "main"
Id = Annotated[int, Parameter(gt=0, le=2**63 - 1)]
Cursor = Annotated[int | None, Parameter(gt=0, le=2**63 - 1)]
Typed = Annotated[str, Parameter(max_length=200)]


@get("/", include_in_schema=False)
async def patients(
    ctx: Context, q: Typed = "", sort: Sort = "name", after: Cursor = None, before: Cursor = None
) -> Response[str]:
    """The list; while somebody types into its search, only the rows."""
    shown = await list_patients(ctx, q, sort, after, before)
    actions = ctx.describe("card_actions")
    return page(
        ctx,
        "patients/list.html",
        block="rows",
        shown=shown,
        q=q,
        sort=sort,
        actions=actions,
        counted=COUNTED,
        most=PAGE,
    )


@get("/search", include_in_schema=False)
async def search(ctx: Context, q: Typed = "", pick: bool = False, next: str | None = None) -> Response[str]:
    """Lines of a picker, and of the search in the top bar."""
    found = await find_patients(ctx, q)
    return fragment(ctx, "patients/search.html", "options", found=found, q=q.strip(), pick=pick, next=next)


@get("/new", include_in_schema=False)
async def new(
    ctx: Context, name: Typed = "", phone: Typed = "", email: Typed = "", next: str | None = None
) -> Response[str]:
    """The form with what others know already: a name or a number as it was said, `phone` and `email` apart."""
    ctx.require("patients.patient.edit")
    values = values_of_text(name) | {key: text for key, text in (("phone", phone), ("email", email)) if text}
    choices = await read_choices(ctx)
    return page(ctx, "patients/new.html", block="panel", values=values, choices=choices, next=next, matches=[])


@post("/new", status_code=200, include_in_schema=False)
async def create(ctx: Context, request: Request[Any, Any, Any]) -> Response[str]:
    """Add, or show who is the same person without touching what was typed."""
    data = await read_form(request, NewPatient)
    try:
        added = await keeping.add_patient(ctx, data, await key_of(request))
    except keeping.PossibleDuplicate as warning:
        response = fragment(ctx, "patients/new.html", "duplicates", status=409, matches=warning.matches)
        response.headers.update({"HX-Retarget": "#patient-duplicates", "HX-Reswap": "innerHTML"})
        return response
    name = full_name(data.last_name, data.first_name, data.patronymic)
    response = _after_adding(ctx, data.next, added.id)
    announce(response, "patient-added", {"id": added.id, "name": name})
    words = [f"Пациент добавлен, карта №{NBSP}{added.card_number:06d}.", *doubts(data.snils, data.inn)]
    kind = "done" if len(words) == 1 else "wait"
    return toast(response, " ".join(words), kind=kind, href=f"/patients/{added.id}", label="Открыть карту")


def _after_adding(ctx: Context, next: str | None, patient_id: int) -> Response[str]:
    """Close the panel, or open in it what waited for the patient."""
    if next is None or not next.startswith("/") or next.startswith("//") or "\\" in next:
        return done(None, CHANGED)
    url = next.replace("{patient_id}", str(patient_id))
    return announce(fragment(ctx, "patients/new.html", "onward", url=url), CHANGED)


@get("/{patient_id:int}", include_in_schema=False)
async def card(ctx: Context, patient_id: Id, tab: Typed = MAIN) -> Response[str]:
    """The card: header, sections, and the section that the address names (PAT-07). A merged one leads to the other."""
    try:
        found = await read_card(ctx, patient_id)
    except NotFound:
        if (survivor := await survivor_of(ctx, patient_id)) is None:
            raise
        return redirect(ctx, f"/patients/{survivor}")
    tabs = _in_order(ctx, "patient_tabs")
    current = next((one for one in tabs if one.id == tab), None)
    if current is None and tab != MAIN:
        raise NotFound()
    feed, older = await read_feed(ctx, patient_id) if current is None else ([], None)
    await note_opening(ctx, found)
    return page(
        ctx,
        "patients/card.html",
        block="section",
        card=found,
        tabs=tabs,
        current=current,
        actions=sorted(ctx.describe("card_actions"), key=lambda one: (one.primary, one.order)),
        boxes=_in_order(ctx, "card_boxes"),
        figures=_in_order(ctx, "card_figures"),
        doubts=doubts(found.snils, found.inn),
        **_feed_values(ctx, patient_id, feed, older),
    )


def _in_order(ctx: Context, hook: str) -> list[Any]:
    return sorted(ctx.describe(hook), key=lambda one: one.order)


def _feed_values(
    ctx: Context, patient_id: int, feed: list[FeedEntry], older: int | None, kind: str = "", day: dt.date | None = None
) -> dict[str, Any]:
    """What the feed's blocks show; `day` is the heading that stands above already."""
    kinds = [(one.id, one.title) for one in ctx.describe("feed_kinds")]
    return {"patient_id": patient_id, "feed": feed, "older": older, "kinds": kinds, "kind": kind, "day": day}


@get("/{patient_id:int}/head", include_in_schema=False)
async def head(ctx: Context, patient_id: Id) -> Response[str]:
    """Name, status and numbers in the header again, after somebody changed them."""
    return fragment(ctx, "patients/card.html", "who", card=await read_card(ctx, patient_id))


@get("/{patient_id:int}/profile", include_in_schema=False)
async def profile(ctx: Context, patient_id: Id) -> Response[str]:
    """The facts of the main section again."""
    found = await read_card(ctx, patient_id)
    return fragment(ctx, "patients/card.html", "profile", card=found, doubts=doubts(found.snils, found.inn))


@get("/{patient_id:int}/feed", include_in_schema=False)
async def feed(
    ctx: Context, patient_id: Id, kind: Typed = "", before: Cursor = None, day: dt.date | None = None
) -> Response[str]:
    """«События пациента»: the newest, those of one kind, or older ones."""
    await require_patient(ctx, patient_id)
    chosen = next((one for one in ctx.describe("feed_kinds") if one.id == kind), None)
    entries, older = await read_feed(ctx, patient_id, chosen, before)
    values = _feed_values(ctx, patient_id, entries, older, kind if chosen else "", day)
    return fragment(ctx, "patients/card.html", "feed_lines" if before else "feed", **values)


@get("/{patient_id:int}/edit", include_in_schema=False)
async def edit(ctx: Context, patient_id: Id) -> Response[str]:
    ctx.require("patients.patient.edit")
    found = await read_card(ctx, patient_id)
    choices = await read_choices(ctx, found)
    return page(ctx, "patients/edit.html", block="panel", card=found, values=values_of_card(found), choices=choices)


@post("/{patient_id:int}/edit", status_code=200, include_in_schema=False)
async def save(ctx: Context, request: Request[Any, Any, Any], patient_id: Id) -> Response[str]:
    data = await read_form(request, EditedPatient)
    await keeping.edit_patient(ctx, patient_id, data)
    words = ["Изменения сохранены.", *doubts(data.snils, data.inn)]
    return toast(done(None, CHANGED), " ".join(words), kind="done" if len(words) == 1 else "wait")


@post("/{patient_id:int}/delete", status_code=200, include_in_schema=False)
async def delete(ctx: Context, patient_id: Id, leave: bool = False) -> Response[str]:
    """From the list, which then shows itself again; or from the card, which is left."""
    await keeping.delete_patient(ctx, patient_id)
    return redirect(ctx, "/patients/") if leave else done("Карточка удалена. Она останется в корзине.", CHANGED)


routes = [patients, search, new, create, card, head, profile, feed, edit, save, delete, *lifecycle_pages.routes]
