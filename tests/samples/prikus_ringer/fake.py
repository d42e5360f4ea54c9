"""The exchange: notes who is to be rung; has one recording; tells the statistics that it was given."""

from __future__ import annotations

from typing import Any

from litestar import Litestar, Request, Response, get, post

LONG = 3 * 1024 * 1024


def build() -> Litestar:
    rung: list[Any] = []
    calls: list[Any] = []

    @post("/call")
    async def call(request: Request[Any, Any, Any]) -> Response[None]:
        rung.append(await request.json())
        return Response(None)

    @get("/rung")
    async def told() -> Response[Any]:
        return Response(rung)

    @get("/records/{call_id:str}")
    async def record(call_id: str) -> Response[Any]:
        if call_id == "silent":
            return Response(None, status_code=404)
        if call_id == "long":
            return Response(b"s" * LONG, media_type="audio/mpeg")
        return Response(b"sound of " + call_id.encode(), media_type="audio/mpeg")

    @post("/statistics")
    async def give(request: Request[Any, Any, Any]) -> Response[None]:
        calls[:] = await request.json()
        return Response(None)

    @get("/statistics")
    async def statistics() -> Response[Any]:
        return Response(calls)

    return Litestar([call, told, record, give, statistics], openapi_config=None, logging_config=None)
