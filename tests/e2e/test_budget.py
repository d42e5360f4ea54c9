"""What a first page costs, as the browser counts it."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page

from tests.e2e import desk

Pages = Callable[..., Awaitable[Page]]


async def test_the_first_page_weighs_little(page_as: Pages) -> None:
    """At most 150 KB of compressed script and style before anything is cached, and no grid where none is shown."""
    page = await page_as("administrator")
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    kinds: dict[str, str] = {}
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    weights: dict[str, int] = {}
    session.on("Network.responseReceived", lambda got: kinds.update({got["requestId"]: got["type"]}))
    session.on("Network.loadingFinished", lambda got: weights.update({got["requestId"]: got["encodedDataLength"]}))
    await desk.shown(page, "/patients/")
    weighed = {id: weights[id] for id, kind in kinds.items() if kind in ("Script", "Stylesheet") and id in weights}
    assert len(weighed) >= 2
    heavy = sum(weighed.values())
    assert heavy <= 150 * 1024, f"{heavy / 1024:.0f} KB"
    assert not [url for url in addresses if "/grid-" in url]
