"""The suite that every plugin inherits: what the host promises about it and what it promises the host (contract 9)."""

from __future__ import annotations

from prikus.testing.contract.gate import GateContract
from prikus.testing.contract.isolation import IsolationContract
from prikus.testing.contract.lifecycle import LifecycleContract
from prikus.testing.contract.manifest import ManifestContract
from prikus.testing.contract.migrations import MigrationContract
from prikus.testing.contract.pages import PageContract
from prikus.testing.contract.rights import RightsContract

__all__ = ["PluginContract"]


class PluginContract(
    ManifestContract,
    GateContract,
    IsolationContract,
    RightsContract,
    PageContract,
    MigrationContract,
    LifecycleContract,
):
    """Inherit, name the plugin, and say what only its author knows: `samples`, `table`, `lists`, `add_row`.

    A class called `Test…` in any test module is enough; the fixtures come with the pytest plugin.
    """
