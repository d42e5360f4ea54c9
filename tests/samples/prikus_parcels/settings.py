from __future__ import annotations

import msgspec

from prikus.toolkit import Secret


class Settings(msgspec.Struct, frozen=True):
    token: Secret
    office: str = ""


class PalletSettings(msgspec.Struct, frozen=True):
    office: str = ""
