"""`docs/api.md`: its samples are run as they stand there."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

from litestar import Litestar
from litestar.routes import HTTPRoute

from prikus.developers.services import keys
from prikus.testing.clinics import TestClinic

PAGE = Path(__file__).parents[3] / "docs" / "api.md"
SAMPLE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FOLLOWED = re.compile(r"`(/[a-z_/]+)`")
HEARD = """
message = Webhook(os.environ["PRIKUS_WEBHOOK_SECRET"])
now = __import__("datetime").datetime.now(__import__("datetime").UTC)
body = '{"type": "patient.created", "timestamp": "2026-11-30T00:00:00Z", "data": {}}'
signed = {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp()))}
signed["webhook-signature"] = message.sign("msg_1", now, body)
assert heard(body.encode(), signed)["type"] == "patient.created"

while patient not in {item["id"] for item in changes("/patients")[0]}:
    __import__("time").sleep(0.2)
"""
"""A transaction of another test may hold the end of the list back."""


async def test_the_samples_do_what_they_say(clinic: TestClinic, live_server: str) -> None:
    samples = SAMPLE.findall(PAGE.read_text("utf-8"))
    assert {language for language, _ in samples} == {"python"}
    async with clinic.ctx_as("director") as ctx:
        own = [code for section in keys.scopes(ctx) for code, _ in section.scopes]
        issued = await keys.issue(ctx, keys.KeyFields(name="Сайт", scopes=own, per_minute=3000))
    environ = os.environ | {
        "PRIKUS_URL": live_server,
        "PRIKUS_KEY": issued.token,
        "PRIKUS_WEBHOOK_SECRET": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    }
    text = "\n".join(sample for _, sample in samples) + HEARD
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-c", text, env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    told, mistakes = await done.communicate()
    assert done.returncode == 0, mistakes.decode()
    assert "коллега" in told.decode()


async def test_every_followed_list_is_named_and_every_named_one_is_there(app: Litestar) -> None:
    """A list is followed when it answers with `Changes`."""
    page = PAGE.read_text("utf-8")
    table = page.partition("| List | Route | Right |")[2].partition("\n\n")[0]
    named = {f"/api/v1{path}" for path in FOLLOWED.findall(table)}
    answers = {
        route.path: str(handler.parsed_fn_signature.return_type.annotation)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        if "GET" in handler.http_methods
    }
    assert named == {path for path, answer in answers.items() if "Changes[" in answer}
