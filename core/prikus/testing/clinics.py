"""Clinics and people of tests. Every test has a clinic of its own in one database, so isolation is always at work."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from typing import Any

import httpx
import msgspec
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from prikus.access.actors import SYSTEM, Actor
from prikus.access.context import Context, open_unit, outside
from prikus.access.entry import Membership, open_session
from prikus.access.groups import SHIPPED
from prikus.access.models import PermissionGroup, StaffGroup, StaffMember
from prikus.access.names import sort_key
from prikus.access.people import invite
from prikus.access.visits import key_hash, read_actor, read_rights
from prikus.app.door import cookie_name, csrf_token
from prikus.data.session import Scope
from prikus.developers.services import keys
from prikus.operator.services import NewClinic, check, open_clinic
from prikus.patients.schemas import NewPatient
from prikus.patients.services.keeping import add_patient
from prikus.testing.house import House
from prikus.ui.render import CSRF_HEADER

BASE_URL = "https://testserver"
MOST_ROUNDS = 20
LIMITS = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
PASSWORD = "длинная фраза 12345"
# Argon2id of PASSWORD: hashing it anew would cost every test a tenth of a second.
PASSWORD_HASH = "$argon2id$v=19$m=65536,t=3,p=4$k8P9huuUPD2+MI6wY4iLiA$FdDhvvDMaaXUwJ5HoXuGC4o2vwqod+lg51Q7k2AfWHA"


class Person(msgspec.Struct, frozen=True):
    """A member of a clinic's staff. `group` is the shipped group's code, None for somebody without rights."""

    staff_id: int
    account_id: int
    email: str
    group: str | None


class Client(httpx.AsyncClient):
    """A signed-in browser without a screen. `htmx` is the same browser asking as htmx does, for a part of a page."""

    def __init__(self, house: House, key: str | None, **headers: str) -> None:
        config = house.config
        if key is not None:
            headers[CSRF_HEADER] = csrf_token(config.secret(), key)
        super().__init__(
            transport=httpx.ASGITransport(app=house.app, client=("127.0.0.1", 50000)),  # type: ignore[arg-type]
            base_url=BASE_URL,
            headers=headers,
            cookies={cookie_name(config): key} if key is not None else None,
        )
        self.key = key
        self._house = house

    @property
    def htmx(self) -> Client:
        return Client(self._house, self.key, **{"HX-Request": "true"})


class Patiently(Scope):
    """A minute for each limit of the role, said with BEGIN: what a unit sends is what it always sends."""

    def begin(self) -> str:
        return "; ".join([super().begin(), *(f"SET LOCAL {name} = '60s'" for name in LIMITS)])


class TestClinic:
    """One clinic of a house and everything a test does with it. Made by `open_test_clinic`."""

    __test__ = False

    def __init__(self, house: House, id: int, slug: str, head: Person) -> None:
        self.house = house
        self.id = id
        self.slug = slug
        self.head = head
        self._people: dict[str | None, Person] = {"director": head}
        self._closing = AsyncExitStack()

    async def close(self) -> None:
        await self._closing.aclose()

    async def staff(self, group: str | None = None, **fields: Any) -> Person:
        """A new member of the staff, whose password is `PASSWORD`. `fields` are columns of `StaffMember`."""
        random = Random(secrets.randbits(32))
        email = f"{group or 'nobody'}-{random.getrandbits(40):x}@example.ru"
        values = {"kind": "doctor" if group == "doctor" else "staff", "last_name": "Проверкина", "first_name": "Анна"}
        values |= {"patronymic": "Ивановна", **fields}
        values["sort_name"] = sort_key(values["last_name"], values["first_name"], values["patronymic"])
        async with self.ctx_as("system") as ctx:
            account_id, key = await invite(ctx.db, email)
            assert key is not None
            staff_id = await ctx.db.scalar(
                insert(StaffMember).values(account_id=account_id, email=email, **values).returning(StaffMember.id)
            )
            assert staff_id is not None
            if group is not None:
                group_id = await ctx.db.scalar(select(PermissionGroup.id).where(PermissionGroup.code == group))
                await ctx.db.execute(insert(StaffGroup).values(staff_id=staff_id, group_id=group_id))
            await ctx.db.execute(
                text("select core.use_link(:key, :hash)"), {"key": key_hash(key), "hash": PASSWORD_HASH}
            )
        return Person(staff_id, account_id, email, group)

    async def person(self, who: str | Person | None) -> Person:
        """The clinic's first member of a group, made when first asked for."""
        if isinstance(who, Person):
            return who
        if who not in self._people:
            assert who is None or who in SHIPPED, f"there is no group {who!r}"
            self._people[who] = await self.staff(who)
        return self._people[who]

    @asynccontextmanager
    async def ctx_as(self, who: str | Person | None = "director", *, patiently: bool = False) -> AsyncIterator[Context]:
        """An open unit of work of a member of the group, committed at the end. `"system"` is the system itself;
        `"plugin:billing"` the plugin's own work. `patiently` it waits a minute for others, as in a race of many."""
        actor, rights = await self._actor(who)
        clinic = await self.house.states.get(self.id)
        scope = Patiently if patiently else Scope
        by = scope(self.id, actor.kind, actor.id, read_only=clinic.mode == "read_only")
        async with open_unit(self.house.runtime, clinic, actor, rights, scope=by) as ctx:
            yield ctx

    async def outside_as(self, who: str | Person | None = "director") -> Context:
        """A context without a transaction, as handlers and jobs have it that talk to the outside world."""
        actor, rights = await self._actor(who)
        return outside(self.house.runtime, await self.house.states.get(self.id), actor, rights)

    async def _actor(self, who: str | Person | None) -> tuple[Actor, frozenset[str]]:
        system = self.house.system
        if who == "system":
            return SYSTEM, frozenset(system.permissions)
        if isinstance(who, str) and who.startswith("plugin:"):
            plugin = system.plugins[who.removeprefix("plugin:")]
            return Actor(who, None, plugin.title), frozenset(plugin.acts)
        person = await self.person(who)
        async with self.house.runtime.session(Scope(self.id)) as db:
            return await read_actor(db, person.staff_id), await read_rights(db, person.staff_id)

    async def session(self, who: str | Person | None) -> str:
        """The key of a new session of a member of the group."""
        person = await self.person(who)
        membership = Membership(self.id, "", person.staff_id)
        async with self.house.runtime.door.connect() as db:
            return await open_session(db, person.account_id, membership, "127.0.0.1", "tests")

    async def client_as(self, who: str | Person | None = "director") -> Client:
        """A signed-in client: a real session row, cookie and CSRF header. Closed at the end of the test."""
        return await self._closing.enter_async_context(Client(self.house, await self.session(who)))

    async def program(self, *scopes: str, who: str | Person | None = "director", **fields: Any) -> Client:
        """A program with a key that the person issued: without scopes it may all that the person may."""
        async with self.ctx_as(who) as ctx:
            own = [code for section in keys.scopes(ctx) for code, _ in section.scopes]
            given = keys.KeyFields(name="Программа", scopes=list(scopes or own), **fields)
            issued = await keys.issue(ctx, given)
        return await self._closing.enter_async_context(self.with_token(issued.token))

    def with_token(self, token: str) -> Client:
        """A program that shows this key."""
        return Client(self.house, None, Authorization=f"Bearer {token}")

    async def drain(self) -> int:
        """Do all work of the clinic that is due, with what it gives rise to. Fails when any of it failed."""
        done = 0
        while claimed := await self.house.performer.perform_due(self.id):
            done += claimed
        query = text("select kind, error from core.work where clinic_id = :clinic and error is not null")
        async with self.house.runtime.relay.connect() as db:
            failed = [tuple(row) for row in await db.execute(query, {"clinic": self.id})]
        assert not failed, failed
        return done

    async def drain_all(self) -> None:
        """The same with what waits for its time, as if the time had come, until nothing waits."""
        hurrying = text("update core.work set due = now() where clinic_id = :clinic and state = 'due'")
        for _ in range(MOST_ROUNDS):
            await self.drain()
            async with self.house.runtime.relay.begin() as db:
                if not (await db.execute(hurrying, {"clinic": self.id})).rowcount:
                    return
        raise AssertionError("work gives rise to work for ever")

    async def run_scheduled(self, plugin: str) -> None:
        """Every scheduled job of the plugin once, whatever the clock says."""
        for job in self.house.system.jobs.values():
            if job.owners[0] != plugin or job.cron is None:
                continue
            if job.is_outgoing:
                await job.call(await self.outside_as(f"plugin:{plugin}"))
                continue
            async with self.ctx_as(f"plugin:{plugin}") as ctx:
                await job.call(ctx)

    async def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of the clinic by a query in SQL: `await clinic.rows("select id from core.patient")`."""
        async with self.ctx_as("director") as ctx:
            return [tuple(row) for row in await ctx.db.execute(text(query), values)]

    async def change(self, statement: str, **values: Any) -> None:
        """Let something have happened meanwhile, in SQL."""
        async with self.ctx_as("system") as ctx:
            await ctx.db.execute(text(statement), values)

    async def patient(self, **fields: Any) -> int:
        """The number of a new patient. `fields` are those of the form, such as `phone`."""
        given = {"last_name": "Морозова", "first_name": "Анна", "phone": "+79120000000", **fields}
        async with self.ctx_as("director") as ctx:
            return (await add_patient(ctx, NewPatient(**given, despite_duplicate=True))).id


async def open_test_clinic(house: House, plan: str = "practice", **fields: str) -> TestClinic:
    """A new clinic with everything that its plugins prepare when they are switched on."""
    slug = f"clinic-{secrets.token_hex(6)}"
    values = {"name": "На Проверочной", "admin_email": f"head-{slug}@example.ru", "time_zone": "Asia/Yekaterinburg"}
    new = NewClinic(**{"slug": slug, "plan": plan, "admin_password": PASSWORD, **values, **fields})
    check(new)
    opened = await open_clinic(house.runtime, new, PASSWORD_HASH)
    async with house.runtime.session(Scope(opened.clinic_id)) as db:
        account_id = await db.scalar(select(StaffMember.account_id).where(StaffMember.id == opened.admin_staff_id))
    assert account_id is not None
    head = Person(opened.admin_staff_id, account_id, new.admin_email, "director")
    clinic = TestClinic(house, opened.clinic_id, slug, head)
    # Where a worker process runs, it may be at some of it now.
    await house.performer.settle(clinic.id)
    await clinic.drain()
    return clinic
