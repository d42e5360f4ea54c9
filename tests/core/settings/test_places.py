"""Branches, chairs, time zones and the one legal entity (GEN-05, REF-55, ROAD-01, ORG-01)."""

import datetime as dt
import re

import pytest
from sqlalchemy import func, select, text

from prikus.clinics.models import Branch, Chair, LegalEntity
from prikus.errors import Invalid
from prikus.settings.services import places


async def add_branch(clinic, name: str, **fields: str) -> int:
    """As the operator does."""
    async with clinic.ctx_as("system") as ctx:
        branch = Branch(name=name, legal_entity_id=ctx.branch.legal_entity_id, **fields)
        ctx.db.add(branch)
        await ctx.db.flush()
        await ctx.db.execute(text("select core.bump_state()"))
    return branch.id


async def chairs_of(clinic) -> list[str]:
    async with clinic.ctx_as("director") as ctx:
        return [chair.name for card in await places.branches(ctx) for chair in card.chairs]


@pytest.mark.spec("GEN-05", part="branch selector", bites="prikus.access.context:branch:return next(")
async def test_the_selector_appears_with_the_second_branch_and_chooses(client_as, clinic) -> None:
    desk = await client_as("administrator")
    assert 'name="branch_id"' not in (await desk.get("/patients/")).text
    second = await add_branch(clinic, "На Садовой")
    page = (await desk.get("/patients/")).text
    assert re.findall(r'<option value="(\d+)"[^>]*>На Садовой', page) == [str(second)]
    chosen = await desk.post("/session/branch", data={"branch_id": second})
    assert chosen.status_code == 303
    assert re.search(rf'<option value="{second}" selected', (await desk.get("/patients/")).text)


async def test_a_foreign_branch_cannot_be_chosen(client_as, make_clinic, clinic) -> None:
    second = await add_branch(clinic, "На Садовой")
    other = await make_clinic()
    async with other.ctx_as("director") as ctx:
        foreign = ctx.branch.id
    desk = await client_as("administrator")
    await desk.post("/session/branch", data={"branch_id": second})
    await desk.post("/session/branch", data={"branch_id": foreign})
    assert not re.search(r"<option value=\"\d+\" selected>На Садовой", (await desk.get("/patients/")).text)


@pytest.mark.spec(
    "REF-55", part="name, address, phone, time zone", bites="prikus.settings.services.places:change_branch:entity.name"
)
async def test_a_branch_is_renamed_and_described(client_as, clinic) -> None:
    director = await client_as("director")
    async with clinic.ctx_as("director") as ctx:
        branch = (await places.branches(ctx))[0]
    fields = {"name": "Лесная, 24", "address": "ул. Лесная, 24", "phone": "8 343 200-00-24", "time_zone": "Asia/Omsk"}
    path = f"/settings/branches/{branch.id}"
    assert (await director.htmx.post(path, data={**fields, "row_version": branch.row_version})).status_code == 204
    page = (await director.get("/settings/places")).text
    assert "Лесная, 24" in page
    assert "ул. Лесная, 24" in page
    assert "+7 343 200-00-24" in page
    stale = await director.htmx.post(path, data={**fields, "row_version": branch.row_version})
    assert stale.status_code == 409
    assert stale.json()["row_version"] == branch.row_version + 1
    assert "phone" not in stale.json()["fields"]


async def test_chairs_are_added_renamed_ordered_and_deleted(client_as, clinic) -> None:
    director = await client_as("director")
    async with clinic.ctx_as("director") as ctx:
        branch_id = ctx.branch.id
    new = f"/settings/branches/{branch_id}/chairs/new"
    for name in ("Первое", "Второе", "Третье"):
        assert (await director.htmx.post(new, data={"name": name})).status_code == 204
    assert await chairs_of(clinic) == ["Первое", "Второе", "Третье"]
    taken = await director.htmx.post(new, data={"name": "Второе"})
    assert taken.status_code == 422
    assert taken.json()["fields"].keys() == {"name"}
    async with clinic.ctx_as("director") as ctx:
        third = await ctx.db.scalar(select(Chair.id).where(Chair.name == "Третье"))
    await director.htmx.post(f"/settings/chairs/{third}/move", data={"step": -1})
    assert await chairs_of(clinic) == ["Первое", "Третье", "Второе"]
    await director.htmx.post(f"/settings/chairs/{third}", data={"name": "Рентген"})
    assert await chairs_of(clinic) == ["Первое", "Рентген", "Второе"]
    assert (await director.htmx.post(f"/settings/chairs/{third}/delete")).status_code == 204
    assert await chairs_of(clinic) == ["Первое", "Второе"]


