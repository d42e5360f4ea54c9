"""What the patient's card asks plugins for. Every content is a gated request of its owner, loaded by the browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from prikus.access.context import Context
from prikus.host.declarations import hookspec
from prikus.ui.descriptors import CardAction, Descriptor, SlotItem, Tab


class FeedKind(Descriptor, frozen=True):
    """A choice of the feed's filter: facts whose name begins with one of `events`, such as "invoice" (PAT-17)."""

    id: str
    title: str
    events: tuple[str, ...]


@hookspec("describe", title="разделы карточки")
def patient_tabs() -> list[Tab]:
    """Sections of the card beside «Основная информация» (PAT-07).

    `href` with `{patient_id}` answers with the section's content, without header and tabs: a fragment. The section's
    own address is `/patients/<id>?tab=<tab id>`: link to that.
    """
    raise NotImplementedError


@hookspec("describe", title="кнопки карточки")
def card_actions() -> list[CardAction]:
    """Buttons in the card's header and entries of the row menu in the list. `href` has `{patient_id}`.

    One with `panel` answers with a panel (`ui/panel.html`), another one is a page. The primary one stands last.
    """
    raise NotImplementedError


@hookspec("describe", title="блоки карточки")
def card_boxes() -> list[SlotItem]:
    """Boxes of the main section, such as «Ближайшие приёмы». `href` with `{patient_id}` answers with a fragment.

    The answer is a whole `ui.card`. It is asked for again after every fact about this patient.
    """
    raise NotImplementedError


@hookspec("describe", title="показатели карточки")
def card_figures() -> list[SlotItem]:
    """Figures in the card's header, such as «Долг»: `title` above, the value below.

    `href` with `{patient_id}` answers with the value only, such as `ui.money(debt, debt=true)`. It is asked for again
    after every fact about this patient.
    """
    raise NotImplementedError


@hookspec("describe", title="виды событий")
def feed_kinds() -> list[FeedKind]:
    """Choices of the filter of «События пациента»."""
    raise NotImplementedError


class PatientRecords(msgspec.Struct, frozen=True):
    """What the rows of one table are called when a patient's data are counted or handed out.

    `columns` are titles and SQL expressions over `model`, in the order of reading; `patient` is the expression that
    says whose the row is.
    """

    title: str
    model: type[Any]
    patient: Any
    columns: Mapping[str, Any]
    order: int


class Merging(msgspec.Struct, frozen=True):
    """The card `gone_id` becomes part of the card `patient_id`; both are locked."""

    gone_id: int
    patient_id: int


class Erasing(msgspec.Struct, frozen=True):
    """The personal data of the locked card `patient_id` are being erased."""

    patient_id: int


class Exporting(msgspec.Struct, frozen=True):
    """Everything about the card `patient_id` is being handed out."""

    patient_id: int


class ExportFile(msgspec.Struct, frozen=True):
    """A file that goes into the export beside the rows, such as a signed consent."""

    name: str
    content: bytes


@hookspec("describe")
def patient_records() -> list[PatientRecords]:
    """Tables with rows about a patient, in words. Asked of every installed plugin, on or off."""
    raise NotImplementedError


@hookspec("lifecycle")
async def patient_merging(ctx: Context, merging: Merging) -> None:
    """Before every reference to `gone_id` is turned to `patient_id` by itself, in one transaction.

    Settle here what may exist only once for a patient, such as two cards' bonus accounts. Refuse with a `Problem`
    whose sentence says what to do first. Called for every installed plugin, on or off.
    """
    raise NotImplementedError


@hookspec("lifecycle")
async def patient_erasing(ctx: Context, erasing: Erasing) -> None:
    """Before the columns marked `PERSONAL` are emptied by themselves, in one transaction.

    Erase here what no mark can describe, such as files. Refuse with a `Problem` while the person is still needed, such
    as for a debt. Called for every installed plugin, on or off.
    """
    raise NotImplementedError


@hookspec("lifecycle")
async def patient_exporting(ctx: Context, exporting: Exporting) -> list[ExportFile]:
    """Files about the patient. The rows of all tables go into the export by themselves.

    Called for every installed plugin, on or off, inside a read-only transaction.
    """
    raise NotImplementedError
