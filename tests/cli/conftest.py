"""The program as a script runs it: a process of its own, with an environment that owes nothing to ours."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bot.core.delivery import Delivery
from bot.playground.nameserver import Behaviour, NameServer
from bot.store.engine import open_engine
from bot.store.migrate import migrate
from tests.house import ZONE, save

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8")

    @property
    def json(self) -> list[dict[str, Any]]:
        """Return what each line says; split as scripts split, at line feeds alone."""
        return [json.loads(line) for line in self.out.decode("utf-8").strip("\n").split("\n")]


@dataclass
class Program:
    """``await program("ask", …)`` runs the command in *folder*."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def database_url(self) -> str:
        return self.environment["DATABASE_URL"]

    async def __call__(
        self, *arguments: str | bytes | Path, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> Ran:
        process = await self.start(*arguments, env=env)
        out, err = await process.communicate(stdin)
        return Ran(process.returncode or 0, out, err.decode())

    async def start(
        self, *arguments: str | bytes | Path, env: Mapping[str, str] | None = None
    ) -> asyncio.subprocess.Process:
        """Start the command; *env* is what is different in its environment."""
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            cwd=self.folder,
            env={**self.environment, **(env or {})},
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
        )

    async def knows(self, *known: Delivery) -> None:
        """Let its database know deliveries."""
        engine = open_engine(self.database_url)
        await migrate(engine)
        await save(engine, known)
        await engine.dispose()


@pytest.fixture
async def nameserver() -> AsyncIterator[NameServer]:
    behaviour: dict[str, Behaviour] = {"broken.test.": "servfail"}
    async with NameServer(zones=[ZONE], behaviour=behaviour, closed_world=True) as server:
        yield server


@pytest.fixture
def program(tmp_path: Path, nameserver: NameServer) -> Program:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'desk.db'}",
        "DNS_RESOLVER": nameserver.address,
    }
    return Program(tmp_path, environment)


def hostile() -> list[str]:
    """Return what nobody should type: for terminals, formatters, markup, JSON and Unicode."""
    return [
        "\x1b[31mred\x1b]0;title\x07",
        "\x9b31mred",
        "{0.__class__.__mro__} {delivery!r} %s %(x)s {{ 7 * 7 }} {% raw %}",
        "[red]markup[/red] [/] [link=https://evil.test]x[/link]",
        "\u202eltr\u2066\u2028line\u2029paragraph\x85next",
        "<!channel> <@U0HANA> <https://evil.test|click> *bold* `code`",
        "'; DROP TABLE deliveries; --",
        "a\r\nb\tc\x0b\x0c\x08",
        "😀" * 100 + "e" + "\u0301" * 500,
    ]
