"""A row for each file that is kept."""

from __future__ import annotations

import uuid

from sqlalchemy import BigInteger, Integer, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from prikus.data.base import TenantModel, unique


class StoredFile(TenantModel):
    """A file of the clinic. `name` is what the person called it; its bytes lie in the store under our own `key`.

    `size` is in bytes, `width` and `height` are in pixels, empty for what is no picture. A row whose file was erased
    with its patient's data has no name, size 0 and no bytes.
    """

    __table_args__ = (unique("key"),)
    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(Text)
    key: Mapped[uuid.UUID] = mapped_column(Uuid)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
