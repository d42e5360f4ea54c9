"""The way out: allowed hosts, public addresses, a breaker, no transaction (reliability 21, 22, 48)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpcore
import httpx
import msgspec
import pytest
from sqlalchemy import select

from prikus.access.performing import Performer
from prikus.config import WorkPace
from prikus.connections.models import Connection, SendRecord
from prikus.connections.services import outgoing
from prikus.connections.services.connecting import connect
from prikus.connections.services.opening import connections_of, keep_secrets, open_connection
from prikus.connections.services.outgoing import HttpAnswer, OutsideFailed, outgoing_client
from prikus.errors import Misconfigured
from prikus.events.queue import Queue
from prikus.host.manifest import Use
from prikus.testing.clinics import TestClinic
from prikus.testing.live import PATIENCE
from prikus_parcels import jobs
from prikus_parcels.fake import KEY
from tests.core.connections.test_connecting import set_up


async def connected(clinic: TestClinic, token: str = KEY) -> int:
    id = await set_up(await clinic.client_as("director"), token)
    await connect(await clinic.outside_as("director"), id)
    return id


async def test_a_host_that_the_manifest_does_not_name_is_refused(clinic: TestClinic) -> None:
    id = await connected(clinic)
    outer = await clinic.outside_as()
    async with outer.unit() as ctx:
        connection = await open_connection(ctx, id)
    async with outgoing_client(outer, connection) as http:
        for url in ("https://elsewhere.example/", "http://post.example/", "https://post.example.evil.example/"):
            with pytest.raises(Misconfigured, match="uses"):
                await http.get(url)


@pytest.mark.parametrize(
    ("named", "host", "reaches"),
    [
        ("post.example", "post.example", True),
        ("post.example", "more.post.example", False),
        ("*.post.example", "up1.post.example", True),
        ("*.post.example", "a.b.post.example", True),
        ("*.post.example", "post.example", False),
        ("*.post.example", ".post.example", False),
        ("*.post.example", "evilpost.example", False),
        ("*.post.example", "post.example.evil.example", False),
        ("*.example", "post.example", False),
        ("*.", "post.example", False),
        (None, "post.example", False),
        (None, "", False),
    ],
)
def test_a_star_names_the_hosts_below_one_domain(named: str | None, host: str, reaches: bool) -> None:
    assert Use("имя", "отправка", named).reaches(host) is reaches


async def test_an_address_that_a_service_gives_is_asked_for_first(clinic: TestClinic) -> None:
    id = await connected(clinic)
    outer = await clinic.outside_as()
    async with outer.unit() as ctx:
        connection = await open_connection(ctx, id)
    urls = ("https://post.example/up?x=1", "http://post.example/", "https://elsewhere.example/", "https://[bad", "")
    async with outgoing_client(outer, connection) as http:
        assert [http.allows(url) for url in urls] == [True, False, False, False, False]


@pytest.mark.parametrize(("said", "is_sent"), [(9, True), (8, False), (10, False)])
async def test_a_body_leaves_in_parts_with_the_length_that_was_said(
    clinic: TestClinic, said: int, is_sent: bool
) -> None:
    id = await connected(clinic)
    outer = await clinic.outside_as()
    async with outer.unit() as ctx:
        connection = await open_connection(ctx, id)
    given: list[int] = []

    async def parts() -> AsyncIterator[bytes]:
        for number in range(3):
            given.append(number)
            yield b"abc"

    async with outgoing_client(outer, connection) as http:
        sending = http.request(
            "PUT", "https://post.example/pictures", content=parts(), headers={"Content-Length": str(said)}, seconds=60
        )
        if is_sent:
            assert (await sending).json() == {"content-length": "9", "transfer-encoding": None, "got": 9}
            assert given == [0, 1, 2]
        else:
            with pytest.raises(OutsideFailed, match="связь прервалась"):
                await sending


@pytest.mark.parametrize(
    "url",
    [
        "https://up.post.example/a\x01b",
        "https://up.post.example/a\0b",
        "https://up.post.example:abc/x",
        "https://up.post.example:99999/x",
        f"https://up.post.example/{'a' * 66_000}",
        "https://a..post.example/",
        f"https://{'a' * 70}.post.example/",
        "https://xn--.post.example/",
        "https://post.example/\ud800",
    ],
    ids=range(9),
)
async def test_an_address_that_is_none_is_not_asked_and_stands_in_the_log(clinic: TestClinic, url: str) -> None:
    """A service may give any address for an upload."""
    id = await connected(clinic)
    outer = await clinic.outside_as()
    async with outer.unit() as ctx:
        connection = await open_connection(ctx, id)
    async with outgoing_client(outer, connection) as http:
        with pytest.raises(OutsideFailed, match=r"адрес|соединение не установлено") as caught:
            await http.request("PUT", url, content=b"abc")
    assert not caught.value.is_unknown
    async with clinic.ctx_as("director") as ctx:
        query = select(SendRecord.error).where(SendRecord.method == "PUT", SendRecord.connection_id == id)
        assert list(await ctx.db.scalars(query)) == [caught.value.sentence]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("to", "is_answer"),
    [
        ("https://elsewhere.example/", True),
        ("https://a..b/", True),
        (f"https://{'a' * 70}.ru/", True),
        ("https://[bad", True),
        ("https://xn--.ru/", False),
        ("https://xn--a-ecp.ru/", False),
        ("mailto:info@post.example", False),
    ],
    ids=range(7),
)
async def test_wherever_an_answer_leads_it_stands_in_the_log(
    clinic: TestClinic, to: str, is_answer: bool, method: str
) -> None:
    """Nobody is followed, but httpx reads the address."""
    id = await connected(clinic)
    outer = await clinic.outside_as()
    async with outer.unit() as ctx:
        connection = await open_connection(ctx, id)
    status, error = 302, None
    async with outgoing_client(outer, connection) as http:
        asking = http.request(method, "https://post.example/moved", params={"to": to})
        if is_answer:
            assert (await asking).status == 302
        else:
            with pytest.raises(OutsideFailed, match="негодный адрес") as caught:
                await asking
            assert caught.value.is_unknown is (method == "POST")
            status, error = None, caught.value.sentence
    async with clinic.ctx_as("director") as ctx:
        query = select(SendRecord.status, SendRecord.error).where(SendRecord.path == "/moved")
        assert [tuple(row) for row in await ctx.db.execute(query)] == [(status, error)]


async def test_only_a_header_that_cannot_leave_is_put_down_to_the_key(clinic: TestClinic) -> None:
    id = await connected(clinic)
    outer = await clinic.outside_as()
    async with outer.unit() as ctx:
        connection = await open_connection(ctx, id)
    async with outgoing_client(outer, connection) as http:
        with pytest.raises(OutsideFailed, match="В ключе доступа есть знаки"):
            await http.post("https://post.example/parcels", headers={"Authorization": "ключ"}, json={"number": 1})
        with pytest.raises(OutsideFailed, match="адрес") as caught:
            await http.post("https://post.example/\ud800", headers={"Authorization": KEY}, json={"number": 1})
    assert "ключе" not in caught.value.sentence


async def test_nobody_waits_for_the_network_inside_a_transaction(clinic: TestClinic) -> None:
    id = await connected(clinic)
    async with clinic.ctx_as("director") as ctx:
        connection = await open_connection(ctx, id)
        with pytest.raises(Misconfigured, match="транзакции"):
            async with outgoing_client(ctx, connection):
                pass
    outer = await clinic.outside_as()
    with pytest.raises(Misconfigured, match="нет открытой транзакции"):
        await outer.db.execute("select 1")  # type: ignore[call-overload]


@pytest.mark.parametrize(("status", "is_unknown"), [(200, True), (202, True), (422, False), (404, False)])
def test_a_success_that_nobody_can_read_may_have_been_done(status: int, is_unknown: bool) -> None:
    with pytest.raises(OutsideFailed) as caught:
        HttpAnswer(status, {}, b"<html>").json(dict[str, str])
    assert caught.value.is_unknown is is_unknown


@pytest.mark.parametrize(("method", "path", "is_unknown"), [("POST", "/parcels", True), ("GET", "/me", False)])
async def test_an_answer_that_is_too_large_may_follow_what_was_done(
    clinic: TestClinic, method: str, path: str, is_unknown: bool
) -> None:
    id = await connected(clinic)
    outer = await clinic.outside_as()
    async with outer.unit() as ctx:
        connection = await open_connection(ctx, id)
    body = {"json": {"number": 1}} if method == "POST" else {}
    async with outgoing_client(outer, connection) as http:
        with pytest.raises(OutsideFailed, match="слишком большой") as caught:
            await http.request(method, f"https://post.example{path}", largest=1, **body)
    assert caught.value.is_unknown is is_unknown


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "::1", "192.168.1.1"])
async def test_private_addresses_are_refused(host: str) -> None:
    with pytest.raises(httpcore.ConnectError, match="public"):
        await outgoing.public_address(host, 443)


async def test_the_checked_transport_is_what_httpx_uses() -> None:
    """Twin: the usual transport reaches this machine, the checked one does not."""
    async with httpx.AsyncClient(transport=outgoing.CheckedTransport()) as client:
        with pytest.raises(httpx.ConnectError, match="public"):
            await client.get("http://localhost:1/")
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError) as refused:
            await client.get("http://localhost:1/")
    assert "public" not in str(refused.value)


async def test_a_fake_opens_no_other_way_to_this_machine(post_office: str) -> None:
    async with httpx.AsyncClient(transport=outgoing.CheckedTransport([post_office]), timeout=PATIENCE) as client:
        assert (await client.get(f"{post_office}/seen")).is_success
        for elsewhere in ("http://127.0.0.1:1/", post_office.replace("127.0.0.1", "localhost")):
            with pytest.raises(httpx.ConnectError, match="public"):
                await client.get(elsewhere)


async def test_a_connection_that_fails_rests_and_others_do_not(clinic: TestClinic, post_office: str) -> None:
    id = await connected(clinic)
    async with httpx.AsyncClient(base_url=post_office, timeout=PATIENCE) as control:
        await control.post("/faults/broken")
    outer = await clinic.outside_as()
    async with outer.unit() as ctx:
        connection = await open_connection(ctx, id)
    async with outgoing_client(outer, connection) as http:
        for _ in range(outgoing.FAILURES):
            assert (await http.get("https://post.example/me")).status == 500
        with pytest.raises(OutsideFailed, match="Попробуем позже"):
            await http.get("https://post.example/me")
    other = msgspec.structs.replace(connection, id=id + 1)
    assert not outgoing.breaker.is_open(other.id)


async def test_a_job_talks_outside_of_a_transaction_and_is_done_once(clinic: TestClinic, post_office: str) -> None:
    await connected(clinic)
    async with clinic.ctx_as("director") as ctx:
        await ctx.enqueue(jobs.send_parcel, jobs.Parcel(clinic.id))
        assert [one.kind for one in await connections_of(ctx, "parcels")] == ["parcels"]
    await clinic.drain()
    async with httpx.AsyncClient(base_url=post_office, timeout=PATIENCE) as control:
        seen = (await control.get("/seen")).json()
    assert seen.count({"number": clinic.id}) == 1


async def test_a_job_that_waits_for_the_network_too_long_is_given_up(clinic: TestClinic, post_office: str) -> None:
    await connected(clinic)
    async with clinic.ctx_as("director") as ctx:
        await ctx.enqueue(jobs.send_parcel, jobs.Parcel(clinic.id))
    async with httpx.AsyncClient(base_url=post_office, timeout=PATIENCE) as control:
        await control.post("/faults/slow")
    runtime = clinic.house.runtime
    performer = Performer(runtime, clinic.house.states, Queue(runtime.relay, WorkPace(longest=0.5)))
    await performer.perform_due(clinic.id)
    (letter,) = await performer.queue.letters(state="due", clinic_id=clinic.id)
    assert letter.error == "Не закончилось за 0.5 с и прервано."


async def test_opening_many_connections_takes_no_more_statements(clinic: TestClinic, count_statements) -> None:
    counted = []
    for title in ("Первая", "Вторая", "Третья"):
        async with clinic.ctx_as("director") as ctx:
            row = Connection(plugin_id="parcels", kind="pallets", title=title, state="on")
            ctx.db.add(row)
            await ctx.db.flush()
            await keep_secrets(ctx, row.id, {"webhook_token": title})
        async with clinic.ctx_as("director") as ctx:
            with count_statements() as statements:
                opened = await connections_of(ctx, "pallets")
        assert all((one.webhook_url or "").endswith(one.title) for one in opened)
        counted.append((len(opened), len(statements)))
    assert [opened for opened, _ in counted] == [1, 2, 3]
    assert len({spent for _, spent in counted}) == 1
