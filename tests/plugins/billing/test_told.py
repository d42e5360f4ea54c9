"""Facts of every version as they were told once: what was written down is still read, with nothing lost."""

from pathlib import Path

import msgspec
import pytest

from prikus.toolkit import Event
from prikus_billing import events

TOLD = Path(__file__).with_name("told")
FACTS = [one for one in vars(events).values() if isinstance(one, type) and issubclass(one, Event) and one.name]


@pytest.mark.parametrize("fact", FACTS, ids=[fact.name for fact in FACTS])
def test_a_recorded_sample_of_each_version_is_read(fact: type[Event]) -> None:
    for version in range(1, fact.version + 1):
        samples = sorted(TOLD.glob(f"{fact.name}.v{version}*.json"))
        assert samples, f"record a sample of {fact.name} version {version} in {TOLD.name}/"
        for sample in samples:
            recorded = msgspec.json.decode(sample.read_bytes())
            read = msgspec.json.decode(sample.read_bytes(), type=fact)
            assert recorded.items() <= msgspec.json.decode(msgspec.json.encode(read)).items(), sample.name


def test_no_sample_is_of_an_unknown_fact() -> None:
    assert {sample.name.partition(".v")[0] for sample in TOLD.glob("*.json")} == {fact.name for fact in FACTS}