@pytest.mark.spec("ROAD-01", bites="prikus.access.context:zone:named = next(")
async def test_a_branch_overrides_the_clinics_zone_and_instants_stay_in_utc(clinic) -> None:
    moment = dt.datetime(2026, 11, 24, 20, 30, tzinfo=dt.UTC)
    far = await add_branch(clinic, "На Камчатке", time_zone="Asia/Kamchatka")
    async with clinic.ctx_as("director") as ctx:
        near = ctx.branches[0].id
        await places.set_time_zone(ctx, "Europe/Moscow")
    async with clinic.ctx_as("director") as ctx:
        assert str(ctx.zone()) == str(ctx.zone(near)) == "Europe/Moscow"
        assert moment.astimezone(ctx.zone(near)).isoformat() == "2026-11-24T23:30:00+03:00"
        assert moment.astimezone(ctx.zone(far)).isoformat() == "2026-11-25T08:30:00+12:00"
        today = dt.datetime.now(dt.UTC)
        assert ctx.today(far) == today.astimezone(ctx.zone(far)).date()
        kinds = await ctx.db.execute(
            text("""select distinct data_type from information_schema.columns where table_schema not in
                    ('pg_catalog', 'information_schema') and data_type like 'timestamp%'""")
        )
        assert [kind for (kind,) in kinds] == ["timestamp with time zone"]


async def test_the_zone_is_chosen_in_the_settings_and_shows_at_once(client_as, clinic) -> None:
    director = await client_as("director")
    assert (await director.htmx.post("/settings/places/zone", data={"time_zone": "Mars/Base"})).status_code == 422
    assert (await director.htmx.post("/settings/places/zone", data={"time_zone": "Asia/Omsk"})).status_code == 204
    assert re.search(r'value="Asia/Omsk" selected', (await director.get("/settings/places")).text)
    async with clinic.ctx_as("director") as ctx:
        assert ctx.clinic.time_zone == "Asia/Omsk"


@pytest.mark.spec("ORG-01", part="automatic entity", bites="prikus.operator.services:_furnish:db.add(entity)")
async def test_a_clinic_has_one_legal_entity_from_the_start_and_nobody_chooses_it(make_clinic) -> None:
    clinic = await make_clinic()
    async with clinic.ctx_as("director") as ctx:
        assert await ctx.db.scalar(select(func.count()).select_from(LegalEntity)) == 1
        assert ctx.branch.legal_entity_id == (await places.organization(ctx)).id
    director = await clinic.client_as("director")
    page = (await director.get("/settings/organization")).text
    version = re.search(r'name="row_version" value="(\d+)"', page)
    assert version is not None
    assert "legal_entity" not in page
    fields = {"row_version": version[1], "full_name": "ООО «На Лесной»", "short_name": "На Лесной"}
    wrong = await director.htmx.post("/settings/organization", data={**fields, "inn": "12345"})
    assert wrong.status_code == 422
    assert wrong.json()["fields"].keys() == {"inn"}
    saved = await director.htmx.post("/settings/organization", data={**fields, "inn": "6671000008"})
    assert saved.status_code == 204
    assert "6671000008" in (await director.get("/settings/organization")).text


async def test_two_branches_cannot_share_a_name(clinic) -> None:
    await add_branch(clinic, "На Садовой")
    async with clinic.ctx_as("director") as ctx:
        first = (await places.branches(ctx))[0]
        fields = places.BranchFields(row_version=first.row_version, name="На Садовой")
        with pytest.raises(Invalid):
            await places.change_branch(ctx, first.id, fields)
        await ctx.db.rollback()
    async with clinic.ctx_as("director") as ctx:
        assert [card.name for card in await places.branches(ctx)] == ["На Проверочной", "На Садовой"]


async def test_places_are_changed_only_with_the_right(client_as, clinic) -> None:
    desk = await client_as("administrator")
    async with clinic.ctx_as("director") as ctx:
        new = f"/settings/branches/{ctx.branch.id}/chairs/new"
    assert (await desk.get("/settings/places")).status_code == 200
    assert (await desk.htmx.post(new, data={"name": "Чужое"})).status_code == 403
    assert (await desk.get("/settings/organization")).status_code == 403
    assert await chairs_of(clinic) == []
