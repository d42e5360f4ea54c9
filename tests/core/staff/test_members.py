"""Adding, changing and deleting people (STAFF-01, STAFF-02, STAFF-03)."""

import asyncio
import re

import pytest
from sqlalchemy import func, select

from prikus.access.models import AuditRecord, StaffMember
from prikus.errors import Conflict, Denied
from prikus.staff.services import guard, members
from prikus.staff.services.rights import rights_of_person, set_person_rights
from prikus.testing.clinics import PASSWORD

PATIENCE = 30.0
LINK = re.compile(r"https://testserver(/link/[\w-]+)")


@pytest.mark.spec("STAFF-01", bites="prikus.staff.services.members:add_member:await _replace_links")
async def test_an_added_employee_stands_in_the_list_and_enters_by_the_link(
    client_as, stranger, person_form, group_id, profession_id
) -> None:
    client = await client_as("director")
    form = person_form(
        professions=[await profession_id("Администратор")],
        groups=[await group_id("administrator")],
        phone="8 912 340-12-89",
        birth_date="1990-05-17",
        employed_on="2026-11-01",
        gender="female",
    )
    added = await client.htmx.post("/staff/new", data=form)
    assert added.status_code == 200
    listed = (await client.get("/staff/", params={"q": "кузнец"})).text
    assert "Кузнецова Ольга Викторовна" in listed
    assert "Администратор" in listed
    assert "+7 912 340-12-89" in listed
    assert "Ждёт первого входа" in listed

    link = LINK.search(added.text)
    assert link is not None
    set_password = await stranger.post(link[1], data={"password": PASSWORD, "repeat": PASSWORD})
    assert set_password.headers["location"] == "/sign-in"
    entered = await stranger.post("/sign-in", data={"email": form["email"], "password": PASSWORD})
    assert entered.status_code == 303
    assert (await stranger.get("/patients/")).status_code == 200


@pytest.mark.spec("STAFF-03", bites="prikus.staff.services.members:_fill:member.kind = fields.kind")
async def test_a_doctor_is_added_with_specialities(client_as, person_form, profession_id) -> None:
    client = await client_as("director")
    specialities = [await profession_id(name) for name in ("Ортодонт", "Детский стоматолог")]
    chosen_by_mistake = await profession_id("Бухгалтер")
    form = person_form(kind="doctor", specialities=specialities, professions=[chosen_by_mistake])
    assert (await client.htmx.post("/staff/new", data=form)).status_code == 200
    doctors = (await client.htmx.get("/staff/", params={"kind": "doctor"})).text
    assert "Кузнецова Ольга Викторовна" in doctors
    assert "Ортодонт, Детский стоматолог" in doctors
    assert "Бухгалтер" not in doctors
    others = (await client.htmx.get("/staff/", params={"kind": "staff"})).text
    assert "Кузнецова" not in others


async def test_a_doctor_without_a_speciality_is_refused_beside_the_field(client_as, person_form, profession_id) -> None:
    client = await client_as("director")
    form = person_form(kind="doctor", professions=[await profession_id("Бухгалтер")])
    refused = await client.htmx.post("/staff/new", data=form)
    assert refused.status_code == 422
    assert refused.json()["fields"].keys() == {"specialities"}
    assert "Кузнецова" not in (await client.get("/staff/")).text


async def test_a_profession_of_the_other_kind_is_refused(client_as, person_form, profession_id) -> None:
    client = await client_as("director")
    form = person_form(kind="doctor", specialities=[await profession_id("Бухгалтер")])
    assert (await client.htmx.post("/staff/new", data=form)).json()["fields"].keys() == {"specialities"}


async def test_an_existing_account_gets_a_membership_and_keeps_its_password(
    client_as, make_clinic, person_form, profession_id, stranger
) -> None:
    other = await make_clinic()
    known = await other.staff("doctor")
    client = await client_as("director")
    form = person_form(email=known.email.upper(), professions=[await profession_id("Администратор")])
    added = await client.htmx.post("/staff/new", data=form)
    assert added.status_code == 200
    assert LINK.search(added.text) is None
    entered = await stranger.post("/sign-in", data={"email": known.email, "password": PASSWORD})
    assert entered.headers["location"] == "/clinics-of-mine"


