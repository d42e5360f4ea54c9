"""All findings at once, for `prikus plugin check` and `prikus doctor`."""

from __future__ import annotations

from importlib.metadata import entry_points

from prikus.host.endings import found_endings
from prikus.host.rooms import GROUP
from prikus.host.rules import Finding
from prikus.host.system import System

CONSEQUENCES = frozenset(("P012", "P030", "P042", "P043", "P071", "P072", "P088"))
"""Rules that may seem broken only because something else could not be loaded."""
STRAY = frozenset(("P042", "P043"))
"""Rules that seem broken where the thing was refused for another reason."""
UNLOADED = frozenset(("P001", "P002", "P006", "P009", "P010", "P011", "P020", "P022"))


def survey() -> tuple[list[Finding], frozenset[str]]:
    """Everything wrong with what is installed, each thing once, and the ids of all that is installed.

    Warnings are among it, at its end.
    When a plugin could not be loaded whole, what its absence alone may explain is left out, with its dependants
    too; so is a stray thing in a file where something else is wrong.
    """
    found: list[Finding] = []
    system = System.load(report=found.append)
    unloaded = {finding.plugin for finding in found if finding.rule in UNLOADED}
    touched = unloaded | {dependant.id for one in unloaded for dependant in system.dependants(one)}
    spoilt = {one.file for one in found if one.rule not in STRAY}
    clear = [
        one
        for one in found
        if not (one.rule in CONSEQUENCES and one.plugin in touched) and not (one.rule in STRAY and one.file in spoilt)
    ]
    return [*dict.fromkeys(clear), *found_endings(system)], frozenset(
        entry.name for entry in entry_points(group=GROUP)
    ) | {"core"}
