"""Check many addresses: some at a time, the results in the order of the addresses, each when it is ready."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass

from bot.checks import run_checks
from bot.checks.kit import Resolver
from bot.core.address import normalise
from bot.core.answer import finding_json
from bot.core.finding import Finding, Verdict, worst

AT_ONCE = 20  # addresses; each costs the resolver about three queries
DEADLINE = 5.0  # seconds for one address: nobody waits in a chat here


@dataclass(frozen=True, slots=True)
class Checked:
    """An address as *written*, and what was found about it."""

    written: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict that concerns delivery."""
        return worst(self.findings)

    def to_json(self) -> dict[str, object]:
        """Return the shape that `check --json` promises (docs/command-line.md)."""
        return {
            "input": self.written,
            "address": normalise(self.written).address,
            "verdict": self.verdict,
            "findings": [finding_json(finding) for finding in self.findings],
        }


async def check_all(addresses: AsyncIterable[str], resolver: Resolver) -> AsyncIterator[Checked]:
    """Check *addresses*, AT_ONCE at a time; memory does not grow with their number."""
    begun: asyncio.Queue[asyncio.Task[Checked] | None] = asyncio.Queue()
    room = asyncio.Semaphore(AT_ONCE)
    feeder = asyncio.create_task(_begin(addresses, resolver, begun, room))
    try:
        while task := await begun.get():
            yield await task
            room.release()
        await feeder
    finally:
        feeder.cancel()


async def _begin(
    addresses: AsyncIterable[str],
    resolver: Resolver,
    begun: asyncio.Queue[asyncio.Task[Checked] | None],
    room: asyncio.Semaphore,
) -> None:
    """Begin a check as soon as there is room; None in the queue is the end, also that of broken input."""
    try:
        async for address in addresses:
            await room.acquire()
            begun.put_nowait(asyncio.create_task(_check(address, resolver)))
    finally:
        begun.put_nowait(None)


async def _check(address: str, resolver: Resolver) -> Checked:
    return Checked(address, tuple(await run_checks(address, resolver=resolver, deadline=DEADLINE)))