async def test_the_same_person_twice_is_refused(client_as, person_form, profession_id) -> None:
    client = await client_as("director")
    form = person_form(professions=[await profession_id("Администратор")])
    assert (await client.htmx.post("/staff/new", data=form)).status_code == 200
    again = await client.htmx.post("/staff/new", data=form)
    assert again.status_code == 422
    assert again.json()["fields"].keys() == {"email"}


async def test_an_invitation_that_waits_in_another_clinic_opens_no_door_here(
    client_as, make_clinic, person_form, profession_id
) -> None:
    client = await client_as("director")
    form = person_form(professions=[await profession_id("Администратор")])
    await client.htmx.post("/staff/new", data=form)
    other = await make_clinic()
    async with other.ctx_as("director") as ctx:
        with pytest.raises(members.Invalid) as refused:
            await members.add_member(ctx, members.NewMember(**{**form, "professions": await _any_profession(ctx)}))
    assert refused.value.fields.keys() == {"email"}


async def _any_profession(ctx):
    return [await ctx.db.scalar(select(members.Profession.id).where(members.Profession.kind == "staff").limit(1))]


async def test_a_lost_link_is_replaced_and_the_old_one_dies(client_as, stranger, person_form, profession_id) -> None:
    client = await client_as("director")
    form = person_form(professions=[await profession_id("Администратор")])
    first = LINK.search((await client.htmx.post("/staff/new", data=form)).text)
    id = re.search(r"/staff/(\d+)/link", (await client.get("/staff/")).text)
    assert first is not None
    assert id is not None
    second = LINK.search((await client.htmx.post(f"/staff/{id[1]}/link")).text)
    assert second is not None
    assert (await stranger.get(first[1])).status_code == 404
    assert (await stranger.get(second[1])).status_code == 200


async def test_a_link_is_not_reissued_to_somebody_with_a_password(client_as, staff) -> None:
    member = await staff("doctor")
    client = await client_as("director")
    assert (await client.htmx.post(f"/staff/{member.staff_id}/link")).status_code == 409


async def test_changes_are_kept_and_a_stale_form_is_refused(client_as, staff, profession_id, group_id, clinic) -> None:
    member = await staff("doctor")
    client = await client_as("director")
    fields = {
        "kind": "doctor",
        "last_name": "Новикова",
        "first_name": "Анна",
        "specialities": [await profession_id("Ортодонт")],
        "groups": [await group_id("doctor")],
    }
    form = (await client.htmx.get(f"/staff/{member.staff_id}")).text
    version = re.search(r'name="row_version" value="(\d+)"', form)
    assert version is not None
    saved = await client.htmx.post(f"/staff/{member.staff_id}", data={**fields, "row_version": version[1]})
    assert saved.status_code == 204
    assert "Новикова Анна" in (await client.get("/staff/")).text
    stale = await client.htmx.post(f"/staff/{member.staff_id}", data={**fields, "row_version": version[1]})
    assert stale.status_code == 409
    async with clinic.ctx_as("system") as ctx:
        written = await ctx.db.scalar(select(func.count()).where(AuditRecord.action == "staff.changed"))
    assert written == 1


@pytest.mark.spec(
    "STAFF-02", part="staff member", bites="prikus.staff.services.members:delete_member:close_sessions_of_staff"
)
async def test_deleting_ends_sessions_and_blocks_signing_in(client_as, staff, stranger) -> None:
    member = await staff("administrator", last_name="Уволенная")
    hers = await client_as(member)
    assert (await hers.get("/patients/")).status_code == 200
    director = await client_as("director")
    deleted = await director.htmx.post(f"/staff/{member.staff_id}/delete")
    assert deleted.status_code == 204
    assert (await hers.get("/patients/")).status_code == 303
    assert "Уволенная" not in (await director.get("/staff/")).text
    refused = await stranger.post("/sign-in", data={"email": member.email, "password": PASSWORD})
    assert refused.status_code == 422


