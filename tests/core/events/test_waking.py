"""Words that wake the workers: never lost, and few."""

import msgspec

from prikus.events.runtime import Runtime

STREAM, APART = "prikus:work", 15
"""Other processes of the run wake theirs through other databases of Redis."""


async def test_many_wishes_at_once_are_two_words(runtime: Runtime) -> None:
    assert runtime.config.redis_url
    address = f"{runtime.config.redis_url.rpartition('/')[0]}/{APART}"
    own = Runtime(msgspec.structs.replace(runtime.config, redis_url=address), runtime.system)
    try:
        for _ in range(50):
            own.wake()
        await own.settle()
        assert await own.redis.xlen(STREAM) == 1
        own.wake()
        while await own.redis.xlen(STREAM) < 2:
            pass
        for _ in range(50):
            own.wake()
        await own.settle()
        assert await own.redis.xlen(STREAM) == 3
    finally:
        await own.close()
