from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import PERSONAL, TenantModel, index, ref


class Photo(TenantModel):
    """Nothing without the card. `preview_id` is a JPEG of it."""

    __table_args__ = (index("patient_id"), index("file_id"), index("preview_id"))
    patient_id: Mapped[int] = ref("core.patient", on_delete="CASCADE")
    file_id: Mapped[int] = ref("core.stored_file")
    preview_id: Mapped[int | None] = ref("core.stored_file", optional=True)


class Letter(TenantModel):
    """Stays without its words and its file when the person is forgotten."""

    __table_args__ = (index("patient_id"), index("file_id"))
    patient_id: Mapped[int] = ref("core.patient")
    file_id: Mapped[int | None] = ref("core.stored_file", optional=True)
    words: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)


class Paper(TenantModel):
    """The same, but it cannot be without a file."""

    __table_args__ = (index("patient_id"), index("file_id"))
    patient_id: Mapped[int] = ref("core.patient")
    file_id: Mapped[int] = ref("core.stored_file")
    words: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)


class Receipt(TenantModel):
    """The law keeps it as it is."""

    __table_args__ = (index("patient_id"), index("file_id"))
    patient_id: Mapped[int] = ref("core.patient")
    file_id: Mapped[int] = ref("core.stored_file")
