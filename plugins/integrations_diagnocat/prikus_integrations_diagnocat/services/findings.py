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

    What the service sees on every tooth tells nothing of any of them and is said once, unless the clinic has named it.
    """
    teeth = said.diagnoses or []
    common = _everywhere(teeth) - signs.names.keys() - signs.hidden
    of_teeth = [found for tooth in teeth for found in (*_signs(tooth, signs, common), *_losses(tooth))]
    return [*_said_once(teeth, signs, common), *of_teeth]


def _everywhere(teeth: list[Tooth]) -> frozenset[str]:
    if len(teeth) < MANY:
        return frozenset()
    counts = Counter(
        id for tooth in teeth for id in {str(one.attribute_id) for one in _attributes(tooth) if _is_seen(one)}
    )
    return frozenset(id for id, count in counts.items() if count == len(teeth))


def _said_once(teeth: list[Tooth], signs: Signs, common: frozenset[str]) -> Iterator[Found]:
    """Signs of the whole mouth that nobody has marked at a single tooth."""
    by_model = {str(one.attribute_id) for tooth in teeth for one in _attributes(tooth) if _is_found(one, by_user=False)}
    for id in sorted(common & by_model):
        yield Found(code=f"dc:{id}", title=f"{signs.title(id)} – на всех зубах", kind="anatomy")


def _signs(tooth: Tooth, signs: Signs, common: frozenset[str]) -> Iterator[Found]:
    for one in _attributes(tooth):
        id = str(one.attribute_id)
        if id in signs.hidden:
            continue
        if _is_found(one, by_user=True):
            yield Found(code=f"dc:{id}", title=signs.title(id), tooth=_fdi(tooth), source="user")
        elif id not in common and _is_found(one, by_user=False):
            yield Found(code=f"dc:{id}", title=signs.title(id), tooth=_fdi(tooth))


def _attributes(tooth: Tooth) -> list[Attribute]:
    return tooth.attributes or []


def _is_seen(one: Attribute) -> bool:
    """Whether model or person have seen it, whatever was decided."""
    return bool(one.model_positive or one.user_positive or one.user_decision)


def _is_found(one: Attribute, *, by_user: bool) -> bool:
    is_users = bool(one.user_positive or one.user_decision)
    return one.user_decision is not False and _is_seen(one) and is_users is by_user


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
