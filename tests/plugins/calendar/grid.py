"""The mouse over the calendar's grid."""

from __future__ import annotations

from playwright.async_api import Page

QUARTER = 18
"""Pixels of a quarter of an hour."""


async def spot(page: Page, time: str, column: int = 0) -> tuple[float, float]:
    """A point in the grid, whose first hour is 9: a chair's column, just below the line of a time."""
    await page.locator(".ec-main").evaluate("main => main.scrollTop = 0")
    cell = await page.locator(".ec-body .ec-day").nth(column).bounding_box()
    assert cell
    hours, minutes = map(int, time.split(":"))
    return cell["x"] + cell["width"] / 2, cell["y"] + ((hours - 9) * 60 + minutes) / 15 * QUARTER + 3


async def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    await page.mouse.move(*start)
    await page.mouse.down()
    await page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    await page.mouse.move(*end, steps=4)
    await page.mouse.up()
