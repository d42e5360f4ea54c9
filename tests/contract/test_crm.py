from itertools import count
from typing import ClassVar

from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Filter, Id, Sample
from prikus_crm.public import Lead, LeadSource, hear_lead
from prikus_crm.schemas import RequestForm
from prikus_crm.services.keeping import change
from tests.contract.samples import RIGHTS, new_patient

REQUEST = "/crm/requests/{request_id:int}/"
API = "/api/v1/crm/requests"
ONE = API + "/{request_id:int}"
SITE = LeadSource("site", "Сайт")
numbers = count(1)


class TestCrm(PluginContract):
    plugin = "crm"
    table = RIGHTS
    lists = ("/crm", "/api/v1/crm/requests", "/api/v1/crm/requests/changes")
    kept: ClassVar = (
        "crm.crm_request.external_id",  # the number of a form, about nobody
        "crm.crm_request.place",  # its title
    )

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        patient = await new_patient(clinic, marker)
        await heard(clinic, marker, int(patient))

        async def kept() -> Id:
            return await heard(clinic, f"{marker} {next(numbers)}", int(patient))

        colleague = Id((await clinic.staff("administrator", last_name=marker)).staff_id)
        form = {"name": marker, "phone": "+79123401289", "patient_id": patient, "responsible_id": colleague}
        return [
            Sample(method="GET", path="/crm"),
            Sample(method="GET", path="/crm", query={"responsible": Filter(colleague), "q": marker}),
            Sample(method="GET", path="/crm/requests/new", shows=True),
            Sample(
                method="POST",
                path="/crm/requests/new",
                form=form | {"comment": marker, "idempotency_key": f"crm-{next(numbers):08}"},
            ),
            Sample(method="GET", path=REQUEST + "edit", at={"request_id": await kept()}),
            Sample(
                method="POST",
                path=REQUEST + "edit",
                at={"request_id": await kept()},
                form=form | {"status": "refused", "refusal": marker, "row_version": 2},
            ),
            Sample(method="POST", path=REQUEST + "move", at={"request_id": await kept()}, form={"status": "work"}),
            Sample(method="POST", path=REQUEST + "delete", at={"request_id": await kept()}),
            Sample(method="GET", path="/api/v1/crm/requests"),
            Sample(method="GET", path=ONE, at={"request_id": await kept()}),
            Sample(method="GET", path=API + "/changes", shows=False),
            Sample(
                method="POST",
                path=API,
                json=form | {"text": marker},
                headers={"Idempotency-Key": f"crm-{next(numbers):08}"},
            ),
            Sample(method="POST", path=ONE, at={"request_id": await kept()}, json=form | {"row_version": 2}),
            Sample(method="POST", path=ONE + "/move", at={"request_id": await kept()}, json={"status": "work"}),
            Sample(method="POST", path=ONE + "/delete", at={"request_id": await kept()}),
            Sample(method="GET", path=ONE + "/metadata", at={"request_id": await kept()}, shows=False),
            Sample(
                method="POST",
                path=ONE + "/metadata",
                at={"request_id": await kept()},
                json={"metadata": {"site": marker}},
            ),
        ]

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        await heard(clinic, f"Заявка {number}")


async def heard(clinic: TestClinic, words: str, patient: int | None = None) -> Id:
    """A request of a site with these words everywhere; its number."""
    async with clinic.ctx_as("plugin:crm") as ctx:
        lead = Lead(
            external_id=words, name=words, text=words, place=words, page=words, utm={"utm_source": words}, phone=words
        )
        id = await hear_lead(ctx, SITE, lead)
    if patient is not None:
        async with clinic.ctx_as("director") as ctx:
            await change(ctx, id, RequestForm(name=words, text=words, comment=words, patient_id=patient, row_version=1))
    return Id(id)
