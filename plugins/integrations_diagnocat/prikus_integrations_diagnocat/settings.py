"""What a clinic fills in."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Secret

BASES = {
    "ru": "https://app2.diagnocat.ru/partner-api",
    "eu": "https://eu.diagnocat.com/partner-api",
}
"""Addresses of the partner API by `region`."""


class Settings(msgspec.Struct, frozen=True):
    """Without a `login` the `password` is a permanent key. `send_name` is `yes` where patients' names may go out.

    `signs` are the clinic's names of what the service knows by number only: «1044=Кариес; 1000=скрыть».
    """

    password: Secret
    login: str = ""
    region: str = "ru"
    send_name: str = "no"
    signs: str = ""

    @property
    def base(self) -> str:
        return BASES.get(self.region, BASES["ru"])
