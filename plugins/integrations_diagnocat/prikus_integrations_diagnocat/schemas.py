"""What the service says, read tolerantly: nobody has published its shapes."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec


class Granted(msgspec.Struct, frozen=True):
    token: str | None = None


class Made(msgspec.Struct, frozen=True):
    """A patient, a study or an analysis that was made. Its newer number `id_v3` is of no use to the upload.

    An answer without a number cannot be read: it may have been made, and making it once more may cost.
    """

    uid: Annotated[str, msgspec.Meta(pattern=r"\A[!-~]+\Z")]


class Uploading(msgspec.Struct, frozen=True):
    """What everything of the upload answers. It refuses with HTTP 200, too: `ok` is false then."""

    ok: bool = True
    error: Any = None


class SessionOpened(Uploading, frozen=True):
    session_id: str = ""


class UploadUrl(msgspec.Struct, frozen=True):
    url: str
    key: str = ""


class UploadUrls(Uploading, frozen=True):
    upload_urls: list[UploadUrl] = []


class SessionState(msgspec.Struct, frozen=True):
    """`status` is `started`, `closing`, `closed` or `error`."""

    status: str = ""
    error: Any = None


class SessionInfo(Uploading, frozen=True):
    session_info: SessionState = SessionState()


class Analysis(msgspec.Struct, frozen=True):
    """`status` is empty in real answers: `complete` is the sign. `error` is a text or an object."""

    uid: str = ""
    complete: bool | None = None
    error: Any = None
    webpage_url: str | None = None


class Attribute(msgspec.Struct, frozen=True):
    """A sign on a tooth. `user_decision` is null until somebody decides on the site."""

    attribute_id: int | str
    model_positive: bool | None = None
    user_positive: bool | None = None
    user_decision: bool | None = None


class Site(msgspec.Struct, frozen=True):
    """A place at a tooth with `measurements` such as `{"boneLoss": {"predicted": 2.1}}`."""

    site: str = ""
    measurements: dict[str, Any] | None = None


class Periodontal(msgspec.Struct, frozen=True):
    """The real answer says `site`, the client of its authors `sites`."""

    site: list[Site] | None = None
    sites: list[Site] | None = None


class Tooth(msgspec.Struct, frozen=True):
    """`tooth_number` is FDI. Sound teeth are listed, too."""

    tooth_number: int | str | None = None
    attributes: list[Attribute] | None = None
    periodontal_status: Periodontal | None = None


class Diagnoses(msgspec.Struct, frozen=True):
    diagnoses: list[Tooth] | None = None
