"""Forms of parts that no browser sends: each is refused in a sentence, and none of them fills the memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import AsyncIterator

import pytest

from tests.core.files.conftest import lying, picture

FORM = {"Content-Type": "multipart/form-data; boundary=limit"}
HTMX = {"HX-Request": "true"}
PIECE = b"a" * 50_000
MB = 1_000_000


def part(name: str, value: bytes, filename: str | None = None, kind: str | None = None) -> bytes:
    """One part of a form, as it travels."""
    file = "" if filename is None else f'; filename="{filename}"'
    head = f'--limit\r\nContent-Disposition: form-data; name="{name}"{file}\r\n'
    head += f"Content-Type: {kind}\r\n" if kind else ""
    return head.encode() + b"\r\n" + value + b"\r\n"


def body(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--limit--\r\n"


async def in_pieces(head: bytes, pieces: int) -> AsyncIterator[bytes]:
    yield head
    for _ in range(pieces):
        yield PIECE
    yield b"\r\n--limit--\r\n"


@pytest.fixture
async def client(clinic):
    return await clinic.client_as("administrator")


@pytest.mark.parametrize("address", ["/album/photos", "/sign-in"])
@pytest.mark.parametrize("filename", [None, ""])
async def test_a_long_text_is_not_gathered_in_memory(clinic, address, filename) -> None:
    client = await clinic.client_as("administrator" if address == "/album/photos" else None)
    head = part("patient_id", b"", filename).removesuffix(b"\r\n")
    await client.post(address, content=body(part("patient_id", b"1")), headers=FORM | HTMX)
    tracemalloc.start()
    try:
        answer = await client.post(address, content=in_pieces(head, 100), headers=FORM | HTMX)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (answer.status_code, answer.json()["fields"]) == (
        422,
        {"patient_id": "Слишком много текста для одной формы."},
    )
    assert peak < 3 * MB


async def test_texts_and_names_are_counted_together(client) -> None:
    for parts in (
        [part("patient_id", PIECE)] * 21,
        [part("x" * 3_000, b"")] * 400,
        [part("patient_id", b"1")] * 1_001,
    ):
        answer = await client.post("/album/photos", content=body(*parts), headers=FORM | HTMX)
        assert (answer.status_code, "sentence" in answer.json()) == (422, True)


async def test_a_form_takes_as_many_files_as_it_has_fields_for(client, folder) -> None:
    many = [part("picture", PIECE, "a.jpg", "image/jpeg")] * 50
    answer = await client.post("/album/photos", content=body(*many), headers=FORM | HTMX)
    assert (answer.status_code, answer.json()["fields"]) == (422, {"picture": "Здесь можно выбрать только один файл."})
    for name in ("patient_id", "other"):
        answer = await client.post("/album/photos", content=body(part(name, PIECE, "a.jpg")), headers=FORM | HTMX)
        assert (answer.status_code, "В этой форме файл не ждут" in answer.text) == (422, True)
    assert lying(folder) == set()


async def test_a_form_within_its_bounds_is_taken(clinic, client) -> None:
    patient = str(await clinic.patient()).encode()
    sent = body(part("patient_id", patient, kind="text/plain; charset=UTF-8"), part("picture", picture(), "снимок.jpg"))
    answer = await client.post("/album/photos", content=sent, headers=FORM)
    assert answer.status_code == 204, answer.text


@pytest.mark.parametrize("address", ["/album/photos", "/sign-in"])
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (b"\xff\xfe", None),
        (b"1", "text/plain; charset=bogus"),
        (b"1", "text/plain; charset=hex"),
        ("ё".encode("cp1251"), "text/plain; charset=ascii"),
    ],
)
async def test_text_that_cannot_be_read_is_refused(clinic, client, address, value, kind) -> None:
    asking = client if address == "/album/photos" else await clinic.client_as(None)
    answer = await asking.post(address, content=body(part("patient_id", value, kind=kind)), headers=FORM | HTMX)
    assert (answer.status_code, bool(answer.json()["sentence"])) == (422, True)


async def test_text_that_cannot_be_read_is_told_beside_its_field(client) -> None:
    for value, kind, sentence in (
        (b"\xff\xfe", None, "В тексте есть недопустимый знак."),
        (b"1", "text/plain; charset=bogus", "Текст должен быть в кодировке UTF-8."),
    ):
        sent = body(part("patient_id", value, kind=kind))
        answer = await client.post("/album/photos", content=sent, headers=FORM | HTMX)
        assert answer.json()["fields"] == {"patient_id": sentence}


async def test_a_page_that_reads_the_form_itself_takes_no_file(clinic) -> None:
    sent = body(part("email", PIECE, "a.jpg", "image/jpeg"))
    answer = await (await clinic.client_as(None)).post("/sign-in", content=sent, headers=FORM | HTMX)
    assert (answer.status_code, "В этой форме файл не ждут" in answer.text) == (422, True)
