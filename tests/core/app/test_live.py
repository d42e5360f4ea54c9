"""A process that is told to stop stops reading the live channel, whatever it was just about to do."""

import asyncio

from prikus.app.live import LiveStream


async def test_a_stream_ends_at_every_moment_of_its_start(house) -> None:
    for steps in range(120):
        stream = LiveStream(house.runtime, house.app.state.visits)
        await stream.start(house.app)
        for _ in range(steps):
            await asyncio.sleep(0)
        async with asyncio.timeout(60):
            await stream.close()
