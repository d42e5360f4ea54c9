from __future__ import annotations

from sqlalchemy import text

from prikus.toolkit import Conflict, Context, hookimpl


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
    if tea == "write":
        await ctx.db.execute(text("insert into teahouse.tea (name) values ('от печенья')"))
        raise RuntimeError("after the write")
    return f"к чаю «{tea}»"
