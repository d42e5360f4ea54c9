"""What the analysis of a mouth says, in the shape of a real answer: 32 teeth in no order, numbers that nobody knows."""

from __future__ import annotations

from typing import Any

TEETH = [quarter * 10 + place for place in (3, 8, 1, 6, 4, 2, 7, 5) for quarter in (4, 1, 3, 2)]
EVERYWHERE = (9000, 9092)
"""Signs that stand on each tooth."""
SIGNS = {36: (9001, 9002), 46: (9001,), 17: (9003,), 28: (9004,), 38: (9004,)}
LOSSES = {36: (("mesial-buccal", 2.1), ("oral", 3.25)), 46: (("distal-lingual", 1.4),)}
BY_USER, REFUSED = 9010, 9011
"""A sign that a person has marked there, and one that a person has refused."""


def diagnoses(*, plural: bool) -> dict[str, Any]:
    """The whole mouth; `plural` says `sites` as the client of its authors does."""
    return {"diagnoses": [_tooth(number, "sites" if plural else "site") for number in TEETH]}


def chosen() -> dict[str, Any]:
    """What comes after a person has chosen a tooth there."""
    one = _tooth(11, "site")
    one["attributes"].append(_sign(9001, model=True))
    return {"diagnoses": [one]}


def _tooth(number: int, sites: str) -> dict[str, Any]:
    attributes = [_sign(id, model=True) for id in (*EVERYWHERE, *SIGNS.get(number, ()))]
    if number == 36:
        attributes += [_sign(BY_USER, user=True), _sign(REFUSED, model=True, decision=False)]
    lost = [
        {"site": site, "measurements": {"boneLoss": {"predicted": value}}} for site, value in LOSSES.get(number, ())
    ]
    roots = [{"root": "M", "measurements": {"length": {"predicted": 13.4}}}]
    status = {sites: lost, "roots": roots} if lost else {}
    return {"tooth_number": number, "text_comment": "", "attributes": attributes, "periodontal_status": status}


def _sign(id: int, *, model: bool = False, user: bool = False, decision: bool | None = None) -> dict[str, Any]:
    return {"attribute_id": id, "model_positive": model, "user_positive": user, "user_decision": decision}
