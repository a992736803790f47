"""A workspace as JSON, and on disk: a reload or a restart keeps the conversation."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.playground.conversation import App, Channel, Json, Message, Team, User, View
from bot.playground.tickets import ResponseUrl
from bot.playground.workspace import Workspace

FORMAT = 1


def to_json(workspace: Workspace) -> Json:
    """Return everything that a restart has to keep; trigger_ids live too short for that."""
    return {
        "format": FORMAT,
        "app": asdict(workspace.app),
        "teams": [asdict(team) for team in workspace.teams.values()],
        "users": [asdict(user) for user in workspace.users.values()],
        "channels": [asdict(channel) for channel in workspace.channels.values()],
        "messages": [asdict(message) for message in workspace.messages.values()],
        "modals": {user: [asdict(view) for view in stack] for user, stack in workspace.modals.items()},
        "homes": {user: asdict(view) for user, view in workspace.homes.items()},
        "response_urls": {token: asdict(url) for token, url in workspace.tickets.response_urls.items()},
    }


def from_json(data: Json) -> Workspace:
    """Build the workspace that :func:`to_json` wrote down; raise ValueError for another format."""
    if data.get("format") != FORMAT:
        raise ValueError(
            f"the playground's file has format {data.get('format')!r}, not {FORMAT}; delete it to start anew"
        )
    workspace = Workspace(
        app=App(**data["app"]),
        teams=[Team(**team) for team in data["teams"]],
        users=[User(**user) for user in data["users"]],
        channels=[Channel(**_tupled(channel, "members", "teams")) for channel in data["channels"]],
    )
    _restore_messages(workspace, data["messages"])
    workspace.modals = {user: [_view(view) for view in stack] for user, stack in data["modals"].items()}
    workspace.homes = {user: _view(view) for user, view in data["homes"].items()}
    urls = {token: ResponseUrl(**url) for token, url in data["response_urls"].items()}
    workspace.tickets.response_urls = urls
    return workspace


def save(workspace: Workspace, path: Path) -> None:
    """Write *workspace* to *path*, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(path.name + ".new")
    with half.open("w", encoding="utf-8") as file:
        json.dump(to_json(workspace), file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def load(path: Path) -> Workspace:
    """Read what :func:`save` wrote."""
    return from_json(json.loads(path.read_text(encoding="utf-8")))


def _restore_messages(workspace: Workspace, messages: list[Json]) -> None:
    for data in messages:
        message = Message(**_tupled(data, "blocks", "reactions"))
        workspace.messages[message.channel, message.ts] = message
        workspace.not_before(message.ts)


def _view(data: Json) -> View:
    return View(**_tupled(data, "missing"))


def _tupled(data: Json, *names: str) -> dict[str, Any]:
    return data | {name: tuple(data[name]) for name in names}
