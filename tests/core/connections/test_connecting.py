"""«API Интеграции» (SET-06): fields, secrets, a real attempt, state and last error, disconnecting."""

from __future__ import annotations

import re

import httpx
import msgspec
import pytest
import structlog
from sqlalchemy import select, text

from prikus.config import Config
from prikus.connections.models import ClinicKey, Connection, ConnectionSecret, SendRecord
from prikus.connections.services import connecting, opening
from prikus.connections.vault import seal, unseal
from prikus.errors import Conflict, Denied, Invalid, Misconfigured, NotFound
from prikus.testing.clinics import Client, TestClinic
from prikus.testing.live import PATIENCE
from prikus_parcels.fake import KEY

NEW = "/connections/new/parcels"


async def set_up(client: Client, token: str = KEY) -> int:
    """Fill the form in; the connection's id."""
    saved = await client.htmx.post(NEW, data={"row_version": "0", "token": token, "office": "Главное"})
    assert saved.status_code == 200, saved.text
    listed = (await client.get("/connections/")).text
    found = re.search(r"/connections/(\d+)/connect", listed)
    assert found
    return int(found[1])


@pytest.mark.spec(
    "SET-06", bites="prikus.connections.services.connecting:connect:result = await kind[opened.kind].connect"
)
async def test_an_integration_is_chosen_filled_in_and_really_tried(clinic: TestClinic) -> None:
    director = await clinic.client_as("director")
    assert "Посылки пациентам" in (await director.htmx.get("/connections/new")).text
    id = await set_up(director)
    assert "Не подключена" in (await director.get("/connections/")).text
    tried = await director.htmx.post(f"/connections/{id}/connect")
    assert tried.status_code == 204
    listed = (await director.get("/connections/")).text
    assert "Отделение: № 7" in listed
    assert "Работает" in listed
    async with clinic.ctx_as("system") as ctx:
        sent = (await ctx.db.execute(select(SendRecord.host, SendRecord.path, SendRecord.status))).one()
    assert sent == ("post.example", "/me", 200)


@pytest.mark.spec(
    "SET-06", part="refused attempt", bites="prikus.connections.services.connecting:connect:await note_result"
)
async def test_a_wrong_key_is_said_and_kept_as_the_last_error(clinic: TestClinic) -> None:
    director = await clinic.client_as("director")
    id = await set_up(director, "tea-0000")
    refused = await director.htmx.post(f"/connections/{id}/connect")
    assert refused.status_code == 422
    assert "Почта не узнаёт этот ключ." in refused.text
    async with clinic.ctx_as("system") as ctx:
        row = await ctx.load(Connection, id)
        assert (row.state, row.error) == ("new", "Проверьте отмеченные поля.")


async def test_a_key_that_cannot_be_sent_is_said_and_appears_in_no_log(
    clinic: TestClinic, capsys: pytest.CaptureFixture[str]
) -> None:
    director = await clinic.client_as("director")
    id = await set_up(director, "ключ-с-русскими-буквами")
    refused = await director.htmx.post(f"/connections/{id}/connect")
    assert refused.status_code == 502
    assert "Скопируйте его ещё раз" in refused.text
    structlog.get_logger("prikus.test").error("tried", exc_info=_raised("ключ-с-русскими-буквами"))
    said = capsys.readouterr()
    assert "Traceback" in said.out
    assert "русскими" not in said.out + said.err


def _raised(secret: str) -> BaseException:
    """An exception with a secret among the variables of its frame."""
    try:
        raise RuntimeError(len(secret))
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    ("mode", "said"), [("broken", "непонятно"), ("large", "слишком большой"), ("moved", "непонятно")]
)
async def test_a_service_that_misbehaves_is_named(clinic: TestClinic, post_office: str, mode: str, said: str) -> None:
    director = await clinic.client_as("director")
    id = await set_up(director)
    assert (await director.htmx.post(f"/connections/{id}/connect")).is_success
    async with httpx.AsyncClient(base_url=post_office, timeout=PATIENCE) as control:
        await control.post(f"/faults/{mode}")
    failed = await director.htmx.post(f"/connections/{id}/connect")
    assert failed.status_code == 502
    assert said in failed.text
    assert "Не работает" in (await director.get("/connections/")).text


@pytest.mark.spec("SET-06", part="secrets", bites="prikus.connections.services.opening:keep_secrets:sealed = seal(")
async def test_a_secret_is_sealed_never_shown_and_kept_when_left_empty(clinic: TestClinic) -> None:
    director = await clinic.client_as("director")
    id = await set_up(director)
    form = (await director.htmx.get(f"/connections/{id}")).text
    assert KEY not in form
    assert "Сохранено и больше не показывается" in form
    data = {"row_version": version_in(form), "token": "", "office": "Другое"}
    assert (await director.htmx.post(f"/connections/{id}", data=data)).is_success
    async with clinic.ctx_as("director") as ctx:
        opened = await opening.open_connection(ctx, id)
        stored = (await ctx.db.scalars(select(ConnectionSecret.sealed))).all()
        dumped = await ctx.db.scalar(text("select string_agg(a::text, '') from core.audit_record a"))
    assert (opened.settings.token.reveal(), opened.settings.office) == (KEY, "Другое")
    assert KEY not in repr(opened)
    assert all(KEY.encode() not in one for one in stored)
    assert KEY not in dumped


