"""Rights of a person and of a group (STAFF-11, PERM-02, PERM-03)."""

import re

import pytest
from sqlalchemy import select

from prikus.access.models import AuditRecord, GroupPermission
from prikus.errors import Conflict, Denied
from prikus.settings.services import modules
from prikus.staff.services import members, rights


async def set_rights(clinic, who, person, **words):
    """Give individual words by codes written with two underscores for each dot."""
    async with clinic.ctx_as(who) as ctx:
        seen = await rights.rights_of_person(ctx, person.staff_id)
        codes = {code.replace("__", "."): word for code, word in words.items()}
        await rights.set_person_rights(ctx, person.staff_id, seen.row_version, codes)


def version_in(page: str) -> str:
    found = re.search(r'name="row_version" value="(\d+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.spec(
    "STAFF-11", bites="prikus.staff.services.rights:set_person_rights:await ctx.db.execute(insert(StaffPermission)"
)
async def test_rights_are_changed_on_the_page_and_hold_at_the_next_request(client_as, staff) -> None:
    member = await staff("doctor")
    hers, director = await client_as(member), await client_as("director")
    assert (await hers.get("/trash/")).status_code == 403
    path = f"/staff/{member.staff_id}/rights"
    form = (await director.get(path)).text
    saved = await director.htmx.post(
        path, data={"row_version": version_in(form), "trash.page.view": "allow", "patients.patient.view": "deny"}
    )
    assert saved.status_code == 204
    assert (await hers.get("/trash/", follow_redirects=True)).status_code == 200
    assert (await hers.get("/patients/")).status_code == 403
    form = (await director.get(path)).text
    assert re.search(r'name="trash.page.view" value="allow" checked', form)
    assert re.search(r'name="patients.patient.view" value="deny" checked', form)


@pytest.mark.spec("PERM-03", bites="prikus.access.visits:read_rights:return frozenset(")
async def test_an_individual_word_overrides_the_groups_and_a_deny_beats_every_allow(clinic, staff) -> None:
    member = await staff("administrator")
    await set_rights(clinic, "director", member, staff__member__edit=True, patients__patient__view=False)
    async with clinic.ctx_as(member) as ctx:
        assert ctx.can("staff.member.edit")
        assert not ctx.can("patients.patient.view")
        assert ctx.can("trash.page.view")
    await set_rights(clinic, "director", member)
    async with clinic.ctx_as(member) as ctx:
        assert not ctx.can("staff.member.edit")
        assert ctx.can("patients.patient.view")


@pytest.mark.spec("PERM-03", bites="prikus.staff.services.guard:refuse_beyond:if beyond:")
async def test_nobody_gives_a_right_that_they_lack(clinic, staff, group_id) -> None:
    deputy, member = await staff("administrator"), await staff("doctor")
    await set_rights(clinic, "director", deputy, staff__member__rights=True, staff__member__edit=True)
    with pytest.raises(Denied, match="Модули"):
        await set_rights(clinic, deputy, member, settings__module__switch=True)
    await set_rights(clinic, deputy, member, trash__page__view=True)
    async with clinic.ctx_as(member) as ctx:
        assert ctx.can("trash.page.view")
        assert not ctx.can("settings.module.switch")
    async with clinic.ctx_as(deputy) as ctx:
        with pytest.raises(Denied, match="Выдать можно только"):
            await members.guard.may_give_groups(ctx, [await group_id("director")])


async def test_taking_a_deny_away_is_giving(clinic, staff) -> None:
    deputy, member = await staff("administrator"), await staff("director")
    await set_rights(clinic, "director", member, settings__module__switch=False)
    await set_rights(clinic, "director", deputy, staff__member__rights=True)
    with pytest.raises(Denied):
        await set_rights(clinic, deputy, member)


@pytest.mark.spec("PERM-03", bites="prikus.staff.services.rights:set_person_rights:keep_a_director")
async def test_the_last_full_director_keeps_every_right(clinic, staff) -> None:
    with pytest.raises(Conflict, match="последний руководитель"):
        await set_rights(clinic, "director", clinic.head, trash__page__view=False)
    await staff("director")
    await set_rights(clinic, "director", clinic.head, trash__page__view=False)
    async with clinic.ctx_as("director") as ctx:
        assert not ctx.can("trash.page.view")


