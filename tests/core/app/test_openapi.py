"""The API's document is that of its own application (API-01)."""

from prikus.testing.clinics import Client
from prikus.testing.house import House


async def test_two_applications_of_one_process_describe_themselves(quiet_house: House, tea_house: House) -> None:
    described = {}
    for name, house in {"ours": quiet_house, "tea": tea_house}.items():
        async with Client(house, None) as stranger:
            document = (await stranger.get("/schema/openapi.json")).json()
        described[name] = {tag["name"] for tag in document["tags"]}, {path.split("/")[3] for path in document["paths"]}
    assert "calendar" in described["ours"][0] & described["ours"][1]
    assert "teahouse" in described["tea"][0] & described["tea"][1]
    assert "calendar" not in described["tea"][0] | described["tea"][1]
    assert "teahouse" not in described["ours"][0] | described["ours"][1]
