"""A program that hears webhooks: keeps what came, answers with the status that it was told to."""

from __future__ import annotations

from typing import Any

from litestar import Litestar, Request, Response, get, post


def build() -> Litestar:
    heard: list[dict[str, Any]] = []
    answer = {"status": 204}

    @post("/hook/{name:str}")
    async def hook(request: Request[Any, Any, Any], name: str) -> Response[None]:
        body = (await request.body()).decode()
        heard.append({"name": name, "headers": dict(request.headers), "body": body})
        headers = {"Location": "https://elsewhere.example/"} if answer["status"] == 302 else {}
        return Response(None, status_code=answer["status"], headers=headers)

    @post("/answer/{status:int}")
    async def set_answer(status: int) -> None:
        answer["status"] = status

    @get("/heard/{name:str}")
    async def told(name: str) -> list[dict[str, Any]]:
        return [one for one in heard if one["name"] == name]

    return Litestar([hook, set_answer, told])
