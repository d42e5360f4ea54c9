"""How many parts a text needs: GSM 03.38 with its extension, else UCS-2. `static/counter.js` counts in the same way."""

from __future__ import annotations

from prikus_messaging.schemas import Counted

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
GSM, UNICODE = (160, 153), (70, 67)
"""Signs of a text in one part, and of each part of a longer one."""
SUPPLEMENTARY = 0x10000


def count_parts(text: str) -> Counted:
    """Signs and parts of a text. No sign is torn between two parts."""
    is_unicode = any(sign not in BASIC and sign not in EXTENDED for sign in text)
    single, each = UNICODE if is_unicode else GSM
    widths = [2 if (ord(sign) >= SUPPLEMENTARY if is_unicode else sign in EXTENDED) else 1 for sign in text]
    signs = sum(widths)
    if signs <= single:
        return Counted(signs, 1 if signs else 0, single - signs, is_unicode)
    parts, used = 1, 0
    for width in widths:
        if used + width > each:
            parts, used = parts + 1, 0
        used += width
    return Counted(signs, parts, each - used, is_unicode)
