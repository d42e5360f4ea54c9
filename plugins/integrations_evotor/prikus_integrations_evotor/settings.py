"""What a clinic fills in, for each register."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Secret

DIGITAL = "digital"
NO, YES = "no", "yes"
FFD_12, FFD_105 = "1.2", "1.05"


class Settings(msgspec.Struct, frozen=True):
    """`login`, `password` and `group` come from Evotor's cabinet. `place` is the address or site of settlement.

    `ffd` belongs to the register: its firmware and fiscal drive. `taxation` and `vat` are codes of the protocol.
    `corrections`: whether this register is known to take them.
    """

    login: str
    password: Secret
    group: str
    inn: str
    email: str
    place: str
    taxation: str = "usn_income"
    ffd: str = FFD_12
    vat: str = "none"
    way: str = DIGITAL
    corrections: str = NO
