"""Two colleagues move one appointment: the later one sees both versions and takes either (reliability 24)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from playwright.async_api import expect
from sqlalchemy import text

from prikus.toolkit import Stale
from prikus_calendar.models import Appointment
from prikus_calendar.schemas import ResizeAppointment, Saved
from prikus_calendar.services import booking, statuses
from tests.plugins.calendar.conftest import API, DAY, Desk, at
from tests.plugins.calendar.grid import drag, spot
from tests.plugins.calendar.test_browser import opened, seen
from tests.plugins.calendar.test_statuses import set_status

NEWER = f"Сейчас записано: {DAY:%d.%m.%Y}, 11:00–11:30."


async def overtake(desk: Desk, saved: Saved) -> None:
    """A colleague's move that no open page has heard of: past the application."""
    async with desk.units("system") as ctx:
        await ctx.db.execute(
            text(
                "update calendar.appointment set starts_at = starts_at + interval '1 hour',"
                " ends_at = ends_at + interval '1 hour' where id = :id"
            ),
            {"id": saved.id},
        )


async def times(desk: Desk, id: int) -> tuple[dt.time, dt.time]:
    cell = await desk.cell(id)
    return cell.starts.time(), cell.ends.time()


async def test_a_stale_move_says_what_stands_now_and_counts_when_repeated(desk: Desk, client_as: Any) -> None:
    saved = await desk.book("10:00", "10:30")
    await overtake(desk, saved)
    wish = {"row_version": saved.row_version, "chair_id": desk.chairs[0], "date": str(DAY)}
    wish |= {"starts": "13:00:00", "ends": "13:30:00"}
    client = await client_as("administrator")
    refused = await client.post(f"{API}/appointments/{saved.id}/move", json=wish)
    assert refused.status_code == 409
    said = refused.json()
    assert NEWER in said["sentence"]
    assert said["fields"] == {"starts": "Сейчас: «11:00».", "ends": "Сейчас: «11:30»."}
    assert await times(desk, saved.id) == (at("11:00"), at("11:30"))
    again = await client.post(f"{API}/appointments/{saved.id}/move", json={**wish, "row_version": said["row_version"]})
    assert again.status_code == 200
    assert await times(desk, saved.id) == (at("13:00"), at("13:30"))


@pytest.mark.parametrize("what", ["status", "cancel"])
async def test_a_stale_change_of_an_appointment_names_the_version_that_counts(
    desk: Desk, client_as: Any, what: str
) -> None:
    saved = await desk.book("10:00", "10:30")
    async with desk.units("administrator") as ctx:
        missed = next(status.id for status in await statuses.statuses(ctx) if status.meaning == "missed")
    await overtake(desk, saved)
    wish = {"status_id": missed} if what == "status" else {"reason": "заболел"}
    client = await client_as("administrator")
    path = f"{API}/appointments/{saved.id}/{what}"
    refused = await client.post(path, json={**wish, "row_version": saved.row_version})
    assert (refused.status_code, refused.json()["row_version"]) == (409, saved.row_version + 1)
    assert refused.json()["sentence"].startswith("Коллега уже изменил эту запись.")
    again = await client.post(path, json={**wish, "row_version": refused.json()["row_version"]})
    assert again.status_code == 200


@pytest.mark.parametrize("what", ["move", "delete"])
async def test_a_stale_change_of_working_time_names_the_version_that_counts(
    desk: Desk, client_as: Any, what: str
) -> None:
    async with desk.units("system") as ctx:
        later = "update calendar.shift set ends_at = ends_at + interval '1 hour' where id = :id"
        await ctx.db.execute(text(later), {"id": desk.shifts[0]})
    place = {"chair_id": desk.chairs[0], "date": str(DAY), "starts": "10:00:00", "ends": "15:00:00"}
    wish = place if what == "move" else {}
    client = await client_as("administrator")
    path = f"{API}/shifts/{desk.shifts[0]}/{what}"
    refused = await client.post(path, json={**wish, "row_version": 1})
    said = refused.json()
    assert (refused.status_code, said["row_version"]) == (409, 2)
    if what == "move":
        assert f"Сейчас записано: {DAY:%d.%m.%Y}, 09:00–16:00." in said["sentence"]
        assert said["fields"] == {"starts": "Сейчас: «09:00».", "ends": "Сейчас: «16:00»."}
    assert (await client.post(path, json={**wish, "row_version": 2})).status_code == 200


