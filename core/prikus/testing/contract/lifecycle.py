"""The part of the contract about a patient's data: merging, export and erasing take part, also while the plugin is off.

What they find is held against every column of the plugin's schema, not against the references that they go by.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection
from typing import ClassVar

import pytest
from sqlalchemy import text

from prikus.patients.schemas import NewPatient
from prikus.patients.services.erasing import erase_patient
from prikus.patients.services.exporting import export_patient, note_export
from prikus.patients.services.keeping import add_patient
from prikus.patients.services.merging import merge_patients
from prikus.settings.services.modules import switch
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.base import Contract
from prikus.testing.contract.isolation import new_marker

COLUMNS = text("""
    select format('%I.%I', table_schema, table_name) as "table", format('%I', column_name) as name,
      data_type = 'bigint' as is_number
    from information_schema.columns
    where table_schema = :schema and table_name <> 'alembic_version' and (data_type in ('text', 'json', 'jsonb')
      or data_type = 'bigint' and column_name ~ '(^|_)patient_id$')
    order by 1, 2
""")


class LifecycleContract(Contract):
    """Nothing of the plugin is left at a merged card, missing in an export, or says who an erased patient was."""

    kept: ClassVar[Collection[str]] = ()
    """Columns, `warehouse.item.name`, in which the marker stands but not about a person; each with a reason."""

    async def settle(self, clinic: TestClinic) -> None:
        """Make an end of everything for which the plugin's `patient_erasing` would refuse: debts, coming visits."""

    @pytest.mark.parametrize("is_on", [True, False], ids=["on", "off"])
    async def test_merging_export_and_erasing_take_part(self, clinic: TestClinic, is_on: bool) -> None:
        columns = await self._columns(clinic)
        if not columns:  # nothing of its own to say about anybody
            return
        marker = new_marker()
        director = (await clinic.client_as("director")).htmx
        for sample in await self.samples(clinic, marker):
            if sample.method == "POST":
                await sample.sent(director)
        await clinic.drain()
        about = Columns(clinic, columns)
        told = await about.told(marker)
        assert told or not about.columns, "the samples leave no marker in the plugin's tables"
        await self.settle(clinic)
        if not is_on:
            also_off = [plugin.id for plugin in clinic.house.system.dependants(self.plugin)]
            async with clinic.ctx_as("director") as ctx:
                await switch(ctx, self.plugin, False, confirmed=also_off)
        for gone in await about.patients():
            assert marker in await self._exported(clinic, gone), f"export of patient {gone}"
            kept = await other_card(clinic)
            async with clinic.ctx_as("director") as ctx:
                await merge_patients(ctx, gone, kept)
            assert gone not in await about.patients(), f"rows still point to the merged card {gone}"
            assert kept in await about.patients()
            assert marker in await self._exported(clinic, kept), f"export of patient {kept}"
        await clinic.drain()
        assert await about.told(marker) >= told, "merging lost rows"
        for patient in await everybody(clinic):
            async with clinic.ctx_as("director") as ctx:
                await erase_patient(ctx, patient, "Заявление")
        await clinic.drain()
        left = await about.told(marker)
        assert left - set(self.kept) == set(), (
            "erasing left the marker; mark such a column PERSONAL or name it in `kept`"
        )
        assert set(self.kept) <= left, "`kept` names columns without a marker"

    async def _columns(self, clinic: TestClinic) -> list[tuple[str, str, bool]]:
        async with clinic.ctx_as("system") as ctx:
            return [tuple(row) for row in await ctx.db.execute(COLUMNS, {"schema": self.plugin})]

    async def _exported(self, clinic: TestClinic, patient_id: int) -> str:
        """What the export has of the plugin's rows."""
        async with clinic.ctx_as("director") as ctx:
            patient = await note_export(ctx, patient_id)
            whole = b"".join([part async for part in export_patient(ctx, patient)])
        archive = zipfile.ZipFile(io.BytesIO(whole))
        names = [name for name in archive.namelist() if name.startswith(f"данные/{self.plugin}.")]
        return "".join(archive.read(name).decode() for name in names)


class Columns:
    """The plugin's columns that may say something about a patient, looked through in one clinic."""

    def __init__(self, clinic: TestClinic, columns: list[tuple[str, str, bool]]) -> None:
        self.clinic = clinic
        self.columns = columns

    async def told(self, marker: str) -> set[str]:
        """Columns in which the marker stands."""
        found = set()
        async with self.clinic.ctx_as("system") as ctx:
            for table, name, is_number in self.columns:
                query = f"select exists (select 1 from {table} where cast({name} as text) ilike :marker)"
                if not is_number and await ctx.db.scalar(text(query), {"marker": f"%{marker}%"}):
                    found.add(f"{table}.{name}")
        return found

    async def patients(self) -> set[int]:
        """Patients to whom rows point, whether the database knows that these are references or not."""
        found: set[int] = set()
        async with self.clinic.ctx_as("system") as ctx:
            for table, name, is_number in self.columns:
                if is_number:
                    query = f"select distinct {name} from {table} where {name} is not null"
                    found.update(await ctx.db.scalars(text(query)))
        return found


async def other_card(clinic: TestClinic) -> int:
    """A new card that another one can become part of."""
    form = NewPatient(last_name="Другова", first_name="Вера", phone="+79120000001", despite_duplicate=True)
    async with clinic.ctx_as("director") as ctx:
        return (await add_patient(ctx, form)).id


async def everybody(clinic: TestClinic) -> list[int]:
    async with clinic.ctx_as("system") as ctx:
        return list(await ctx.db.scalars(text("select id from core.patient where deleted_at is null order by id")))
