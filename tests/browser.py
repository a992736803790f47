"""A real browser for tests: Debian's or Playwright's Chromium, never a download."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def chromium() -> str:
    """Return the path of a Chromium; without one skip loudly, but fail where CI says that there is one."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if found:
        return found
    missing = "NO BROWSER: the page was not tested; install chromium, or name one in the variable CHROMIUM"
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(missing)
    pytest.skip(missing)


@asynccontextmanager
async def browser_page(width: int = 1280, height: int = 800) -> AsyncIterator[Page]:
    """Open a page; fail at its end when its scripts raised or its policy refused something."""
    path = chromium()
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            page = await browser.new_page(viewport={"width": width, "height": height})
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
            page.set_default_timeout(10_000)
            yield page
        finally:
            await browser.close()
    assert complaints == []
