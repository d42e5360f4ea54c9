"""«Корзина»: what lies there, and the green arrow (TRASH-01, TRASH-02)."""

import pytest
from sqlalchemy import func, insert, select

from prikus.access.models import AuditRecord, PermissionGroup, StaffGroup, StaffMember
from prikus.clinics.models import Branch, Chair
from prikus.errors import Conflict, Denied, NotFound
from prikus.patients.models import Patient
from prikus.settings.services import places
from prikus.staff.services import members
from prikus.staff.services.rights import rights_of_person, set_person_rights
from prikus.trash import services
from prikus_catalog.models import Service, ServiceCategory


async def add_chair(clinic, name: str = "Кресло 1") -> int:
    async with clinic.ctx_as("director") as ctx:
        return await places.add_chair(ctx, ctx.branch.id, name)


async def delete_chair(clinic, id: int, who: str = "director") -> None:
    async with clinic.ctx_as(who) as ctx:
        await places.delete_chair(ctx, id)


async def lines_of(clinic, section: str, who="director") -> list[services.Deleted]:
    async with clinic.ctx_as(who) as ctx:
        return (await services.deleted_in(ctx, services.section_of(ctx, section))).lines


async def add_patient(clinic, name: str) -> int:
    async with clinic.ctx_as("director") as ctx:
        number = await ctx.db.scalar(select(func.coalesce(func.max(Patient.card_number), 0) + 1))
        names = {"last_name": name, "first_name": "Анна", "sort_name": name.lower(), "search_name": name.lower()}
        patient = Patient(**names, card_number=number, phone="+79123401289", phone_digits="79123401289")
        ctx.db.add(patient)
        await ctx.db.flush()
    return patient.id


@pytest.mark.spec("TRASH-01", bites="prikus.trash.services:deleted_in:rows = ")
async def test_deleted_things_lie_by_sections_with_name_moment_and_author(client_as, clinic, staff) -> None:
    member = await staff("doctor", last_name="Ушедший", first_name="Пётр", patronymic=None)
    patient_id = await add_patient(clinic, "Морозова")
    director = await client_as("director")
    await delete_chair(clinic, await add_chair(clinic, "У окна"))
    async with clinic.ctx_as("director") as ctx:
        await members.delete_member(ctx, member.staff_id)
        ctx.soft_delete(await ctx.load(Patient, patient_id, lock=True))
    page = (await director.get("/trash/chairs")).text
    for section in ("Пациенты", "Сотрудники", "Услуги", "Кресла"):
        assert section in page
    assert "У окна" in page
    assert "Руководитель К." in page
    assert "Ушедший Пётр" in (await director.get("/trash/staff")).text
    assert "Морозова Анна" in (await director.get("/trash/patients")).text
    [line] = await lines_of(clinic, "chairs")
    async with clinic.ctx_as("director") as ctx:
        assert abs((ctx.now() - line.at).total_seconds()) < 60
        local = line.at.astimezone(ctx.clinic.zone).strftime("%d.%m.%Y, %H:%M")
    assert local in page


@pytest.mark.spec("TRASH-02", bites="prikus.trash.services:_revive:entity.deleted_at = ")
async def test_the_green_arrow_brings_a_thing_back(client_as, clinic) -> None:
    id = await add_chair(clinic, "У окна")
    await delete_chair(clinic, id)
    director = await client_as("director")
    assert "У окна" not in (await director.get("/settings/places")).text
    restored = await director.htmx.post(f"/trash/chairs/{id}/restore")
    assert restored.status_code == 204
    assert "У окна" in (await director.get("/settings/places")).text
    assert await lines_of(clinic, "chairs") == []
    async with clinic.ctx_as("system") as ctx:
        record = (await ctx.db.scalars(select(AuditRecord).where(AuditRecord.action == "trash.restored"))).one()
    assert (record.object_kind, record.object_id) == ("chair", id)


async def test_a_deleted_parent_is_asked_about_and_comes_too(client_as, clinic) -> None:
    async with clinic.ctx_as("system") as ctx:
        category = ServiceCategory(name="Хирургия")
        ctx.db.add(category)
        await ctx.db.flush()
        service = Service(
            category_id=category.id, name="Удаление зуба", search_text="удаление зуба", price=2900, duration=30
        )
        ctx.db.add(service)
        await ctx.db.flush()
        ctx.soft_delete(service)
        ctx.soft_delete(category)
    director = await client_as("director")
    path = f"/trash/catalog.service/{service.id}/restore"
    question = await director.htmx.post(path)
    assert question.status_code == 200
    assert question.headers["HX-Retarget"] == "#dialog"
    assert "Хирургия" in question.text
    assert f"{path}?parents=1" in question.text
    assert "Удаление зуба" in [line.name for line in await lines_of(clinic, "catalog.service")]
    assert (await director.htmx.post(f"{path}?parents=1")).status_code == 204
    async with clinic.ctx_as("system") as ctx:
        assert await ctx.db.scalar(ctx.visible(Service, Service.id).where(Service.id == service.id)) == service.id
        found = await ctx.db.scalar(ctx.visible(ServiceCategory, func.count()).where(ServiceCategory.id == category.id))
    assert found == 1


async def test_a_taken_name_is_reported_and_nothing_changes(client_as, clinic) -> None:
    id = await add_chair(clinic, "У окна")
    await delete_chair(clinic, id)
    await add_chair(clinic, "У окна")
    director = await client_as("director")
    refused = await director.htmx.post(f"/trash/chairs/{id}/restore")
    assert refused.status_code == 409
    assert "уже есть кресло с таким названием" in refused.json()["sentence"]
    assert [line.id for line in await lines_of(clinic, "chairs")] == [id]


