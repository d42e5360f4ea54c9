"""Everything about a patient in one ZIP: a page that people read, and every row of every table as JSON (N-12, 53)."""

from __future__ import annotations

import asyncio
import io
import tempfile
import zipfile
from collections.abc import AsyncIterator, Sequence
from html import escape
from typing import Any

import msgspec
from sqlalchemy import select, text

from prikus.access.context import Context
from prikus.access.names import full_name
from prikus.errors import NotFound
from prikus.files.store import store_of
from prikus.patients.hookspecs import Exporting, PatientRecords
from prikus.patients.models import Patient
from prikus.patients.services.attached import Attached, attached
from prikus.patients.services.moving import owner_title
from prikus.patients.services.tracing import read_map

RIGHT = "patients.patient.export"
PART = 2**18
COLLECTED = 16 * PART
"""What is larger is collected on the disk, and not in memory."""
QUOTE = '"'
README = """Все данные пациента из системы Prikus.

«Данные пациента.html» – то же для чтения: карточка, приёмы, счета и остальное по разделам.
Папка «данные» – все строки всех таблиц, по строке JSON: и тех модулей, которые выключены или удалены.
Папка «файлы» – снимки и другие файлы, на которые указывают эти строки.
Остальные папки – файлы, которые приложили модули.
"""
PAGE = """<!doctype html><html lang="ru"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:15px/1.5 sans-serif;margin:2rem;max-width:70rem}}table{{border-collapse:collapse;width:100%}}
th,td{{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}}h2{{margin-top:2rem}}</style>
<h1>{title}</h1><p>Выгружено {moment} (UTC).</p>
{sections}</html>
"""


class Piece(io.RawIOBase):
    """What the archive has written since the last look: it is never whole in memory."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


async def note_export(ctx: Context, patient_id: int) -> Patient:
    """The card that may be handed out; who does it goes into the audit first, in a transaction of its own.

    Raises `NotFound`, `Denied`.
    """
    ctx.require(RIGHT)
    ctx.require("patients.sensitive.view")
    patient = await ctx.load(Patient, patient_id)
    async with ctx.unit() as own:
        words = f"Выгружены все данные карты № {patient.card_number:06d}."
        await own.audit("patient.exported", "patient", patient_id, words)
    return patient


async def export_patient(ctx: Context, patient: Patient) -> AsyncIterator[bytes]:
    """The archive in parts, as of one moment, table after table. `note_export` comes before it.

    Rows are collected in a file without a name first, so that no transaction waits for whoever reads slowly.
    """
    piece = Piece()
    with zipfile.ZipFile(piece, "w", zipfile.ZIP_DEFLATED) as archive:
        with tempfile.SpooledTemporaryFile(COLLECTED) as collected:
            async with ctx.lifecycle_unit(read_only=True) as own:
                async for part in _words(own, archive, piece, patient):
                    await asyncio.to_thread(collected.write, part)
                files = await attached(own, await read_map(own.db), patient.id)
            await asyncio.to_thread(collected.seek, 0)
            while part := await asyncio.to_thread(collected.read, PART):
                yield part
        async for part in _files(ctx, archive, piece, files):
            yield part
    yield piece.take()


async def _words(ctx: Context, archive: zipfile.ZipFile, piece: Piece, patient: Patient) -> AsyncIterator[bytes]:
    """What stands in the database, for people and as rows."""
    archive.writestr("Прочтите.txt", README)
    archive.writestr("Данные пациента.html", await _page(ctx, patient))
    for answer in await ctx.run_lifecycle("patient_exporting", exporting=Exporting(patient.id)):
        for file in answer.value:
            archive.writestr(f"{answer.owner}/{file.name}", file.content)
    async for part in _rows(ctx, archive, piece, patient.id):
        yield part
    yield piece.take()


async def _files(
    ctx: Context, archive: zipfile.ZipFile, piece: Piece, files: Sequence[Attached]
) -> AsyncIterator[bytes]:
    """The files themselves, after the transaction: bytes may travel for long. What was lost is named."""
    store = store_of(ctx.runtime.config)
    for file in files:
        name = f"файлы/{file.table.replace(QUOTE, '')}/{file.id} {file.name}"
        try:
            parts = await store.get(ctx.clinic.id, file.key)
        except NotFound:
            archive.writestr(f"{name} – файл утрачен.txt", "")
            continue
        with archive.open(zipfile.ZipInfo(name, ctx.now().timetuple()[:6]), "w") as entry:
            async for part in parts:
                entry.write(part)
                yield piece.take()


async def _rows(ctx: Context, archive: zipfile.ZipFile, piece: Piece, patient_id: int) -> AsyncIterator[bytes]:
    """Every row about the patient: a file for a table that has any, rows as PostgreSQL says them."""
    tables = [("core.patient", "id = :patient")]
    tables += [(one.table, one.where) for one in (await read_map(ctx.db)).reach()]
    for table, where in tables:
        lines = await ctx.db.stream_scalars(
            text(f"select to_jsonb(t)::text from {table} t where {where} order by id"), {"patient": patient_id}
        )
        written = 0
        file = None
        async for line in lines:
            file = file or archive.open(f"данные/{table.replace(QUOTE, '')}.jsonl", "w")
            written += file.write(f"{line}\n".encode())
            if written > PART:
                written = 0
                yield piece.take()
        if file is not None:
            file.close()


async def _page(ctx: Context, patient: Patient) -> str:
    name = full_name(patient.last_name, patient.first_name, patient.patronymic)
    sections = [await _section(ctx, records, patient.id) for records in records_of(ctx)]
    title = escape(f"{name}, карта № {patient.card_number:06d}")
    return PAGE.format(title=title, moment=ctx.now().strftime("%d.%m.%Y %H:%M"), sections="".join(sections))


async def _section(ctx: Context, records: PatientRecords, patient_id: int) -> str:
    query = select(*records.columns.values()).select_from(records.model).where(records.patient == patient_id)
    found = (await ctx.db.execute(query.order_by(records.model.id))).all()
    if not found:
        return ""
    owner = escape(owner_title(ctx.system, records.model.__table__.schema))
    head = "".join(f"<th>{escape(title)}</th>" for title in records.columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(_said(ctx, v))}</td>" for v in row) + "</tr>" for row in found)
    return f"<h2>{escape(records.title)}</h2><p>{owner}</p><table><tr>{head}</tr>{body}</table>"


def _said(ctx: Context, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "да" if value else "нет"
    if hasattr(value, "astimezone"):
        return value.astimezone(ctx.zone()).strftime("%d.%m.%Y %H:%M")
    if hasattr(value, "strftime"):
        return value.strftime("%d.%m.%Y")
    return value if isinstance(value, str) else msgspec.json.encode(value).decode().strip('"')


def records_of(ctx: Context) -> list[PatientRecords]:
    """What tables with rows about patients are called, of every installed plugin, on or off."""
    found: list[PatientRecords] = ctx.system.hooks.describe_installed("patient_records")
    return sorted(found, key=lambda records: (records.order, records.title))
