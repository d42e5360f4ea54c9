"""Opening clinics: the work of the SaaS operator. Global rows first, then the clinic's own, as the application."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.access.entry import clean_email
from prikus.access.groups import grant_new_rights, seed_groups
from prikus.access.models import StaffGroup, StaffMember
from prikus.access.names import sort_key
from prikus.access.passwords import complaint, hash_password
from prikus.access.people import invite
from prikus.access.visits import key_hash
from prikus.clinics.models import (
    Branch,
    Clinic,
    ClinicPlugin,
    LegalEntity,
    PlanPlugin,
    Subscription,
    SubscriptionPlan,
)
from prikus.clinics.state import read_state
from prikus.data.session import ClinicSession, Scope, make_engine
from prikus.errors import Conflict, Invalid, NotFound
from prikus.events.outbox import write_job
from prikus.events.runtime import Runtime
from prikus.host.declarations import Nothing
from prikus.host.system import System
from prikus.references.services import seed_references

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PLANS = (
    ("start", "Старт", "4900.00", ("catalog", "calendar")),
    (
        "practice",
        "Практика",
        "9900.00",
        (
            *("catalog", "calendar", "billing", "telephony", "messaging", "imaging", "crm", "fiscal", "online_booking"),
            *("integrations_beeline", "integrations_diagnocat", "integrations_evotor", "integrations_smsc"),
            "integrations_tilda",
        ),
    ),
)


class NewClinic(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator says of a new clinic and its head."""

    slug: str
    name: str
    plan: str
    admin_email: str
    admin_password: str
    admin_last_name: str = "Руководитель"
    admin_first_name: str = "Клиники"
    admin_patronymic: str | None = None
    time_zone: str = "Europe/Moscow"


class Opened(msgspec.Struct, frozen=True):
    clinic_id: int
    admin_staff_id: int


def check(new: NewClinic) -> None:
    """Raise `Invalid` naming every field at once."""
    fields: dict[str, str] = {}
    if not SLUG.fullmatch(new.slug):
        fields["slug"] = "Только строчные латинские буквы, цифры и дефисы."
    if not new.name.strip():
        fields["name"] = "Назовите клинику."
    if "@" not in new.admin_email:
        fields["admin_email"] = "Нужен адрес почты."
    if new.time_zone not in available_timezones():
        fields["time_zone"] = "Такого часового пояса нет, пример: Asia/Yekaterinburg."
    if sentence := complaint(new.admin_password, new.admin_email):
        fields["admin_password"] = sentence
    if fields:
        raise Invalid(fields, "; ".join(f"{name}: {sentence}" for name, sentence in fields.items()))


async def seed_plans(db: AsyncSession) -> None:
    """The two shipped plans; an operator's edit is left alone."""
    for position, (code, title, price, plugins) in enumerate(PLANS):
        row = insert(SubscriptionPlan).values(code=code, title=title, price=Decimal(price), position=position)
        plan_id = await db.scalar(row.on_conflict_do_nothing().returning(SubscriptionPlan.id))
        if plan_id is not None:
            await db.execute(insert(PlanPlugin), [{"plan_id": plan_id, "plugin_id": plugin} for plugin in plugins])


async def create_clinic(runtime: Runtime, new: NewClinic) -> Opened:
    """Open a clinic with its head, shipped groups, reference books, one legal entity and one branch.

    Every plugin of the plan is on. Raises `Conflict` for a taken slug, `NotFound` for an unknown plan.
    """
    check(new)
    return await open_clinic(runtime, new, await hash_password(new.admin_password))


async def open_clinic(runtime: Runtime, new: NewClinic, password_hash: str) -> Opened:
    """The same for a clinic that was checked and a password that was hashed already."""
    clinic_id = await _add_clinic(runtime, new)
    try:
        async with runtime.session(Scope(clinic_id)) as db, db.begin():
            staff_id = await _furnish(db, runtime.system, new, password_hash)
    except BaseException:
        await _forget_clinic(runtime, clinic_id)
        raise
    runtime.wake()
    return Opened(clinic_id, staff_id)


async def _add_clinic(runtime: Runtime, new: NewClinic) -> int:
    """The clinic and its subscription: global rows, written by the operator's role."""
    engine = make_engine(runtime.urls.url("operator"), pooled=False)
    try:
        async with ClinicSession(engine, None) as db, db.begin():
            plan_id = await db.scalar(select(SubscriptionPlan.id).where(SubscriptionPlan.code == new.plan))
            if plan_id is None:
                known = ", ".join(await db.scalars(select(SubscriptionPlan.code).order_by(SubscriptionPlan.position)))
                raise NotFound(f"Тарифа «{new.plan}» нет. Есть: {known}.")
            clinic_id = await db.scalar(
                insert(Clinic)
                .values(slug=new.slug, name=new.name.strip(), time_zone=new.time_zone)
                .on_conflict_do_nothing()
                .returning(Clinic.id)
            )
            if clinic_id is None:
                raise Conflict(f"Клиника «{new.slug}» уже есть.")
            today = dt.datetime.now(ZoneInfo(new.time_zone)).date()
            db.add(Subscription(clinic_id=clinic_id, plan_id=plan_id, starts_on=today))
            return clinic_id
    finally:
        await engine.dispose()


async def _forget_clinic(runtime: Runtime, clinic_id: int) -> None:
    """A clinic that could not be furnished has no rows of its own yet: its global ones go, the slug is free again."""
    engine = make_engine(runtime.urls.url("maint"), pooled=False)
    async with engine.begin() as db:
        await db.execute(delete(Clinic).where(Clinic.id == clinic_id))
    await engine.dispose()


async def _furnish(db: AsyncSession, system: System, new: NewClinic, password_hash: str) -> int:
    groups = await seed_groups(db)
    await seed_references(db)
    entity = LegalEntity(full_name=new.name.strip(), short_name=new.name.strip())
    db.add(entity)
    await db.flush()
    db.add(Branch(legal_entity_id=entity.id, name=new.name.strip()))
    entitled = (await read_state(db, system)).entitled
    for plugin_id in sorted(entitled & system.plugins.keys()):
        db.add(ClinicPlugin(plugin_id=plugin_id, is_enabled=True, switched_by="Оператор"))
    staff_id = await _add_head(db, new, password_hash, groups["director"])
    await db.flush()
    state = await read_state(db, system)
    await grant_new_rights(db, system, state.effective)
    for plugin_id in sorted(state.effective):
        job = system.jobs.get(f"{plugin_id}.on_enable")
        if job is not None:
            await write_job(db, job, Nothing(), None)
    return staff_id


async def _add_head(db: AsyncSession, new: NewClinic, password_hash: str, group_id: int) -> int:
    """The head's account and membership. An account that exists keeps its own password."""
    email = clean_email(new.admin_email)
    account_id, key = await invite(db, email)
    if key is not None:
        await db.execute(text("select core.use_link(:key, :hash)"), {"key": key_hash(key), "hash": password_hash})
    head = StaffMember(
        account_id=account_id,
        kind="staff",
        last_name=new.admin_last_name,
        first_name=new.admin_first_name,
        patronymic=new.admin_patronymic,
        sort_name=sort_key(new.admin_last_name, new.admin_first_name, new.admin_patronymic),
        email=email,
    )
    db.add(head)
    await db.flush()
    db.add(StaffGroup(staff_id=head.id, group_id=group_id))
    return head.id
