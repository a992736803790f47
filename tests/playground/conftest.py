"""The stand-in, and bots at its other end."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page

from bot.playground.conversation import Json
from bot.playground.standin import StandIn
from tests.browser import browser_page
from tests.playground.toy_bot import toy_bot


@pytest.fixture
async def slack() -> AsyncIterator[StandIn]:
    async with StandIn() as slack:
        yield slack


@pytest.fixture
async def heard(slack: StandIn) -> AsyncIterator[list[Json]]:
    """What a toy bot behind *slack* is told."""
    async with toy_bot(slack) as heard:
        yield heard


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A desktop browser's page."""
    async with browser_page() as page:
        yield page


@pytest.fixture
async def phone() -> AsyncIterator[Page]:
    """A page as wide as a phone."""
    async with browser_page(390, 844) as page:
        yield page
