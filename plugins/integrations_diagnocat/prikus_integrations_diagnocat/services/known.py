"""What the service has already: looked for before anything is made once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from prikus_integrations_diagnocat.services.client import Diagnocat

LISTS = ("items", "results", "data", "patients", "studies", "analyses")
FEW = 50


class UnknownShape(Exception):
    """The answer does not tell whether the service has it."""


async def patient_of(service: Diagnocat, key: str, *, must_know: bool) -> str | None:
    """The patient with our number. Only a patient that bears it is taken: another one's images must not mix with his.

    Raises `UnknownShape` where the service has others and `must_know` whether this one is among them.
    """
    rows = _rows(await service.rows("/v2/patients", patient_id=key, limit=FEW))
    found = _uid(rows, "patient_id", key)
    if found is None and rows and must_know:
        raise UnknownShape
    return found


async def study_of(service: Diagnocat, patient: str, name: str) -> str | None:
    """The patient's study of this name. Raises `UnknownShape` where there are studies without a name."""
    rows = _rows(await service.rows(f"/v2/patients/{quote(patient, safe='')}/studies"))
    found = _uid(rows, "study_name", name) or _uid(rows, "name", name)
    if found is None and any(not (row.get("study_name") or row.get("name")) for row in rows):
        raise UnknownShape
    return found


async def analyses_of(service: Diagnocat, study: str) -> str | None:
    """The analysis of a study that is ours alone."""
    rows = _rows(await service.rows(f"/v2/studies/{quote(study, safe='')}/analyses"))
    found = [str(row["uid"]) for row in rows if row.get("uid")]
    if rows and not found:
        raise UnknownShape
    return found[0] if found else None


def _rows(said: Any) -> Sequence[dict[str, Any]]:
    """A plain list, or one inside an object. Raises `UnknownShape` for anything else."""
    if isinstance(said, dict):
        said = next((said[name] for name in LISTS if isinstance(said.get(name), list)), None)
    if not isinstance(said, list) or not all(isinstance(row, dict) for row in said):
        raise UnknownShape
    return said


def _uid(rows: Sequence[dict[str, Any]], field: str, value: str) -> str | None:
    return next((str(row["uid"]) for row in rows if row.get(field) == value and row.get("uid")), None)
