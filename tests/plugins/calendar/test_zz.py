from tests.plugins.calendar.conftest import *
from prikus_calendar.services import changes
async def test_x(desk, monkeypatch):
    orig=changes.finish
    async def f(ctx, e, **k):
        await ctx.db.flush(); print("XX", "changed_xid" in e.__dict__, e.__dict__.get("changed_xid")); return await orig(ctx,e,**k)
    from prikus_calendar.services import booking
    monkeypatch.setattr(booking,"finish",f)
    s=await desk.book(); await desk.move(s,"12:00","12:30")
