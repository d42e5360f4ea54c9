from collections.abc import Iterator

import pytest

from tests.contract.refusals.workshop import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Starts processes of ours quickly."""
    with Nursery() as made:
        yield made
