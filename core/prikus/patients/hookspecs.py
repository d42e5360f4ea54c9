"""What the patient's card asks plugins for. Every content is a gated request of its owner, loaded by the browser."""

from __future__ import annotations

import msgspec

from prikus.host.declarations import hookspec
from prikus.ui.descriptors import CardAction, SlotItem, Tab


class FeedKind(msgspec.Struct, frozen=True):
    """A choice of the feed's filter: facts whose name begins with one of `events`, such as "invoice" (PAT-17)."""

    id: str
    title: str
    events: tuple[str, ...]


@hookspec("describe")
def patient_tabs() -> list[Tab]:
    """Sections of the card beside «Основная информация» (PAT-07).

    `href` with `{patient_id}` answers with the section's content, without header and tabs: a fragment. The section's
    own address is `/patients/<id>?tab=<tab id>`: link to that.
    """
    raise NotImplementedError


@hookspec("describe")
def card_actions() -> list[CardAction]:
    """Buttons in the card's header and entries of the row menu in the list. `href` has `{patient_id}`.

    One with `panel` answers with a panel (`ui/panel.html`), another one is a page. The primary one stands last.
    """
    raise NotImplementedError


@hookspec("describe")
def card_boxes() -> list[SlotItem]:
    """Boxes of the main section, such as «Ближайшие приёмы». `href` with `{patient_id}` answers with a fragment.

    The answer is a whole `ui.card`. It is asked for again after every fact about this patient.
    """
    raise NotImplementedError


@hookspec("describe")
def card_figures() -> list[SlotItem]:
    """Figures in the card's header, such as «Долг»: `title` above, the value below.

    `href` with `{patient_id}` answers with the value only, such as `ui.money(debt, debt=true)`. It is asked for again
    after every fact about this patient.
    """
    raise NotImplementedError


@hookspec("describe")
def feed_kinds() -> list[FeedKind]:
    """Choices of the filter of «События пациента»."""
    raise NotImplementedError
