"""What a person may write as the contact of a buyer, and what of it a register gets."""

from __future__ import annotations

import pytest

from prikus.toolkit import Invalid
from prikus_fiscal.schemas import Buyer
from prikus_fiscal.services.making import phone_of
from prikus_fiscal.services.mending import with_contact


@pytest.mark.parametrize("written", ["+7 912 345-67-89", "8 (912) 345-67-89", "912 345 67 89", "+7 ٩١٢ ٣٤٥-٦٧-٨٩"])
def test_a_russian_number_is_written_as_registers_take_it(written: str) -> None:
    assert with_contact(Buyer(email="old@clinic.example"), written) == Buyer(phone="+79123456789")


@pytest.mark.parametrize("written", ["abc", "", "+375 29 123-45-67", "912", "8 912 345-67-89, звонить вечером, доб. 5"])
def test_what_is_no_contact_is_refused_beside_the_field(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        with_contact(Buyer(), written)
    assert "contact" in refused.value.fields


def test_digits_of_other_scripts_go_to_no_register() -> None:
    assert phone_of("+7٩١٢٣٤٥٦٧٨٩") is None
    assert phone_of("+79123456789") == "+79123456789"