async def test_without_versions_the_colleagues_move_would_be_lost(desk: Desk) -> None:
    """The twin: whoever names the newest version without having seen it overwrites."""
    saved = await desk.book("10:00", "10:30")
    await overtake(desk, saved)
    async with desk.units("administrator") as ctx:
        newest = (await ctx.load(Appointment, saved.id)).row_version
    await desk.move(msgspec.structs.replace(saved, row_version=newest), "13:00", "13:30")
    assert await times(desk, saved.id) == (at("13:00"), at("13:30"))


async def test_a_stale_end_names_the_end_that_stands_now(desk: Desk) -> None:
    saved = await desk.book("10:00", "10:30")
    await overtake(desk, saved)
    async with desk.units("administrator") as ctx:
        wish = ResizeAppointment(row_version=saved.row_version, ends=at("12:00"))
        with pytest.raises(Stale) as refused:
            await booking.resize(ctx, saved.id, wish)
    assert refused.value.fields == {"ends": "Сейчас: «11:30»."}


async def test_a_stale_drag_shows_the_newer_place_and_can_still_be_done(desk: Desk, page_as: Any) -> None:
    saved = await desk.book("10:00", "11:00")
    page = await opened(await page_as("administrator"))
    await overtake(desk, saved)
    await drag(page, await spot(page, "10:15"), await spot(page, "13:15"))
    toast = page.locator(".ui-toast").last
    await expect(toast).to_contain_text("11:00–12:00. Повторите, чтобы записать ваше.")
    await seen(page, "Морозова А.", "11:00")
    await toast.get_by_role("button", name="Записать моё").click()
    await seen(page, "Морозова А.", "13:00")
    assert await times(desk, saved.id) == (at("13:00"), at("14:00"))
    done = page.locator(".ui-toast").last
    await expect(done).to_contain_text("13:00–14:00")
    await expect(done.get_by_role("button", name="Вернуть")).to_have_count(0)


async def test_a_stale_status_is_asked_about_in_its_dialog(desk: Desk, page_as: Any) -> None:
    saved = await desk.book("10:00", "10:30")
    page = await opened(await page_as("administrator"))
    ask = "url => import('@prikus/ui').then((ui) => ui.htmx.ajax('GET', url, '#dialog'))"
    await page.evaluate(ask, f"/calendar/appointments/{saved.id}/status")
    dialog = page.locator("#dialog form")
    await dialog.get_by_label("Не пришёл").check()
    await set_status(desk, saved, "confirmed")
    await dialog.get_by_role("button", name="Сохранить").click()
    await expect(dialog.locator("[data-field=status_id]")).to_contain_text("Сейчас: «Подтверждён».")
    await expect(dialog.get_by_role("alert")).to_contain_text("Сейчас её статус – «Подтверждён».")
    await dialog.get_by_role("button", name="Сохранить").click()
    await expect(dialog).to_have_count(0)
    assert (await desk.cell(saved.id)).meaning == "missed"


async def test_a_stale_form_offers_both_ways(desk: Desk, page_as: Any) -> None:
    saved = await desk.book("10:00", "10:30")
    page = await opened(await page_as("administrator"))
    for take_newer in (True, False):
        await page.evaluate(
            "url => import('@prikus/ui').then((ui) => ui.openPanel(url))", f"/calendar/appointments/{saved.id}/move"
        )
        form = page.locator("#panel form")
        before = f"{(await times(desk, saved.id))[0]:%H:%M}"
        await expect(form.get_by_label("Начало")).to_have_value(before)
        await overtake(desk, saved)
        newer = f"{(await times(desk, saved.id))[0]:%H:%M}"
        await form.get_by_label("Начало").fill("09:00")
        await form.get_by_label("Окончание").fill("09:30")
        await form.get_by_label("Окончание").press("Control+Enter")
        await expect(form.locator("[data-field=starts]")).to_contain_text(f"Сейчас: «{newer}».")
        await expect(form.get_by_label("Начало")).to_have_value("09:00")
        if take_newer:
            await form.get_by_role("button", name="Взять записанное").click()
            await expect(form.get_by_label("Начало")).to_have_value(newer)
            await page.keyboard.press("Escape")
            await expect(form).to_have_count(0)
        else:
            await page.keyboard.press("Control+Enter")
            await expect(form).to_have_count(0)
    assert await times(desk, saved.id) == (at("09:00"), at("09:30"))
