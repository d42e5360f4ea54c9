"""One broken rule each."""

from tests.contract.refusals.doors import DOORS, OWNERS
from tests.contract.refusals.rooms import HOOKS, MANIFESTS, ROOMS
from tests.contract.refusals.texts import IMPORTS, RIGHTS, TABLES

CASES = (*MANIFESTS, *ROOMS, *HOOKS, *DOORS, *OWNERS, *IMPORTS, *RIGHTS, *TABLES)