async def test_signs_of_life_do_not_make_a_form_stale_but_a_colleague_does(clinic: TestClinic) -> None:
    director = await clinic.client_as("director")
    id = await set_up(director)
    version = version_in((await director.htmx.get(f"/connections/{id}")).text)
    assert (await director.htmx.post(f"/connections/{id}/connect")).is_success
    mine, theirs = ({"row_version": version, "token": "", "office": name} for name in ("Моё", "Их"))
    assert (await director.htmx.post(f"/connections/{id}", data=theirs)).is_success
    refused = await director.htmx.post(f"/connections/{id}", data=mine)
    assert (refused.status_code, refused.json()["fields"]) == (409, {"office": "Сейчас: «Их»."})
    mine["row_version"] = refused.json()["row_version"]
    assert (await director.htmx.post(f"/connections/{id}", data=mine)).is_success


def version_in(form: str) -> str:
    found = re.search(r'name="row_version" value="(\d+)"', form)
    assert found
    return found[1]


async def test_a_moved_secret_does_not_open() -> None:
    key = b"k" * 32
    sealed = seal(key, b"tea", "clinic 1 connection 1 token")
    assert unseal(key, sealed, "clinic 1 connection 1 token") == b"tea"
    for place, other in (("clinic 2 connection 1 token", key), ("clinic 1 connection 1 token", b"x" * 32)):
        with pytest.raises(Misconfigured, match="главный ключ"):
            unseal(other, sealed, place)


async def test_the_master_key_can_be_replaced(clinic: TestClinic) -> None:
    director = await clinic.client_as("director")
    await set_up(director)
    old = clinic.house.config.master_keys()[0].hex()
    async with clinic.ctx_as("director") as ctx:
        assert await ctx.db.scalar(select(ClinicKey.master))
        for keys, opens in ((f"{'ab' * 32},{old}", True), ("ab" * 32, False)):
            config: Config = msgspec.structs.replace(clinic.house.config, master_key=keys)
            vault = opening.Vault(config)
            if opens:
                assert len(await vault.clinic_key(ctx.db, clinic.id)) == 32
            else:
                with pytest.raises(Misconfigured, match="другой"):
                    await vault.clinic_key(ctx.db, clinic.id)


@pytest.mark.spec(
    "SET-06", part="disconnecting", bites="prikus.connections.services.connecting:disconnect:await ctx.db.delete"
)
async def test_disconnecting_forgets_the_secrets_and_the_address(clinic: TestClinic) -> None:
    director = await clinic.client_as("director")
    id = await set_up(director)
    url = await address(clinic, id)
    assert (await director.htmx.post(f"/connections/{id}/disconnect")).is_success
    assert "Отключена" in (await director.get("/connections/")).text
    async with clinic.ctx_as("system") as ctx:
        assert (await ctx.db.scalars(select(ConnectionSecret.id))).all() == []
    assert (await director.post(url, content=b"{}")).status_code == 404


async def test_what_was_disconnected_is_connected_again_with_its_keys_typed_anew(clinic: TestClinic) -> None:
    """«Изменить» opens without them; a kind that shows its address did not."""
    director = (await clinic.client_as("director")).htmx
    id = await set_up(director)
    card = f"/connections/{id}"
    assert (await director.post(f"{card}/disconnect")).is_success
    form = await director.get(card)
    version = re.search(r'name="row_version" value="(\d+)"', form.text)
    assert version, form.text
    saved = await director.post(card, data={"row_version": version[1], "token": KEY})
    assert saved.is_success, saved.text
    assert (await director.post(f"{card}/connect")).status_code == 204
    assert await address(clinic, id)


async def test_what_an_attempt_under_way_gave_does_not_end_a_disconnection(clinic: TestClinic) -> None:
    director = await clinic.client_as("director")
    id = await set_up(director)
    outer = await clinic.outside_as()
    for state in ("on", "off"):
        what = "connect" if state == "on" else "disconnect"
        assert (await director.htmx.post(f"/connections/{id}/{what}")).is_success
        await connecting.note_result(outer, id, None)
        async with clinic.ctx_as("system") as ctx:
            assert (await ctx.load(Connection, id)).state == state


async def address(clinic: TestClinic, id: int) -> str:
    async with clinic.ctx_as("director") as ctx:
        url = (await opening.open_connection(ctx, id)).webhook_url
    assert url
    return url[url.index("/webhooks/") :]


@pytest.mark.spec("SET-06", part="own right", bites="prikus.connections.services.connecting:connect:outer.require")
async def test_an_own_right_is_needed_and_other_clinics_see_nothing(clinic: TestClinic) -> None:
    director, desk = await clinic.client_as("director"), await clinic.client_as("administrator")
    id = await set_up(director)
    for path in ("/connections/", "/connections/new", NEW, f"/connections/{id}"):
        assert (await desk.htmx.get(path)).status_code == 403
    outer = await clinic.outside_as("administrator")
    with pytest.raises(Denied):
        await connecting.connect(outer, id)


async def test_one_is_enough_where_the_kind_says_so_and_unknown_kinds_are_unknown(clinic: TestClinic) -> None:
    await set_up(await clinic.client_as("director"))
    async with clinic.ctx_as("director") as ctx:
        with pytest.raises(Conflict, match="уже есть"):
            await connecting.new_form(ctx, "parcels")
        with pytest.raises(NotFound):
            await connecting.new_form(ctx, "pigeons")


async def test_what_is_missing_is_said_beside_its_field(clinic: TestClinic) -> None:
    async with clinic.ctx_as("director") as ctx:
        form = await connecting.new_form(ctx, "parcels")
        with pytest.raises(Invalid) as refused:
            await connecting.save(ctx, form, {"office": "x" * 5000})
    assert set(refused.value.fields) == {"token", "office"}
