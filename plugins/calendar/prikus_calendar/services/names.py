"""«Фамилия И. О.» made by the database, so that rows become structs without a step between."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func

from prikus.toolkit import Patient, StaffMember


def short(model: type[Patient] | type[StaffMember] | Any) -> ColumnElement[str]:
    """Short name of a patient or a staff member; works on aliases too."""
    return (
        model.last_name
        + " "
        + func.left(model.first_name, 1)
        + "."
        + func.coalesce(" " + func.left(model.patronymic, 1) + ".", "")
    )
