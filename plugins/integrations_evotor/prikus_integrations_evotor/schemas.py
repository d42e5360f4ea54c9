"""What the protocol of ATOL knows beside the receipt."""

from __future__ import annotations

import msgspec


class Seller(msgspec.Struct, frozen=True):
    """Whose receipt it is: sender's e-mail, taxation system, INN, place of settlement."""

    email: str
    taxation: str
    inn: str
    place: str
