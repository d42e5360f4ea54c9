"""What imaging exchanges with the plugins of its providers, and shows. Instants are UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec
from litestar.datastructures import UploadFile

from prikus.toolkit import Followed, OpenFile

ImageKind = Literal["panoramic", "bitewing", "periapical", "cbct"]
State = Literal["queued", "sent", "processing", "ready", "needs_teeth", "failed", "unclear"]
FindingKind = Literal["condition", "measurement", "anatomy"]
Source = Literal["model", "user"]
Decision = Literal["pending", "accepted", "rejected"]
Trouble = Literal["data", "credentials", "money", "busy"]


class JobPatient(msgspec.Struct, frozen=True):
    """Whose image it is. `key` and `card_number` name nobody outside the clinic.

    Unless the clinic lets the name go out, `last_name` is «Пациент», `first_name` the card's number, and there is no
    date of birth.
    """

    key: str
    card_number: int
    last_name: str
    first_name: str
    birth_date: dt.date | None = None


class ImageJob(msgspec.Struct, frozen=True):
    """An image that is at a service or on its way there. `id` is our number of the analysis, the same in every step.

    `refs` are what earlier steps said to keep. `is_doubtful`: the last step began and nobody knows whether it was
    done. `open()` gives the bytes as a file with a neutral name; who the patient is was taken out of them, unless the
    clinic lets the name go out.
    """

    id: int
    kind: ImageKind
    taken_on: dt.date
    media_type: str
    patient: JobPatient
    refs: Mapping[str, str]
    is_doubtful: bool
    open: Callable[[], Awaitable[OpenFile]]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a service found. One finding is one `tooth` (FDI, two digits, or None), `code` and `site`.

    `source` is user where a person has marked it at the service.
    """

    code: str
    title: str
    tooth: str | None = None
    site: str | None = None
    kind: FindingKind = "condition"
    value: Decimal | None = None
    unit: str | None = None
    source: Source = "model"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What a step came to. `refs` are added to those that are kept, committed before the next step.

    - `queued`: there is more to be done, at once or in `wait_seconds`.
    - `sent`, `processing`: the service has the image, works on it; asked again in `wait_seconds`, else after 15, 30,
      60 s, then every two minutes for two hours.
    - `ready`: `findings` came. `needs_teeth`: the service has nothing to say until a person has chosen teeth there.
    - `failed`: it is over without a result; a person may send it again.
    - `unclear`: it may have been taken and the service cannot be asked. A person decides.

    `trouble` says that the step was refused and nothing done by it, whatever `state`: `data` ends what is queued
    or sent for a person to mend, and leaves what is `processing` to «Загрузить результаты»; `credentials` and `money`
    rest the connection for ten minutes; `busy` is tried again after 2 s … 15 min.
    """

    state: State = "queued"
    refs: Mapping[str, str] = {}
    wait_seconds: float | None = None
    findings: Sequence[Found] = ()
    report_url: str | None = None
    sentence: str | None = None
    trouble: Trouble | None = None


class ImageProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A service that analyses images, as its plugin offers it by the hook `image_providers`.

    `kind` is the id of its `ConnectionKind`, `title` the name above its findings. `accepts(kind, media_type)` says
    whether it takes such an image. `advance(outside, connection, job)` does one step, without an open transaction: one
    thing at the service that cannot be done twice. It may raise `Invalid` for what can never be sent and
    `OutsideFailed` for the network, whose `is_unknown` makes the next step doubtful: then it looks whether the service
    has it before it does it again.
    """

    kind: str
    title: str
    accepts: Callable[[ImageKind, str], bool]
    advance: Callable[[Any, Any, ImageJob], Awaitable[Step]]


class NewImage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """«Добавить снимок», beside the file."""

    kind: ImageKind
    taken_on: dt.date
    comment: str | None = None


class SentImage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """«Добавить снимок» with its file, as a form of several parts."""

    file: UploadFile
    kind: ImageKind
    taken_on: dt.date
    comment: str | None = None


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which service shall analyse an image, where several are connected. `again`: also after an earlier analysis."""

    connection_id: int | None = None
    again: bool = False


class Verdict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a doctor says of a finding; `pending` takes it back."""

    decision: Decision


class Started(msgspec.Struct, frozen=True):
    """The analysis waits for its queue."""

    analysis_id: int
    connection_id: int


class ServiceInfo(msgspec.Struct, frozen=True):
    """A connection that can analyse images."""

    connection_id: int
    title: str
    service: str


class AnalysisRow(msgspec.Struct, frozen=True):
    """An analysis as it is shown. `can_load`: its results can be asked for; `can_repeat`: it can be sent again."""

    id: int
    image_id: int
    connection_id: int | None
    service: str
    state: State
    error: str | None
    report_url: str | None
    asked_at: dt.datetime
    finished_at: dt.datetime | None
    can_load: bool
    can_repeat: bool


class FindingRow(msgspec.Struct, frozen=True):
    """A finding with who decided about it."""

    id: int
    analysis_id: int
    tooth: str | None
    site: str | None
    code: str
    title: str
    kind: FindingKind
    value: Decimal | None
    unit: str | None
    source: Source
    decision: Decision
    decided_at: dt.datetime | None
    decided_by: str | None

    @property
    def measured(self) -> str:
        """«2,1 мм», empty where nothing was measured."""
        if self.value is None:
            return ""
        return f"{self.value.normalize():f} {self.unit or ''}".strip().replace(".", ",")


class ImageRow(msgspec.Struct, frozen=True):
    """An image in a patient's album, with its last analysis. `services` are connections that would take it.

    `size` is 0 once the patient's data were erased: then there is no file."""

    id: int
    patient_id: int
    kind: ImageKind
    taken_on: dt.date
    comment: str | None
    author: str | None
    created_at: dt.datetime
    has_preview: bool
    file_name: str
    media_type: str
    size: int
    analysis: AnalysisRow | None
    services: list[int]


class AnalysisDetails(msgspec.Struct, frozen=True):
    """An analysis with its findings, those to decide about first."""

    analysis: AnalysisRow
    findings: list[FindingRow]


class ImageDetails(msgspec.Struct, frozen=True):
    """An image with all that services said of it, newest analysis first."""

    image: ImageRow
    patient: str
    analyses: list[AnalysisDetails]


class WaitingRow(msgspec.Struct, frozen=True):
    """An analysis that waits for a person."""

    analysis: AnalysisRow
    kind: ImageKind
    taken_on: dt.date
    patient_id: int
    patient: str


class WaitingPage(msgspec.Struct, frozen=True):
    """A page of what waits for a person, with cursors to its neighbours."""

    rows: list[WaitingRow]
    previous: str | None
    next: str | None


class ImageChange(Followed, frozen=True, kw_only=True):
    """An image as programs follow it."""

    patient_id: int | None = None
    kind: ImageKind | None = None
    taken_on: dt.date | None = None
    comment: str | None = None
    created_at: dt.datetime | None = None
    row_version: int | None = None


class FindingChange(Followed, frozen=True, kw_only=True):
    """A finding as programs follow it. Empty `tooth` and `site`: it has none. Whose it is, its image says."""

    analysis_id: int | None = None
    image_id: int | None = None
    tooth: str | None = None
    site: str | None = None
    code: str | None = None
    title: str | None = None
    kind: FindingKind | None = None
    value: Decimal | None = None
    unit: str | None = None
    source: Source | None = None
    decision: Decision | None = None
    decided_at: dt.datetime | None = None
    row_version: int | None = None
