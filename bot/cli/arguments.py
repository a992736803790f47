"""What was typed or piped in, as text: whatever the bytes are, nothing is refused."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Iterable

from bot.core.account import account_name
from bot.core.question import MOST_TEXT
from bot.core.viewer import STAFF, STRANGER, Role, Viewer

LONGEST_LINE = 100_000  # bytes; a longer one is read as several


def viewer(name: str) -> Viewer:
    """Return who asks: ``staff``, ``stranger``, or a customer of the account called *name*."""
    return {"staff": STAFF, "stranger": STRANGER}.get(name) or Viewer(
        Role.CUSTOMER, account=account_name(decoded(name))
    )


def question(argument: str) -> str:
    """Return what is asked: *argument*, or for ``-`` as much of standard input as a question may be long."""
    return _piped(sys.stdin.buffer.read(4 * MOST_TEXT)) if argument == "-" else decoded(argument)


async def each(arguments: Iterable[str]) -> AsyncIterator[str]:
    """Give the *arguments* one by one; ``-`` stands for the lines of standard input that are not blank."""
    for argument in arguments:
        if argument == "-":
            async for line in _lines():
                yield line
        else:
            yield decoded(argument)


async def _lines() -> AsyncIterator[str]:
    # Read in a thread: waiting for the next line must not keep those waiting that are being checked.  Nobody
    # can call that thread off, so Ctrl-C has to end the process as it ends programs without a handler.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    while line := await asyncio.to_thread(sys.stdin.buffer.readline, LONGEST_LINE):
        if line.strip():
            yield _piped(line).rstrip("\r\n")


def decoded(argument: str) -> str:
    """Return *argument* with U+FFFD for what is not UTF-8; Python hands such bytes on as surrogates."""
    return _piped(argument.encode("utf-8", "surrogateescape"))


def _piped(data: bytes) -> str:
    return data.decode("utf-8", "replace").removeprefix("\ufeff")
