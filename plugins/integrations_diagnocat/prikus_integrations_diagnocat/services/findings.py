"""What the service found, in the words of imaging (DIAG-08)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from prikus_imaging.public import Found
from prikus_integrations_diagnocat.schemas import Attribute, Diagnoses, Tooth
from prikus_integrations_diagnocat.services.signs import Signs

FDI = re.compile(r"[1-4][1-8]|[5-8][1-5]")
MANY = 16
"""So many teeth at least must be listed before what stands on all of them is taken for no finding."""
BONE_LOSS = "boneLoss"
SITES = {
    "mesial-buccal": "мезиально-щёчно",
    "vestibular": "вестибулярно",
    "distal-buccal": "дистально-щёчно",
    "mesial-lingual": "мезиально-язычно",
    "oral": "орально",
    "distal-lingual": "дистально-язычно",
}


def findings_of(said: Diagnoses, signs: Signs) -> list[Found]:
    """Signs of teeth, and how much bone is lost at them. What a person has refused there is left out.

    So is what stands on every tooth, unless the clinic has named it: it tells nothing of any of them.
    """
    teeth = said.diagnoses or []
    hidden = signs.hidden | (_everywhere(teeth) - signs.names.keys())
    return [found for tooth in teeth for found in (*_signs(tooth, signs, hidden), *_losses(tooth))]


def _everywhere(teeth: list[Tooth]) -> frozenset[str]:
    if len(teeth) < MANY:
        return frozenset()
    counts = Counter(id for tooth in teeth for id in {str(one.attribute_id) for one in tooth.attributes or []})
    return frozenset(id for id, count in counts.items() if count == len(teeth))


def _signs(tooth: Tooth, signs: Signs, hidden: frozenset[str]) -> Iterator[Found]:
    for one in tooth.attributes or []:
        id = str(one.attribute_id)
        if id not in hidden and _is_found(one):
            by_user = one.user_positive or one.user_decision
            title, source = signs.title(id), "user" if by_user else "model"
            yield Found(code=f"dc:{id}", title=title, tooth=_fdi(tooth), source=source)  # type: ignore[arg-type]


def _is_found(one: Attribute) -> bool:
    return one.user_decision is not False and bool(one.model_positive or one.user_positive or one.user_decision)


def _losses(tooth: Tooth) -> Iterator[Found]:
    status = tooth.periodontal_status
    for site in (status.site or status.sites or []) if status else []:
        value = _millimetres((site.measurements or {}).get(BONE_LOSS))
        if value is not None:
            yield Found(
                code=f"dc:{BONE_LOSS}",
                title="Убыль кости",
                tooth=_fdi(tooth),
                site=SITES.get(site.site, site.site) or None,
                kind="measurement",
                value=value,
                unit="мм",
            )


def _millimetres(measured: Any) -> Decimal | None:
    number = measured.get("predicted") if isinstance(measured, dict) else measured
    if number is None or isinstance(number, bool):
        return None
    try:
        value = Decimal(str(number))
    except InvalidOperation:
        return None
    return round(value, 2) if value.is_finite() and 0 <= value < 1000 else None


def _fdi(tooth: Tooth) -> str | None:
    number = str(tooth.tooth_number)
    return number if FDI.fullmatch(number) else None
