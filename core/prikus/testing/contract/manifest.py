"""The part of the contract about the manifest and the rights."""

from __future__ import annotations

import re

from prikus.host.manifest import check_manifest
from prikus.host.rooms import folder_of
from prikus.host.system import System
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.base import Contract, Door, state_of


class ManifestContract(Contract):
    """The manifest is in order; rights are declared, used and demanded."""

    def test_the_manifest_is_in_order(self, system: System) -> None:
        manifest = system.plugins[self.plugin]
        check_manifest(manifest, self.plugin, f"prikus_{self.plugin}")
        assert manifest.title.strip()
        assert manifest.summary.strip()
        assert {*manifest.requires, *manifest.enhances} <= {*system.plugins, *manifest.enhances}

    def test_every_right_is_used_and_every_used_right_is_declared(self, system: System) -> None:
        declared = {code for code, right in system.permissions.items() if right.section == self.plugin}
        folder = folder_of(f"prikus_{self.plugin}")
        sources = [path for path in folder.rglob("*.py") if path.name != "permissions.py"]
        used = {code for path in sources for code in re.findall(rf'"({self.plugin}\.\w+\.\w+)"', path.read_text())}
        shown = {
            code for path in folder.rglob("*.html") for code in re.findall(r"can\(['\"]([\w.]+)['\"]", path.read_text())
        }
        assert declared <= used, f"declared but never required: {declared - used}"
        assert shown <= set(system.permissions), f"unknown rights in templates: {shown - set(system.permissions)}"

    async def test_somebody_without_rights_gets_nothing(self, clinic: TestClinic, doors: list[Door]) -> None:
        values = await self.ids(clinic, "Образец")
        nobody = await clinic.client_as(None)
        before = await state_of(clinic, self.plugin)
        for door in doors:
            if door.path in self.for_everybody:
                continue
            answer = await self.knock(nobody, door, values)
            allowed = (403,) if door.method == "GET" else (403, 404, 405, 422)
            assert answer.status_code in allowed, f"{door}: {answer.status_code}"
        assert await state_of(clinic, self.plugin) == before
