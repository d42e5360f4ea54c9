from typing import ClassVar

from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Sample
from tests.contract import samples
from tests.contract.imaging_samples import ImagingSamples


class TestImaging(PluginContract):
    plugin = "imaging"
    table = samples.RIGHTS
    lists = (
        "/imaging",
        "/imaging/patients/{patient_id}",
        "/imaging/images/{image_id}",
        "/api/v1/imaging/images?patient_id={patient_id}",
        "/api/v1/imaging/images/changes",
        "/api/v1/imaging/findings/changes",
    )
    without_clinic: ClassVar = (
        # They take a file: tests/plugins/imaging/test_adding.py.
        "POST /imaging/patients/{patient_id:int}/new",
        "POST /api/v1/imaging/images",
        # They need a service that is connected: tests/plugins/imaging/provider/test_rights.py.
        "POST /imaging/images/{image_id:int}/analyse",
        "POST /api/v1/imaging/images/{image_id:int}/analyse",
        "POST /imaging/analyses/{analysis_id:int}/load",
        "POST /api/v1/imaging/analyses/{analysis_id:int}/load",
    )

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        made = await ImagingSamples.of(clinic, marker)
        self.asked = {name: int(value) for sample in made for name, value in sample.at.items()}
        return made

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        """An image of the patient whose album is asked for, and an analysis with a finding of the image that is."""
        made = await ImagingSamples.begun(clinic, f"Снимков{number}", self.asked["patient_id"])
        await made.analysed()
        await made.more_of(self.asked["image_id"])
