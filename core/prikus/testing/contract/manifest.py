"""The part of the contract about the manifest."""

from __future__ import annotations

from prikus.host.manifest import check_manifest
from prikus.host.system import System
from prikus.testing.contract.base import Contract


class ManifestContract(Contract):
    """The manifest is in order."""

    def test_the_manifest_is_in_order(self, system: System) -> None:
        manifest = system.plugins[self.plugin]
        check_manifest(manifest, self.plugin, f"prikus_{self.plugin}")
        assert manifest.title.strip()
        assert manifest.summary.strip()
        assert {*manifest.requires, *manifest.enhances} <= {*system.plugins, *manifest.enhances}
