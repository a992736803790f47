"""The people and channels of the demo and the tests, read from cast.toml."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from pathlib import Path

from bot.playground.conversation import App, Channel, Json, Team, User
from bot.playground.storage import load
from bot.playground.workspace import Workspace

_CAST = Path(__file__).with_name("cast.toml")


def new_workspace(now: Callable[[], float] = time.time) -> Workspace:
    """Return a workspace with its people and channels, a direct conversation each, nothing said yet."""
    data = tomllib.loads(_CAST.read_text(encoding="utf-8"))
    workspace = Workspace(
        app=App(**data["app"]),
        teams=[Team(**team) for team in data["teams"]],
        users=[User(**user) for user in data["users"]],
        channels=[_channel(channel) for channel in data["channels"]],
        now=now,
    )
    for user in list(workspace.users.values()):
        if not user.is_bot:
            workspace.direct(user.id)
    return workspace


def workspace_in(path: Path) -> Workspace:
    """Return the workspace saved in *path*, or a new one when there is no such file."""
    return load(path) if path.exists() else new_workspace()


def _channel(data: Json) -> Channel:
    return Channel(**data | {name: tuple(data[name]) for name in ("members", "teams")})
