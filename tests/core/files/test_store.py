"""Where bytes lie: the same promises of a folder and of S3."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import httpx
import pytest

from prikus.config import Config
from prikus.errors import Misconfigured, NotFound
from prikus.files import store as stores
from prikus.files.store import Store, StoreAway
from prikus.testing.fakes import fake_provider
from prikus.testing.live import PATIENCE, free_port
from prikus.testing.plugin import own
from tests.core.conftest import SAMPLES
from tests.core.files.s3 import BUCKET, CUT, SILENT

LARGE = bytes(range(256)) * 50_000
"""More than a part of an upload to S3 (5 MB)."""
PIECE = 2**16
"""Little enough to come in a moment, also on a busy machine."""


@own
async def folder_store(tmp_path) -> Store:
    return Store(str(tmp_path / "files"))


@own
async def s3_url(monkeypatch) -> AsyncIterator[str]:
    async with fake_provider("tests.core.files.s3:build", folders=[SAMPLES.parents[1]]) as url:
        for name, value in {
            "AWS_ENDPOINT": url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "ru-central1",
        }.items():
            monkeypatch.setenv(name, value)
        yield url


@own
async def s3_store(s3_url) -> Store:
    return Store(f"s3://{BUCKET}/prikus")


@pytest.fixture(params=["folder_store", "s3_store"])
def store(request) -> Store:
    return request.getfixturevalue(request.param)


async def parts(data: bytes, size: int = 1_000_000, cut: bool = False) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]
    if cut:
        raise ConnectionResetError


async def read(store: Store, clinic_id: int, key: uuid.UUID) -> bytes:
    return b"".join([part async for part in await store.get(clinic_id, key)])


async def keys(store: Store, clinic_id: int) -> set[tuple[uuid.UUID, int]]:
    return {(one.key, one.size) async for batch in store.lying(clinic_id) for one in batch}


@pytest.mark.parametrize("data", [b"x", LARGE])
async def test_what_is_kept_comes_back_and_goes(store, data) -> None:
    key = uuid.uuid4()
    await store.put(7, key, parts(data))
    assert await read(store, 7, key) == data
    assert await keys(store, 7) == {(key, len(data))}
    for _ in range(2):
        await store.delete(7, key)
        with pytest.raises(NotFound):
            await store.get(7, key)
    assert await keys(store, 7) == set()


@pytest.mark.parametrize("data", [b"x", LARGE])
async def test_what_was_cut_off_never_lies_there(store, data) -> None:
    key = uuid.uuid4()
    with pytest.raises(ConnectionResetError):
        await store.put(7, key, parts(data, cut=True))
    with pytest.raises(NotFound):
        await store.get(7, key)
    assert await keys(store, 7) == set()


async def test_a_store_that_is_away_is_a_sentence_that_may_be_repeated(monkeypatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    away, key = Store(f"s3://{BUCKET}"), uuid.uuid4()
    for doing in (away.put(7, key, parts(b"x")), away.get(7, key), away.delete(7, key)):
        with pytest.raises(StoreAway, match="не отвечает") as refusal:
            await doing
        assert refusal.value.status == 503
    with pytest.raises(StoreAway):
        await keys(away, 7)


@pytest.mark.parametrize("cut", [100, len(LARGE) - 100])
async def test_an_answer_that_is_cut_is_a_sentence(s3_url, monkeypatch, cut) -> None:
    monkeypatch.setitem(stores.RETRIES, "max_retries", 0)
    broken, key = Store(f"s3://{BUCKET}/prikus"), uuid.uuid4()
    await broken.put(7, key, parts(LARGE))
    async with httpx.AsyncClient(timeout=PATIENCE) as fake:
        await fake.put(f"{s3_url}{CUT}", content=str(cut))
    with pytest.raises(StoreAway):
        await read(broken, 7, key)


async def test_who_reads_slowly_gets_everything(s3_url, monkeypatch) -> None:
    """The second part is taken when a request that began after the first one has run out of its time."""
    usual, key, came = Store(f"s3://{BUCKET}/prikus"), uuid.uuid4(), b""
    await usual.put(7, key, parts(LARGE[: 3 * PIECE]))
    monkeypatch.setitem(stores.TIMEOUTS, "timeout", "3s")
    monkeypatch.setitem(stores.RETRIES, "max_retries", 0)
    monkeypatch.setattr(stores, "PIECE", PIECE)
    slow = Store(f"s3://{BUCKET}/prikus")
    async for part in await slow.get(7, key):
        if not came:
            with pytest.raises(StoreAway):
                await slow.get(7, SILENT)
        came += part
    assert came == LARGE[: 3 * PIECE]


async def test_a_file_comes_in_parts_that_are_small(store) -> None:
    key = uuid.uuid4()
    await store.put(7, key, parts(LARGE))
    assert {len(part) > stores.PART async for part in await store.get(7, key)} == {False}


async def test_clinics_do_not_see_each_other(store) -> None:
    key = uuid.uuid4()
    await store.put(1, key, parts(b"x"))
    assert await keys(store, 11) == set()
    assert len(await keys(store, 1)) == 1
    for clinic_id in (11, 0):
        with pytest.raises(NotFound):
            await store.get(clinic_id, key)


async def test_no_path_is_made_of_anything_but_numbers_and_keys(store) -> None:
    for clinic_id, key in ((1, "../../etc/passwd"), ("../x", uuid.uuid4())):
        with pytest.raises(ValueError, match=r"invalid literal|badly formed"):
            await store.get(clinic_id, key)  # type: ignore[arg-type]


def test_the_store_is_a_folder_or_s3_and_nothing_else(tmp_path) -> None:
    assert Config.load({"PRIKUS_FILES": str(tmp_path)}).files == str(tmp_path)
    assert Config.load({"PRIKUS_FILES": "s3://bucket/prefix/"}).files == "s3://bucket/prefix"
    for wrong in ("http://example.ru/files", "gs://bucket"):
        with pytest.raises(Misconfigured, match="PRIKUS_FILES"):
            Config.load({"PRIKUS_FILES": wrong})
