from __future__ import annotations

import asyncio

from sqlalchemy import text

from prikus.toolkit import Conflict, Context, hookimpl


async def _deaf() -> None:
    """Waits for ever and hears no cancellation but the last."""
    for _ in range(5):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue
    await asyncio.Event().wait()


@hookimpl
async def may_brew(ctx: Context, tea: str) -> str | None:
    """Every way to answer, chosen by the tea."""
    if tea == "veto":
        raise Conflict("Печенье кончилось.")
    if tea == "raise":
        raise RuntimeError("crumbs everywhere")
    if tea == "sql":
        await ctx.db.execute(text("select 1 / 0"))
    if tea == "swallow":
        try:
            await ctx.db.execute(text("select 1 / 0"))
        except Exception:
            return "проглочено"
    if tea == "slow":
        await ctx.db.execute(text("select pg_sleep(60)"))
    if tea == "hang":
        await asyncio.Event().wait()
    if tea == "drip":
        while True:
            await ctx.db.execute(text("select 1"))
    if tea == "deaf":
        await _deaf()
    if tea == "commit":
        await ctx.db.commit()
    if tea == "rollback":
        await ctx.db.rollback()
    if tea == "close":
        await ctx.db.close()
    if tea == "raw commit":
        await ctx.db.execute(text("commit"))
    if tea == "nested":
        async with ctx.db.begin_nested():
            while True:
                await ctx.db.execute(text("select 1"))
    if tea == "ask":
        await ctx.ask("may_brew", tea="улун")
    if tea == "write":
        await ctx.db.execute(text("insert into teahouse.tea (name) values ('от печенья')"))
        raise RuntimeError("after the write")
    return f"к чаю «{tea}»"


@hookimpl
async def may_serve(ctx: Context, tea: str) -> str | None:
    """Agrees, refuses by a sentence, or does as `may_brew` does."""
    if tea == "no":
        return "Чай остыл."
    await may_brew(ctx, tea)
    return None
