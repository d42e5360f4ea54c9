"""Numbers of teeth, and what other plugins may count on."""

import pytest

from prikus_billing.public import invoice_lines_v1, payments_v1
from prikus_billing.services.teeth import read_teeth


@pytest.mark.parametrize(
    ("text", "teeth"),
    [
        ("14", "1.4"),
        ("1.4, 2.6", "1.4, 2.6"),
        ("14 26;48", "1.4, 2.6, 4.8"),
        ("26, 2.6", "2.6"),
        ("55 8.5", "5.5, 8.5"),
        ("", None),
        (" , ", None),
        (None, None),
    ],
)
def test_teeth_are_read_as_people_write_them(text: str | None, teeth: str | None) -> None:
    assert read_teeth(text) == teeth


@pytest.mark.parametrize("text", ["19", "9.1", "56", "8.8", "1.4-1.6", "все", "114", "1,4"])
def test_what_is_no_tooth_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"например 1\.4"):
        read_teeth(text)


def test_the_columns_of_the_facts_are_a_promise() -> None:
    assert [column.key for column in invoice_lines_v1().selected_columns] == [
        "clinic_id",
        "line_id",
        "invoice_id",
        "patient_id",
        "legal_entity_id",
        "branch_id",
        "business_date",
        "service_id",
        "doctor_id",
        "appointment_id",
        "teeth",
        "quantity",
        "price",
        "net_amount",
    ]
    assert [column.key for column in payments_v1().selected_columns] == [
        "clinic_id",
        "payment_id",
        "invoice_id",
        "patient_id",
        "legal_entity_id",
        "branch_id",
        "paid_at",
        "business_date",
        "kind",
        "amount",
        "transaction_id",
        "operation",
    ]
