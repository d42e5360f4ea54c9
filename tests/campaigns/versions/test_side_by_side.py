"""Release N takes over from N-1 while people work: nobody notices."""

from __future__ import annotations

from contextlib import AsyncExitStack

from tests.campaigns.versions.release import DRAIN, Release


async def test_nobody_notices_that_a_release_takes_over(clinic, release, traffic, rounds) -> None:
    """Two processes of N-1 work, the database is brought to N, then N takes over process by process."""
    total = rounds(500, 5000)
    old, new = (Release(clinic.house.config, folder=folder, drain=DRAIN) for folder in (None, release))
    async with AsyncExitStack() as closing:
        closing.push_async_callback(old.stop_all)
        closing.push_async_callback(new.stop_all)
        for _ in range(2):
            traffic.proxy.add(await old.start())
        await traffic.proxy.look()
        async with traffic.flowing():
            await traffic.reach(total // 5)
            before = traffic.answered.total()
            await new.run("db upgrade")
            during = traffic.answered.total() - before
            upgraded = traffic.answered.total()
            await traffic.reach(upgraded + total // 5)
            await new.take_over(old, traffic.proxy)
            await traffic.reach(max(total, traffic.answered.total() + total // 5))
    print(f"{traffic.answered.total()} requests, {during} during the migration, failed: {len(traffic.failures)}")
    assert traffic.failures == []
    assert traffic.answered.total() >= total
    assert during > 0
    assert all(traffic.answered[str(one.base_url)] > 0 for one in traffic.proxy.known.values())


async def test_without_a_pause_a_stop_is_noticed(clinic, traffic) -> None:
    """The twin: a process that is gone before the proxy has looked again refuses requests; the pause is there for that
    look."""
    old = Release(clinic.house.config, drain=0)
    async with AsyncExitStack() as closing:
        closing.push_async_callback(old.stop_all)
        for _ in range(2):
            traffic.proxy.add(await old.start())
        await traffic.proxy.look()
        await old.stop(next(iter(old.running)))
        for _ in range(50):
            await traffic.ask()
    assert traffic.failures
