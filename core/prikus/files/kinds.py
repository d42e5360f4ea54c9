"""Which files are taken in: a closed list, since whatever is kept here is opened by somebody one day."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from prikus.ui.parts import TEXT_ROOM

MB = 1_000_000
MOST_PIXELS = 50_000_000


class FileKind(Enum):
    """A kind of file: what it is called, its media type, the extensions it may have, the most bytes it may have.

    An extension may be empty: files of DICOM often have none.
    """

    JPEG = ("JPEG", "image/jpeg", (".jpg", ".jpeg"), 25 * MB)
    PNG = ("PNG", "image/png", (".png",), 25 * MB)
    DICOM = ("DICOM", "application/dicom", (".dcm", ".dicom", ""), 200 * MB)

    def __init__(self, title: str, media_type: str, extensions: tuple[str, ...], largest: int) -> None:
        self.title = title
        self.media_type = media_type
        self.extensions = extensions
        self.largest = largest

    @property
    def is_picture(self) -> bool:
        """Whether every browser shows it."""
        return self.media_type.startswith("image/")


PICTURES = (FileKind.JPEG, FileKind.PNG)
DENTAL_IMAGES = (*PICTURES, FileKind.DICOM)

SIGNATURES = (
    (0, b"\xff\xd8\xff", FileKind.JPEG),
    (0, b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (128, b"DICM", FileKind.DICOM),
)
HEAD = 132
"""How many bytes of a file tell its kind."""


def kind_by_content(head: bytes) -> FileKind | None:
    """The kind that the first bytes tell, None for one that is not in the list."""
    return next((kind for place, sign, kind in SIGNATURES if head.startswith(sign, place)), None)


def kind_of(media_type: str) -> FileKind | None:
    """The kind with this media type."""
    return next((kind for kind in FileKind if kind.media_type == media_type), None)


def upload_room(accepts: Sequence[FileKind]) -> int:
    """`request_max_body_size` of a handler that takes one such file in a form, in bytes."""
    return max(kind.largest for kind in accepts) + TEXT_ROOM


def titles(accepts: Sequence[FileKind]) -> str:
    """«JPEG, PNG, DICOM»."""
    return ", ".join(kind.title for kind in accepts)
