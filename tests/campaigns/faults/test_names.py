"""Names and codes are unique because the database keeps them so."""

from __future__ import annotations

from prikus.testing.clinics import TestClinic
from tests.campaigns.faults.guards import lingering, without
from tests.plugins.catalog.conftest import furnish

NAMES = "service_category_name_key on catalog.service_category (clinic_id, name)"
CODES = "service_code_key on catalog.service (clinic_id, code)"


async def test_without_the_indexes_several_of_five_would_get_the_name_and_the_code(clinic: TestClinic) -> None:
    """The twin of the race of five in `tests/plugins/catalog/test_changes.py`."""
    off = (
        *(f"drop index catalog.{index.partition(' ')[0]}" for index in (NAMES, CODES)),
        "create schema twin",
        *lingering("catalog.service_category", "catalog.service"),
    )
    on = (
        "drop schema twin cascade",
        *(
            f"delete from catalog.{table} where clinic_id = :clinic"
            for table in ("service_price", "service", "service_category")
        ),
        *(f"create unique index {index} where (deleted_at is null)" for index in (NAMES, CODES)),
    )
    shelf = await furnish(clinic.ctx_as)
    async with without(clinic, off, on):
        answers = await shelf.five_at_once()
        ((named, coded),) = await shelf.rows(
            "select (select count(*) from catalog.service_category where name = 'Хирургия'),"
            " (select count(*) from catalog.service where code = 'ХИР-01')"
        )
    assert answers.count("NoneType") == named == coded > 1
