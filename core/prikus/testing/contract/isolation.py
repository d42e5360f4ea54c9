"""The part of the contract about isolation between clinics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.base import Contract, Door, fingerprint

MISSING = 2**40


class IsolationContract(Contract):
    """Nothing of a clinic is reached from another one."""

    async def test_another_clinics_numbers_are_unknown(
        self, clinic: TestClinic, doors: list[Door], make_clinic: Callable[..., Awaitable[TestClinic]]
    ) -> None:
        values = await self.ids(clinic, "Чужоймаркер")
        stranger = await make_clinic()
        owner, other = await clinic.client_as("director"), await stranger.client_as("director")
        before = await fingerprint(clinic, self.plugin)
        for door in (door for door in doors if door.numbers()):
            foreign = await self.knock(other, door, values)
            allowed = (404,) if door.method == "GET" else (404, 409, 422)
            assert foreign.status_code in allowed, f"{door}: {foreign.status_code}"
            assert "Чужоймаркер" not in foreign.text, door
            if door.method == "GET":
                missing = await self.knock(other, door, dict.fromkeys(values, MISSING))
                assert missing.status_code == 404, f"{door}: {missing.status_code}"
                own = await self.knock(owner, door, values)
                assert own.status_code < 400, f"{door}: {own.status_code} for the owner"
        assert await fingerprint(clinic, self.plugin) == before

    async def test_every_number_in_an_address_has_a_sample(self, clinic: TestClinic, doors: list[Door]) -> None:
        values = await self.ids(clinic, "Образец")
        numbers = {number for door in doors for number in door.numbers()}
        missing = {number for number in numbers if not {number, number.split(".")[1]} & set(values)}
        assert not missing, f"ids() gives no {missing}"