async def test_nobody_deletes_themselves(clinic) -> None:
    await clinic.staff("director")
    async with clinic.ctx_as("director") as ctx:
        with pytest.raises(Conflict, match="самого себя"):
            await members.delete_member(ctx, clinic.head.staff_id)


async def delete_each_other(clinic, second) -> list[BaseException | None]:
    async def delete(who, whom) -> None:
        async with clinic.ctx_as(who) as ctx:
            await members.delete_member(ctx, whom.staff_id)

    return await asyncio.gather(delete("director", second), delete(second, clinic.head), return_exceptions=True)


async def members_left(clinic) -> int | None:
    async with clinic.ctx_as("system") as ctx:
        return await ctx.db.scalar(ctx.visible(StaffMember, func.count()))


async def test_two_directors_cannot_delete_each_other_at_once(clinic, staff) -> None:
    outcomes = await delete_each_other(clinic, await staff("director"))
    assert sorted(type(outcome) for outcome in outcomes if outcome is not None) == [Conflict]
    assert await members_left(clinic) == 1


async def test_without_taking_turns_nobody_would_be_left(clinic, staff, monkeypatch) -> None:
    """The twin: each sees that the other is still there."""
    both_have_looked, keep = asyncio.Barrier(2), guard.keep_a_director

    async def together(ctx) -> None:
        await keep(ctx)
        async with asyncio.timeout(PATIENCE):
            await both_have_looked.wait()

    async def nobody_waits(ctx) -> None:
        """No lock."""

    second = await staff("director")
    monkeypatch.setattr(guard, "lock_rights", nobody_waits)
    monkeypatch.setattr(guard, "keep_a_director", together)
    assert await delete_each_other(clinic, second) == [None, None]
    assert await members_left(clinic) == 0


async def test_somebody_with_more_rights_is_out_of_reach(clinic, staff) -> None:
    deputy = await staff("administrator")
    async with clinic.ctx_as("director") as ctx:
        person = await rights_of_person(ctx, deputy.staff_id)
        await set_person_rights(ctx, deputy.staff_id, person.row_version, {"staff.member.delete": True})
    await staff("director")
    async with clinic.ctx_as(deputy) as ctx:
        with pytest.raises(Denied, match="больше прав"):
            await members.delete_member(ctx, clinic.head.staff_id)


async def test_the_list_costs_the_same_with_one_and_with_thirty_people(client_as, clinic, count_statements) -> None:
    client = await client_as("director")
    await client.get("/staff/")
    with count_statements() as few:
        await client.get("/staff/")
    async with clinic.ctx_as("system") as ctx:
        ctx.db.add_all(
            StaffMember(kind="staff", last_name=f"Человек {n}", first_name="А", sort_name=f"человек {n:02} а")
            for n in range(60)
        )
    with count_statements() as many:
        page = await client.get("/staff/")
    assert len(many) == len(few)
    following = re.search(r'href="([^"]*after=[^"]*)" rel="next"', page.text)
    assert following is not None
    rest = await client.get(following[1].replace("&amp;", "&"))
    assert rest.text.count('class="ui-link"') == 61 - 50


async def test_people_without_the_right_see_and_change_nothing(client_as, staff) -> None:
    member = await staff("doctor")
    client = await client_as("doctor")
    assert (await client.get("/staff/")).status_code == 403
    assert (await client.get("/staff/new")).status_code == 403
    assert (await client.htmx.post(f"/staff/{member.staff_id}/delete")).status_code == 403


async def test_another_clinics_person_is_not_there(client_as, make_clinic) -> None:
    other = await make_clinic()
    client = await client_as("director")
    for path in ("", "/rights"):
        assert (await client.get(f"/staff/{other.head.staff_id}{path}")).status_code == 404
    assert (await client.htmx.post(f"/staff/{other.head.staff_id}/delete")).status_code == 404
