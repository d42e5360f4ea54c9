from __future__ import annotations

import msgspec

from prikus.toolkit import Secret


class Settings(msgspec.Struct, frozen=True):
    token: Secret
