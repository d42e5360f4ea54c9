"""What the service found, in the words of imaging."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from prikus_imaging.public import Found
from prikus_integrations_diagnocat.fake import body
from prikus_integrations_diagnocat.schemas import Diagnoses
from prikus_integrations_diagnocat.services.client import words_of
from prikus_integrations_diagnocat.services.findings import findings_of
from prikus_integrations_diagnocat.services.signs import Signs, read_signs


def found(said: dict[str, Any], signs: str = "") -> list[Found]:
    return findings_of(msgspec.convert(said, Diagnoses), read_signs(signs))


def sign(id: int, **more: Any) -> dict[str, Any]:
    return {"attribute_id": id, "model_positive": True, "user_positive": False, "user_decision": None, **more}


def tooth(number: Any, *signs: dict[str, Any], **status: Any) -> dict[str, Any]:
    return {"tooth_number": number, "attributes": list(signs), "periodontal_status": status}


@pytest.mark.parametrize("plural", [False, True])
def test_a_mouth_gives_its_signs_and_losses_of_bone(plural: bool) -> None:
    of_36 = [one for one in found(body.diagnoses(plural=plural)) if one.tooth == "36"]
    assert [(one.code, one.title, one.source) for one in of_36 if one.kind == "condition"] == [
        ("dc:9001", "Признак №9001", "model"),
        ("dc:9002", "Признак №9002", "model"),
        ("dc:9010", "Признак №9010", "user"),
    ]
    measured = [(one.site, one.value, one.unit) for one in of_36 if one.kind == "measurement"]
    assert measured == [("мезиально-щёчно", Decimal("2.1"), "мм"), ("орально", Decimal("3.25"), "мм")]


def test_no_finding_comes_twice() -> None:
    keys = Counter((one.tooth, one.code, one.site) for one in found(body.diagnoses(plural=False)))
    assert set(keys.values()) == {1}


def everywhere(*signs: dict[str, Any], number: int = 5) -> dict[str, Any]:
    """A whole mouth with a sign on each tooth; `signs` take its place on the first teeth."""
    rest = [sign(number)] * (len(body.TEETH) - len(signs))
    return {"diagnoses": [tooth(*pair) for pair in zip(body.TEETH, [*signs, *rest], strict=True)]}


def test_what_stands_on_every_tooth_is_said_once_unless_it_was_named() -> None:
    said = [one for one in found(body.diagnoses(plural=False)) if one.code in ("dc:9000", "dc:9092")]
    assert [(one.title, one.tooth, one.kind, one.source) for one in said] == [
        ("Признак №9000 – на всех зубах", None, "anatomy", "model"),
        ("Признак №9092 – на всех зубах", None, "anatomy", "model"),
    ]
    named = found(body.diagnoses(plural=False), "9000=Зуб есть")
    assert [one.title for one in named if one.code == "dc:9000"] == ["Зуб есть"] * 32
    assert found(everywhere(), "5=скрыть") == []
    few = {"diagnoses": [tooth(number, sign(5)) for number in (11, 12)]}
    assert [one.code for one in found(few)] == ["dc:5", "dc:5"]


def test_what_a_person_marked_there_keeps_its_tooth_though_it_stands_on_every_one() -> None:
    marked = everywhere(sign(5, user_positive=True), sign(5, user_decision=True), sign(5, user_decision=False))
    assert [(one.tooth, one.kind, one.source) for one in found(marked)] == [
        (None, "anatomy", "model"),
        (str(body.TEETH[0]), "condition", "user"),
        (str(body.TEETH[1]), "condition", "user"),
    ]
    by_hand = everywhere(*[sign(5, model_positive=False, user_positive=True)] * 32)
    assert [one.kind for one in found(by_hand)] == ["condition"] * 32


def test_a_sign_that_is_listed_with_every_tooth_stands_only_where_it_was_found() -> None:
    listed = everywhere(*[sign(5, model_positive=False)] * 31)
    assert [(one.tooth, one.kind) for one in found(listed)] == [(str(body.TEETH[31]), "condition")]


def test_the_clinic_names_signs_and_hides_them() -> None:
    said = {"diagnoses": [tooth(36, sign(1044), sign(1000))]}
    assert [one.title for one in found(said, "1044=Кариес; 1000=скрыть")] == ["Кариес"]
    assert read_signs(" №1044 : Кариес дентина ;\n1000 = Скрыть;") == Signs(
        {"1044": "Кариес дентина"}, frozenset({"1000"})
    )


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ({}, "model"),
        ({"user_decision": True}, "user"),
        ({"user_positive": True}, "user"),
        ({"user_decision": False}, None),
        ({"user_positive": True, "user_decision": False}, None),
        ({"model_positive": False}, None),
        ({"model_positive": False, "user_decision": True}, "user"),
    ],
)
def test_what_a_person_said_there_counts_more(said: dict[str, Any], source: str | None) -> None:
    assert [one.source for one in found({"diagnoses": [tooth(36, sign(1, **said))]})] == ([source] if source else [])


@pytest.mark.parametrize(("number", "expected"), [(36, "36"), ("85", "85"), (19, None), (91, None), (None, None)])
def test_teeth_are_fdi(number: Any, expected: str | None) -> None:
    assert [one.tooth for one in found({"diagnoses": [tooth(number, sign(1))]})] == [expected]


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        ({"predicted": 2.138}, [Decimal("2.14")]),
        ({"predicted": "1.5"}, [Decimal("1.5")]),
        (0.4, [Decimal("0.4")]),
        ({"predicted": None}, []),
        ({"predicted": -1}, []),
        ({"predicted": 1e9}, []),
        ({"predicted": "?"}, []),
        ({"predicted": True}, []),
        ("много", []),
    ],
)
def test_what_is_no_length_is_left_out(measured: Any, expected: list[Decimal]) -> None:
    said = tooth(36, site=[{"site": "oral", "measurements": {"boneLoss": measured, "depth": {"predicted": 9}}}])
    assert [one.value for one in found({"diagnoses": [said]})] == expected


@pytest.mark.parametrize("said", [{}, {"diagnoses": None}, {"diagnoses": []}, {"diagnoses": [{"tooth_number": 11}]}])
def test_nothing_is_no_error(said: dict[str, Any]) -> None:
    assert found(said) == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("  снимок\nтёмный. ", "снимок тёмный"),
        ({"code": 7, "message": "снимок тёмный"}, "снимок тёмный"),
        ({"error": {"detail": [{"loc": ["body"], "msg": "bad date"}, {"msg": "bad name"}]}}, "bad date; bad name"),
        ({"code": "E7"}, "E7"),
        ({"reason": "?"}, ""),
        ("x" * 900, "x" * 300),
        (None, ""),
        (True, ""),
    ],
)
def test_an_error_is_said_in_one_line(error: Any, words: str) -> None:
    assert words_of(error) == words
