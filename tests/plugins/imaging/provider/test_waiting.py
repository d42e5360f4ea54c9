"""«Снимки»: what needs a person."""

from __future__ import annotations

import re

from tests.plugins.imaging.provider.conftest import Desk

IMAGES = """insert into imaging.dental_image (patient_id, original_id, kind, taken_on)
    select patient_id, original_id, kind, taken_on from imaging.dental_image, generate_series(1, 101)"""
FAILED = """insert into imaging.image_analysis (image_id, connection_id, service, state, next_at, created_at)
    select id, {}, 'Зоркий глаз', 'failed', null, now() - interval '1 day' from imaging.dental_image"""


async def test_what_came_last_is_seen_first_and_nothing_is_out_of_reach(desk: Desk) -> None:
    image = await desk.add()
    await desk.clinic.change(IMAGES)
    await desk.clinic.change(FAILED.format(desk.linked.id))
    await desk.fake.misbehave("empty")
    await desk.start(image)
    assert "needs_teeth" in await desk.work(4)
    shown, place = list[str](), "/imaging/"
    while place:
        page = (await desk.director.get(place)).text
        rows = re.findall(r'href="/imaging/images/(\d+)"', page)
        assert 0 < len(rows) <= 30
        shown += rows
        more = re.search(r'href="(/imaging\?after=[^"]+)" rel="next"', page)
        place = more[1] if more else ""
    assert shown[0] == str(image)
    assert len(shown) == len(set(shown)) == 102
