"""What a clinic fills in."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Secret


class Settings(msgspec.Struct, frozen=True):
    """`token` opens the whole exchange: made in its cabinet, without an end."""

    token: Secret