async def test_the_last_director_does_not_leave_the_group(clinic, client_as, group_id, profession_id) -> None:
    client = await client_as("director")
    form = (await client.htmx.get(f"/staff/{clinic.head.staff_id}")).text
    fields = {
        "row_version": version_in(form),
        "kind": "staff",
        "last_name": "Главная",
        "first_name": "Вера",
        "professions": [await profession_id("Руководитель")],
        "groups": [await group_id("administrator")],
    }
    refused = await client.htmx.post(f"/staff/{clinic.head.staff_id}", data=fields)
    assert refused.status_code == 409
    assert (await client.get("/settings/modules")).status_code == 200


async def test_a_stale_rights_form_is_refused(clinic, staff) -> None:
    member = await staff("doctor")
    async with clinic.ctx_as("director") as ctx:
        seen = await rights.rights_of_person(ctx, member.staff_id)
    await set_rights(clinic, "director", member, trash__page__view=True)
    async with clinic.ctx_as("director") as ctx:
        with pytest.raises(Conflict):
            await rights.set_person_rights(ctx, member.staff_id, seen.row_version, {})


@pytest.mark.spec("PERM-02", bites="prikus.staff.services.rights:set_group_rights:if removed:")
async def test_ticks_of_a_group_hold_for_its_people_at_the_next_request(client_as, staff, group_id) -> None:
    member = await staff("doctor")
    hers, director = await client_as(member), await client_as("director")
    path = f"/staff/groups/{await group_id('doctor')}"
    page = (await director.get(path)).text
    assert "Карточка пациента" in page
    assert "Календарь" in page
    ticked = re.findall(r'name="rights" value="([\w.]+)" checked', page)
    assert "patients.patient.view" in ticked
    assert "trash.page.view" not in ticked
    ticked = [code for code in ticked if code != "patients.patient.view"] + ["trash.page.view"]
    saved = await director.htmx.post(path, data={"row_version": version_in(page), "rights": ticked})
    assert saved.status_code == 204
    assert (await hers.get("/trash/", follow_redirects=True)).status_code == 200
    assert (await hers.get("/patients/")).status_code == 403


async def test_the_directors_group_is_never_poorer(clinic, group_id) -> None:
    id = await group_id("director")
    async with clinic.ctx_as("director") as ctx:
        seen = await rights.rights_of_group(ctx, id)
        with pytest.raises(Conflict, match="Руководитель"):
            await rights.set_group_rights(ctx, id, seen.row_version, ["trash.page.view"])


async def test_rights_of_a_module_that_is_off_are_kept(clinic, group_id) -> None:
    id = await group_id("doctor")

    async def kept():
        async with clinic.ctx_as("director") as ctx:
            codes = await ctx.db.scalars(select(GroupPermission.permission).where(GroupPermission.group_id == id))
            return {code for code in codes if code.startswith("calendar.")}

    before = await kept()
    assert before
    async with clinic.ctx_as("director") as ctx:
        await modules.switch(ctx, "calendar", False, confirmed=["online_booking"])
    async with clinic.ctx_as("director") as ctx:
        seen = await rights.rights_of_group(ctx, id)
        assert "Календарь" not in [section.title for section in seen.sections]
        await rights.set_group_rights(ctx, id, seen.row_version, [])
    assert await kept() == before


async def test_every_right_of_the_core_has_a_section_and_every_change_is_audited(clinic, staff, system) -> None:
    core = {p.section for p in system.permissions.values() if p.section not in system.plugins}
    assert core == set(rights.SECTIONS)
    member = await staff("doctor")
    await set_rights(clinic, "director", member, trash__page__view=True)
    async with clinic.ctx_as("system") as ctx:
        record = (await ctx.db.scalars(select(AuditRecord).where(AuditRecord.action == "staff.rights"))).one()
    assert (record.object_id, record.before, record.after) == (member.staff_id, {}, {"trash.page.view": True})
    assert (record.created_by_kind, record.created_by_id) == ("staff", clinic.head.staff_id)
