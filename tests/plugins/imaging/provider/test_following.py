"""Images and findings as programs follow them (API-01)."""

from __future__ import annotations

from prikus.testing.following import followed
from tests.plugins.imaging.provider.conftest import Desk

IMAGES, FINDINGS = "/api/v1/imaging/images/changes", "/api/v1/imaging/findings/changes"


async def test_findings_go_and_come_back_with_their_image(desk: Desk) -> None:
    image, other = await desk.add(), await desk.add()
    for one in (image, other):
        await desk.start(one)
    assert await desk.work(4) == ["ready", "ready"]
    query = f"""select f.id, f.row_version from imaging.finding f
        join imaging.image_analysis a on a.id = f.analysis_id where a.image_id = {image}"""
    versions = dict(await desk.clinic.rows(query))
    program = await desk.clinic.program("imaging.image.view", per_minute=3000)
    _, seen = await followed(program, IMAGES, [image])
    found, cursor = await followed(program, FINDINGS, versions)
    assert {found[id]["deleted"] for id in versions} == {False}
    assert (await desk.director.post(f"/imaging/images/{image}/delete")).status_code == 204
    told, seen = await followed(program, IMAGES, [image], seen)
    assert told[image]["deleted"]
    told, cursor = await followed(program, FINDINGS, versions, cursor)
    assert (set(told), {one["deleted"] for one in told.values()}) == (set(versions), {True})
    assert (await desk.director.post(f"/trash/imaging.image/{image}/restore")).is_success
    told, _ = await followed(program, IMAGES, [image], seen)
    assert not told[image]["deleted"]
    told, _ = await followed(program, FINDINGS, versions, cursor)
    assert (set(told), {one["image_id"] for one in told.values()}) == (set(versions), {image})
    assert dict(await desk.clinic.rows(query)) == versions, "nobody's form is stale by that"