async def test_a_parent_out_of_reach_is_not_restored_in_passing(clinic) -> None:
    id = await add_chair(clinic)
    await delete_chair(clinic, id)
    async with clinic.ctx_as("system") as ctx:
        ctx.soft_delete((await ctx.db.scalars(select(Branch))).one())
    with pytest.raises(Conflict, match="нет прав"):
        async with clinic.ctx_as("director") as ctx:
            await services.restore(ctx, "chairs", id, with_parents=True)
    async with clinic.ctx_as("system") as ctx:
        assert await ctx.db.scalar(ctx.visible(Chair, func.count())) == 0


async def test_restoring_needs_the_right_of_the_section_and_of_the_trash(client_as, clinic, staff) -> None:
    id = await add_chair(clinic)
    await delete_chair(clinic, id)
    desk = await client_as("administrator")
    assert (await desk.get("/trash/chairs")).status_code == 403
    assert (await desk.htmx.post(f"/trash/chairs/{id}/restore")).status_code == 403
    doctor = await client_as("doctor")
    assert (await doctor.get("/trash/")).status_code == 403
    async with clinic.ctx_as("doctor") as ctx:
        with pytest.raises(Denied):
            await services.restore(ctx, "chairs", id)
    assert [line.id for line in await lines_of(clinic, "chairs")] == [id]


async def test_a_restored_member_never_has_more_rights_than_the_restorer(clinic, staff) -> None:
    second, deputy = await staff("director"), await staff("administrator")
    async with clinic.ctx_as("director") as ctx:
        person = await rights_of_person(ctx, deputy.staff_id)
        await set_person_rights(ctx, deputy.staff_id, person.row_version, {"staff.member.delete": True})
    async with clinic.ctx_as("director") as ctx:
        await members.delete_member(ctx, second.staff_id)
    with pytest.raises(Denied, match="больше прав"):
        async with clinic.ctx_as(deputy) as ctx:
            await services.restore(ctx, "staff", second.staff_id)
    async with clinic.ctx_as("director") as ctx:
        await services.restore(ctx, "staff", second.staff_id)
    async with clinic.ctx_as(second) as ctx:
        assert ctx.can("settings.module.switch")


async def test_another_clinics_trash_is_not_there(client_as, clinic, make_clinic) -> None:
    other = await make_clinic()
    id = await add_chair(other, "Чужое")
    await delete_chair(other, id)
    director = await client_as("director")
    assert "Чужое" not in (await director.get("/trash/chairs")).text
    assert (await director.htmx.post(f"/trash/chairs/{id}/restore")).status_code == 404
    assert [line.name for line in await lines_of(other, "chairs")] == ["Чужое"]


async def test_a_section_of_a_module_that_is_off_is_gone(client_as) -> None:
    director = await client_as("director")
    assert (await director.get("/trash/catalog.service")).status_code == 200
    needed_by = ["billing", "fiscal", "integrations_evotor"]
    off = await director.htmx.post("/settings/modules/catalog/off", data={"confirmed": needed_by})
    assert off.status_code == 204, off.text
    assert (await director.get("/trash/catalog.service")).status_code == 404
    assert "Услуги" not in (await director.get("/trash/chairs")).text


async def test_pages_follow_one_another_without_gaps_at_a_constant_cost(clinic, count_statements) -> None:
    async with clinic.ctx_as("system") as ctx:
        now = ctx.now()
        rows = [{"branch_id": ctx.branch.id, "name": f"Кресло {n}", "deleted_at": now} for n in range(120)]
        await ctx.db.execute(insert(Chair), rows)
    seen: list[int] = []
    after = None
    async with clinic.ctx_as("director") as ctx:
        section = services.section_of(ctx, "chairs")
        for _ in range(3):
            with count_statements() as statements:
                page = await services.deleted_in(ctx, section, after)
            assert len([s for s in statements if "chair" in s]) == 1
            seen += [line.id for line in page.lines]
            after = page.next
        assert after is None
        with pytest.raises(NotFound):
            await services.deleted_in(ctx, section, "nonsense~1")
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.spec("GEN-03", bites="prikus.staff.services.members:delete_member:ctx.soft_delete(member)")
async def test_the_row_menu_asks_before_it_deletes(page_as, clinic, staff, check_accessibility) -> None:
    member = await staff("doctor", last_name="Удаляемая", first_name="Анна", patronymic=None)
    page = await page_as("director")
    await page.goto("/staff/")
    row = page.get_by_role("row", name="Удаляемая Анна")
    for answer in ("Отмена", "Удалить"):
        await row.get_by_role("button", name="Действия: Удаляемая Анна").click()
        await page.get_by_role("menuitem", name="Удалить сотрудника").click()
        question = page.get_by_role("dialog", name="Удалить сотрудника Удаляемая Анна?")
        await question.wait_for()
        async with clinic.ctx_as("system") as ctx:
            assert await ctx.db.scalar(ctx.visible(StaffMember, func.count())) == 2
        await question.get_by_role("button", name=answer).click()
        await question.wait_for(state="hidden")
    await row.wait_for(state="detached")
    async with clinic.ctx_as("system") as ctx:
        left = await ctx.db.scalars(ctx.visible(StaffMember, StaffMember.id))
        assert member.staff_id not in left.all()
        groups = (
            select(func.count())
            .select_from(StaffGroup)
            .join(PermissionGroup, PermissionGroup.id == StaffGroup.group_id)
        )
        assert await ctx.db.scalar(groups.where(StaffGroup.staff_id == member.staff_id)) == 1
    await page.goto("/trash/staff")
    await check_accessibility(page)
    await page.get_by_role("button", name="Восстановить: Удаляемая Анна").click()
    await page.get_by_text("В разделе «Сотрудники» пусто").wait_for()
