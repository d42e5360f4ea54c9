"""From the settings of the site to the request in the CRM."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from prikus.testing.fakes import Fake, fake_provider
from prikus_integrations_tilda.fake import FORM, Refused, Site, cookies_of
from tests.plugins.integrations_tilda.conftest import KEY, Clinic
from tests.waiting import PATIENCE

UTM = {"utm_source": "yandex", "utm_medium": "cpc", "utm_campaign": "чистка + отбеливание"}
KEPT = "select headers::text, convert_from(body, 'utf8') from core.webhook_delivery"
PERSON = [("Name", "Мария"), ("Phone", "+7 (999) 000-11-22"), ("Email", "maria@example.org")]


@pytest.mark.spec("INT-14", part="test and form")
async def test_a_site_is_connected_and_its_form_is_a_request(tilda: Clinic) -> None:
    early = await tilda.director.post(f"{tilda.card}/connect")
    assert early.status_code == 409
    assert "ещё не проверяла адрес" in early.text
    await tilda.site.save()
    assert await tilda.requests() == []
    assert (await tilda.director.post(f"{tilda.card}/connect")).status_code == 204
    fields = [*PERSON, ("Service", "Чистка"), ("formname", "Запись на приём"), ("referer", "https://clinic.example/a")]
    sent = await tilda.site.submit(fields, cookies=cookies_of(UTM))
    assert [attempt.status for attempt in sent.attempts] == [200]
    (made,) = await tilda.requests()
    assert made[:4] == ("Мария", "+79990001122", "maria@example.org", "Service: Чистка")
    assert made[4:7] == ("Запись на приём", "https://clinic.example/a", UTM)
    assert made.external_id == sent.tranid
    desk = await tilda.clinic.client_as("administrator")
    assert "Мария" in (await desk.get("/crm/", params={"source": "integrations_tilda"})).text


async def test_the_answer_is_ok_and_a_foreign_address_is_refused(tilda: Clinic) -> None:
    answer = await tilda.site.http.post(tilda.site.address, data={"test": "test"})
    assert (answer.status_code, answer.text) == (200, "ok")
    assert answer.headers["content-type"].startswith("text/plain")
    with pytest.raises(Refused, match="404"):
        await Site(f"{tilda.site.address}x", tilda.site.http, deadline=PATIENCE).save()


async def test_buttons_of_the_fake_send_over_http(tilda: Clinic, reachable: None) -> None:
    """A form sent twice is one request; one with another key is refused, three times as Tilda tries."""
    key = {"key_name": KEY[0], "key": "clinic-key-4711"}
    await tilda.settings(**key)
    at = {"address": f"{tilda.clinic.house.config.url}{tilda.site.address}", **key}
    async with fake_provider("prikus_integrations_tilda.fake:build") as url:
        fake = Fake(url)
        assert await fake.press("saved", **at) == "адрес принят"
        assert await fake.press("twice", **at, name="Ольга") == "ответ 200, ответ 200"
        assert await fake.press("stranger", **at, name="Чужой") == "ответ 403"
        assert await fake.press("lead", **{**at, "address": "http://127.0.0.1:1/x"}) == "никто не ответил"
        sent = [line["status"] for line in reversed(await fake.log("out"))]
    assert sent == [200, 200, 200, 403, 403, 403, 0, 0, 0]
    assert [request.name for request in await tilda.requests()] == ["Ольга"]


@pytest.mark.parametrize(
    ("fields", "options", "expected"),
    [
        ([("Имя", "Мария"), ("Телефон", "8 999 000 11 22")], {"code": "cp1251"}, ("Мария", "+79990001122", None, None)),
        ([("fio", "Мария"), ("tel", "9990001122")], {}, ("Мария", "+79990001122", None, None)),
        ([("Name_2", "Мария"), ("Phone_2", "+79990001122")], {"is_json": True}, ("Мария", "+79990001122", None, None)),
        ([("fio", "Мария"), ("Цель", "А"), ("Цель", "Б")], {}, ("Мария", None, None, "Цель: А, Б")),
        ([("ma_name", "Мария"), ("ma_email", "m@example.org")], {}, ("Мария", None, "m@example.org", None)),
        ([("Phone", "позже")], {}, (None, None, None, "Телефон: позже")),
        ([("Name", "a\0b"), ("payment", '{"amount":"100"}')], {}, ("ab", None, None, 'payment: {"amount":"100"}')),
        ([("Comment", "=1+1;<script>")], {}, (None, None, None, "Comment: =1+1;<script>")),
    ],
)  # fmt: skip
async def test_fields_are_known_by_many_names(tilda: Clinic, fields: list, options: dict, expected: tuple) -> None:
    sent = await tilda.site.submit(fields, **options)
    assert sent.is_taken
    (made,) = await tilda.requests()
    assert made[:4] == expected
    assert made.place == FORM


@pytest.mark.parametrize("encoded", [1, 2])
async def test_advertising_is_read_from_cookies_and_hidden_fields_win(tilda: Clinic, encoded: int) -> None:
    await tilda.site.submit([*PERSON, ("utm_source", "vk")], cookies=cookies_of(UTM, encoded=encoded))
    (made,) = await tilda.requests()
    assert made.utm == UTM | {"utm_source": "vk"}


@pytest.mark.parametrize("body", [b"", b"%00=%00", b"{", b"[1]", b"=&&=", b"\xff\xfe", b'{"a": {"b": 1}}'])
async def test_nonsense_is_taken_and_disturbs_nobody(tilda: Clinic, body: bytes) -> None:
    answer = await tilda.site.http.post(tilda.site.address, content=body)
    assert (answer.status_code, answer.text) == (200, "ok")
    await tilda.requests()
    await tilda.site.submit(PERSON)
    assert "Мария" in [made.name for made in await tilda.requests()]


async def test_too_much_is_refused_before_it_is_kept(tilda: Clinic) -> None:
    many = await tilda.site.http.post(tilda.site.address, data={f"f{number}": "x" for number in range(201)})
    large = await tilda.site.http.post(tilda.site.address, content=b"Name=" + b"a" * 256 * 1024)
    assert (many.status_code, large.status_code) == (413, 413)
    assert (await tilda.site.submit([(f"f{number}", "x") for number in range(198)])).is_taken
    assert len(await tilda.requests()) == 1


@pytest.mark.parametrize("place", ["header", "cookie", "body"])
@pytest.mark.parametrize("is_json", [False, True])
async def test_the_key_opens_from_three_places_and_is_not_kept(tilda: Clinic, place: str, is_json: bool) -> None:
    name, key = "X-Clinic-Key", "secret-4711"
    await tilda.settings(key_name=name, key=key)
    await tilda.site.save()
    refused = await tilda.site.submit(PERSON)
    assert [attempt.status for attempt in refused.attempts] == [403] * 3
    tilda.site.place = place
    tilda.site.key = (name, f"{key}x")
    assert not (await tilda.site.submit(PERSON)).is_taken
    tilda.site.key = (name, key)
    assert (await tilda.site.submit(PERSON, is_json=is_json)).is_taken
    (made,) = await tilda.requests()
    assert (made.name, made.words) == ("Мария", None)
    async with tilda.clinic.ctx_as("system") as ctx:
        kept = (
            await ctx.db.execute(text("select headers::text, convert_from(body, 'utf8') from core.webhook_delivery"))
        ).one()
    assert key not in "".join(kept)


async def test_a_key_without_a_name_is_named(tilda: Clinic) -> None:
    await tilda.settings(key=KEY[1])
    answer = await tilda.director.post(f"{tilda.card}/connect")
    assert answer.status_code == 422
    assert "key_name" in answer.json()["fields"]
    assert not (await tilda.site.submit(PERSON)).is_taken


async def test_a_form_without_a_number_is_one_a_day(tilda: Clinic) -> None:
    for _ in range(3):
        assert (await tilda.site.submit(PERSON, tranid="")).is_taken
    assert (await tilda.site.submit([*PERSON, ("Comment", "ещё")], tranid="")).is_taken
    assert len(await tilda.requests()) == 2


async def test_ten_at_once_and_each_three_times(tilda: Clinic) -> None:
    numbers = [tilda.site.new_number() for _ in range(10)] * 3
    sent = await asyncio.gather(*(tilda.site.submit([("Name", number)], tranid=number) for number in numbers))
    assert all(each.is_taken for each in sent)
    assert sorted(made.name for made in await tilda.requests()) == sorted(set(numbers))
