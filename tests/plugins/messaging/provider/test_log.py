"""«Сообщения»: what is shown, narrowed, followed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from prikus.testing.following import followed
from tests.plugins.messaging.provider.conftest import Post

LOG = "/messaging/messages"


def numbers(page: str) -> list[str]:
    """Last digits of the numbers of a page's rows."""
    return re.findall(r"\+7 999 000-00-(\d\d)", page)


async def shown(post: Post, **filters: Any) -> list[str]:
    return numbers((await post.director.get(LOG, params=filters)).text)


@pytest.mark.spec("CRM-26", bites="prikus_messaging.services.outcomes:_keep:message.parts =")
async def test_the_log_tells_what_is_known(post: Post) -> None:
    patient = await post.clinic.patient(phone="+79990000001")
    await post.write("ж" * 71, None, patient_id=patient)
    await post.write("Ждём вас", "+79990000002")
    await post.fake.misbehave("number")
    await post.work()
    page = (await post.director.get(LOG)).text
    for words in ("Морозова\xa0А.", "+7 999 000-00-02", "Ждём вас", "Ошибка отправки", "Принято оператором", "4,20"):
        assert words in page
    await post.clinic.change("update messaging.outbound_message set parts = 9 where parts = 1")
    await post.fake.press("delivered", account=post.linked.fields["token"])
    await post.clinic.drain()
    page = (await post.director.get(LOG)).text
    assert "Доставлено" in page
    assert re.findall(r'<td class="ui-end ui-wide">(\d+)</td>', page) == ["1", "2"], "the service says how many"
    assert (await (await post.clinic.client_as("doctor")).get(LOG)).status_code == 403


@pytest.mark.spec("CRM-27", bites="prikus_messaging.services.log:_narrowed:if filters.text")
async def test_each_filter_narrows(post: Post) -> None:
    for number, words in (("01", "Ждём вас завтра"), ("02", "ж" * 71), ("03", "Ваш приём перенесён")):
        await post.write(words, f"+799900000{number}")
    await post.clinic.change(
        "update messaging.outbound_message set created_at = now() - interval '3 days' * (id = ("
        "select min(id) from messaging.outbound_message))::int"
    )
    today = (await post.rows("(created_at at time zone 'Asia/Yekaterinburg')::date::text"))[-1][0]
    assert await shown(post) == ["03", "02", "01"]
    assert await shown(post, date_from=today) == ["03", "02"]
    assert await shown(post, date_to=today) == ["03", "02", "01"]
    assert await shown(post, text="ПРИЁМ") == ["03"]
    assert await shown(post, phone="8 999 000-00-02") == ["02"]
    assert await shown(post, phone="0003") == ["03"]
    assert await shown(post, phone="8 999 000") == ["03", "02", "01"]
    assert await shown(post, phone="8 999 001") == []
    assert await shown(post, parts="2") == ["02"]
    assert await shown(post, status="queued") == ["03", "02", "01"]
    await post.work()
    assert await shown(post, status="queued") == []
    assert await shown(post, status="accepted", parts="1") == ["03", "01"]


async def test_words_with_signs_of_patterns_are_words(post: Post) -> None:
    await post.write("Скидки 50% нет_", "+79990000001")
    await post.write("Ждём вас", "+79990000002")
    assert await shown(post, text="50%") == ["01"]
    assert await shown(post, text="_") == ["01"]
    assert await shown(post, text="%") == ["01"]


async def test_pages_are_turned_over_without_loss(post: Post) -> None:
    for number in range(35):
        await post.write("Ждём вас", f"+799900000{number:02d}")
    first = (await post.director.get(LOG)).text
    onward = re.search(r'href="([^"]*after=[^"]*)"', first)
    assert onward is not None
    second = (await post.director.get(onward[1].replace("&amp;", "&"))).text
    assert numbers(first) + numbers(second) == [f"{number:02d}" for number in reversed(range(35))]


async def test_a_program_follows_them(post: Post) -> None:
    message = await post.write()
    program = await post.clinic.program("messaging.message.view", per_minute=3000)
    found, cursor = await followed(program, "/api/v1/messaging/messages/changes", [message])
    assert found[message]["state"] == "queued"
    await post.work()
    found, _ = await followed(program, "/api/v1/messaging/messages/changes", [message], cursor)
    assert (found[message]["state"], found[message]["parts"]) == ("accepted", 1)
