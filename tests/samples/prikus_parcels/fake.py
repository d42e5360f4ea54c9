"""The post office: knows one key; `/faults` chooses how it misbehaves; `/seen` tells what reached it."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Litestar, Request, Response, get, post, put, route

KEY = "tea-4711"


def build() -> Litestar:
    seen: list[Any] = []
    faults: dict[str, str] = {}

    @get("/me")
    async def me(request: Request[Any, Any, Any]) -> Response[Any]:
        match faults.get("mode"):
            case "slow":
                await asyncio.Event().wait()
            case "large":
                return Response("x" * 2_000_000)
            case "broken":
                return Response("сломалось", status_code=500)
            case "moved":
                return Response("", status_code=302, headers={"Location": "http://127.0.0.1:1/"})
        if request.headers.get("authorization", "") != KEY:
            return Response({"error": "who are you"}, status_code=401)
        return Response({"office": "№ 7"})

    @post("/parcels")
    async def parcels(request: Request[Any, Any, Any]) -> Response[Any]:
        if faults.get("mode") == "slow":
            await asyncio.Event().wait()
        seen.append(await request.json())
        return Response({"ok": True})

    @put("/pictures")
    async def pictures(request: Request[Any, Any, Any]) -> Response[Any]:
        names = ("content-length", "transfer-encoding")
        head = {name: request.headers.get(name) for name in names}
        return Response({**head, "got": len(await request.body())}, status_code=200)

    @route("/moved", http_method=["GET", "POST"], status_code=302)
    async def moved(to: str) -> Response[Any]:
        return Response(None, headers={"Location": to})

    @get("/seen")
    async def told() -> Response[Any]:
        return Response(seen)

    @post("/faults/{mode:str}")
    async def misbehave(mode: str) -> Response[None]:
        faults["mode"] = mode
        return Response(None)

    return Litestar([me, parcels, pictures, moved, told, misbehave], openapi_config=None, logging_config=None)
