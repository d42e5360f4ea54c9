import pytest

from prikus.patients.services.checks import inn_fits, snils_fits
from prikus.patients.services.names import phone_beginning, phone_digits, phone_part, search_key


@pytest.mark.parametrize("typed", ["+7 912 340-12-89", "8 (912) 340 12 89", "89123401289", "79123401289"])
def test_one_russian_number_has_one_form(typed: str) -> None:
    assert phone_digits(typed) == "79123401289"


def test_a_foreign_number_keeps_its_digits() -> None:
    assert phone_digits("+84 912 345 67 8") == "84912345678"


@pytest.mark.parametrize(("typed", "begin"), [("8912", "7912"), ("7912", "7912"), ("912", "7912"), ("8", "7")])
def test_what_is_typed_of_a_number_finds_its_beginning(typed: str, begin: str) -> None:
    assert phone_beginning(typed) == begin


@pytest.mark.parametrize(
    ("typed", "part"), [("8 999 000", "999000"), ("+7 (999) 0", "79990"), ("00-03", "0003"), ("8", "8"), ("Анна", "")]
)
def test_what_is_typed_of_a_number_is_looked_for_inside(typed: str, part: str) -> None:
    assert phone_part(typed) == part


def test_letter_case_yo_and_signs_do_not_matter() -> None:
    assert search_key("Семёнов-Тян", " ПЁТР ", None) == search_key("семенов тян", "петр", "") == "семенов тян петр"


@pytest.mark.parametrize("text", ["112-233-445 95", "11223344595", "087-654-303 00"])
def test_a_right_snils(text: str) -> None:
    assert snils_fits(text)


@pytest.mark.parametrize("text", ["112-233-445 96", "1122334459", "112233445950", ""])
def test_a_wrong_snils(text: str) -> None:
    assert not snils_fits(text)


@pytest.mark.parametrize("text", ["500100732259", "5001 0073 2259"])
def test_a_right_inn(text: str) -> None:
    assert inn_fits(text)


@pytest.mark.parametrize("text", ["500100732258", "500100732269", "7707083893", "", "50010073225"])
def test_a_wrong_inn(text: str) -> None:
    assert not inn_fits(text)
