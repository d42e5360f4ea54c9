"""Files of demo clinics."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncIterator

from sqlalchemy import insert

from prikus.access.furnishing import Demo
from prikus.files.kinds import FileKind
from prikus.files.models import StoredFile
from prikus.files.store import store_of


async def furnish_file(demo: Demo, data: bytes, name: str, kind: FileKind, width: int, height: int) -> int:
    """A file as if somebody had uploaded it; its number. What we drew ourselves is not looked at again.

    The same clinic, name and bytes give the same row: one file of a name.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    key = uuid.uuid5(uuid.NAMESPACE_OID, f"{demo.slug} {name} {sha256}")

    async def parts() -> AsyncIterator[bytes]:
        yield data

    await store_of(demo.config).put(demo.clinic.id, key, parts())
    about = {"name": name, "media_type": kind.media_type, "width": width, "height": height}
    sizes = {"size": len(data), "sha256": sha256, "key": key}
    return (await demo.db.execute(insert(StoredFile).values(**about, **sizes).returning(StoredFile.id))).scalar_one()
