"""What a closed door says: each reason its own sentence, for a page, for htmx and for a client of the API."""

import datetime as dt

import pytest
from sqlalchemy import text, update

from prikus.access.actors import Actor
from prikus.access.visits import SWITCH, Identity, Visit
from prikus.clinics.models import ClinicPlugin
from prikus.operator.subscriptions import Terms, change_subscription
from prikus.settings.services.explaining import explain
from prikus.settings.services.modules import switch
from prikus.testing.clinics import Client, TestClinic, open_test_clinic
from prikus.testing.house import House

LONG_AGO = dt.date(2020, 1, 1)


async def as_it_is(clinic: TestClinic) -> None:
    """Everything is on."""


async def not_in_plan(clinic: TestClinic) -> None:
    await subscribe(clinic, plan="start")


async def switched_off(clinic: TestClinic) -> None:
    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "teahouse", False, confirmed=("biscuits",))


async def requirement_off(clinic: TestClinic) -> None:
    """The biscuits were switched on again by an older version; the tea they need is off."""
    await switched_off(clinic)
    async with clinic.ctx_as("system") as ctx:
        await ctx.db.execute(update(ClinicPlugin).where(ClinicPlugin.plugin_id == "biscuits").values(is_enabled=True))
        await ctx.db.execute(text("select core.bump_state()"))


async def read_only(clinic: TestClinic) -> None:
    await subscribe(clinic, ends_on=LONG_AGO)


async def suspended(clinic: TestClinic) -> None:
    await subscribe(clinic, state="suspended")


async def suspended_and_off(clinic: TestClinic) -> None:
    await switched_off(clinic)
    await suspended(clinic)


async def subscribe(clinic: TestClinic, **terms) -> None:
    await change_subscription(clinic.house.runtime, clinic.slug, Terms(**terms))


HERE, BISCUITS, CATALOG = "teahouse/teas", "biscuits/all", "catalog/"
TABLE = [
    # what is so, who asks, how, where: status, reason for programs, sentence, mend
    (not_in_plan, "director", "GET", HERE, 404, "not_in_plan", "не входит в тариф «Старт»", "Тариф меняет оператор"),
    (not_in_plan, "doctor", "GET", HERE, 404, "not_in_plan", "не входит в тариф", "о тарифе может Руководитель К."),
    (switched_off, "director", "GET", HERE, 404, "switched_off", "Руководитель К.). Данные сохранены", "можете вы"),
    (switched_off, "doctor", "GET", HERE, 404, "switched_off", "Выключен", "Включить его может Руководитель К."),
    (switched_off, None, "POST", f"{HERE}/a/b", 404, "switched_off", "Выключен", "может Руководитель К."),
    (requirement_off, "director", "GET", BISCUITS, 404, "requirement_off", "вместе с модулем «Чайная»", "можете вы"),
    (as_it_is, "director", "GET", "warehouse/", 404, None, "Не найдено", ""),
    (not_in_plan, "director", "GET", CATALOG, 404, "not_installed", "на сервере его нет", "ставит оператор системы"),
    (as_it_is, None, "GET", HERE, 403, None, "Недостаточно прав: «Чай: просмотр»", "Право даёт руководитель"),
    (read_only, "director", "POST", f"{HERE}/a/b", 403, "read_only", "можно смотреть и печатать", "Продлить её может"),
    (read_only, "doctor", "POST", f"{HERE}/a/b", 403, "read_only", "закончилась 01.01.2020", "Руководитель К."),
    (read_only, None, "GET", HERE, 403, None, "Недостаточно прав", ""),
    (read_only, None, "POST", f"{HERE}/a/b", 403, "read_only", "не менять", "Руководитель К."),
    (suspended, "director", "GET", HERE, 403, "suspended", "приостановил работу клиники", "Возобновить её может"),
    (suspended, "doctor", "GET", HERE, 403, "suspended", "Данные сохранены", "Узнать причину"),
    (suspended_and_off, "doctor", "GET", HERE, 403, "suspended", "приостановил", "Руководитель К."),
]


@pytest.mark.parametrize(
    ("state", "who", "method", "path", "status", "reason", "sentence", "mend"),
    TABLE,
    ids=[f"{row[0].__name__}-{row[1]}-{row[2]}-{row[3].strip('/').replace('/', '.')}" for row in TABLE],
)
async def test_each_reason_has_its_sentence_and_its_mend(
    clinic: TestClinic, state, who, method, path, status, reason, sentence, mend
) -> None:
    client: Client = await clinic.client_as(who)
    await state(clinic)
    page = await client.request(method, f"/{path}", headers={"Accept": "text/html"})
    assert page.status_code == status
    said = page.text.replace("&#39;", "'")
    assert sentence in said
    assert mend in said
    assert page.headers["content-type"].startswith("text/html")
    may_switch = who == "director" and reason in ("switched_off", "requirement_off", "not_in_plan")
    assert ('href="/settings/modules"' in said) == may_switch
    for answer in (
        await client.htmx.request(method, f"/{path}"),
        await client.request(method, f"/{path}", headers={"Accept": "application/json"}),
        *([await client.get(f"/api/v1/{path}")] if method == "GET" and path != BISCUITS else []),
    ):
        assert answer.status_code == status
        body = answer.json()
        assert body.get("reason") == reason
        assert sentence in body["sentence"]
        assert mend in body["sentence"]
        assert body["fields"] == {}
        assert (body.get("href") == "/settings/modules") == may_switch


@pytest.mark.parametrize("state", [as_it_is, not_in_plan, switched_off, read_only, suspended])
async def test_a_stranger_learns_nothing_of_the_clinic(clinic: TestClinic, stranger: Client, state) -> None:
    await state(clinic)
    page = await stranger.get(f"/{HERE}", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, f"/sign-in?next=/{HERE}")
    for answer in (await stranger.htmx.get(f"/{HERE}"), await stranger.get(f"/api/v1/{HERE}")):
        assert answer.status_code == 401
        assert "reason" not in answer.json()


async def test_in_a_read_only_clinic_reading_goes_on(clinic: TestClinic) -> None:
    client = await clinic.client_as("doctor")
    await read_only(clinic)
    assert (await client.get(f"/{HERE}")).status_code == 200
    assert (await client.get(f"/api/v1/{HERE}")).status_code == 200


async def test_the_operator_is_reached_as_the_installation_says(tea_house: House) -> None:
    clinic = await open_test_clinic(tea_house, "tea")
    await suspended(clinic)
    state = await tea_house.states.get(clinic.id)
    visit = Visit(Identity(1, 1, clinic.id, 1, 1), state, Actor("staff", 1), frozenset({SWITCH}))
    assert "оператор системы (+7 800 000-00-00)" in explain(tea_house.system, visit, ("core",), "+7 800 000-00-00").mend
