"""One call of the Web API: its arguments, in whichever of Slack's encodings they came."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.playground.conversation import Channel, Json, Value
from bot.playground.refused import Refused
from bot.playground.workspace import Workspace

Item = TypeVar("Item")
_SCOPES = {"public": "channels", "private": "groups", "im": "im"}


@dataclass(frozen=True, slots=True)
class Call:
    """A method's arguments as sent, the workspace it acts on, and the scopes of the token."""

    workspace: Workspace
    args: Mapping[str, Any]
    scopes: frozenset[str]
    origin: str  # of the stand-in: http://127.0.0.1:8080

    def text(self, name: str) -> str | None:
        """Return a string argument, or nothing when it is absent or empty."""
        value = self.args.get(name)
        return str(value) if value not in (None, "") else None

    def need(self, name: str) -> str:
        """Return a string argument that the method cannot do without."""
        value = self.text(name)
        if value is None:
            raise Refused("invalid_arguments", [f"[ERROR] missing required field: {name}"])
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean argument; forms say ``1`` or ``true``."""
        return str(self.args.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, usual: int, most: int) -> int:
        """Return a positive whole number, *usual* when absent, never above *most*."""
        value = str(self.args.get(name) or usual)
        if not value.isdecimal() or int(value) < 1:
            raise Refused("invalid_limit" if name == "limit" else "invalid_arguments")
        return min(int(value), most)

    def structure(self, name: str) -> Value:
        """Return an argument that is JSON: as it is, or as a string inside a form."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError as error:
            name_of_error = "invalid_blocks_format" if name == "blocks" else "invalid_arguments"
            raise Refused(name_of_error, [f"[ERROR] not JSON: {name}"]) from error

    def require(self, scope: str) -> None:
        """Raise ``missing_scope`` unless the token has *scope*."""
        if scope not in self.scopes:
            provided = ",".join(sorted(self.scopes))
            raise Refused("missing_scope", needed=scope, provided=provided)

    def require_for(self, channel: Channel, what: str) -> None:
        """Raise ``missing_scope`` unless the token may do *what* in a channel of this kind."""
        self.require(f"{_SCOPES[channel.kind]}:{what}")

    def channel(self, *, member: bool = True) -> Channel:
        """Return the channel that the call names, which the bot has to be a *member* of."""
        found = self.workspace.channels.get(self.need("channel"))
        bot = self.workspace.app.user
        if found is None or (found.kind != "public" and bot not in found.members):
            raise Refused("channel_not_found")
        if member and bot not in found.members:
            raise Refused("not_in_channel")
        return found

    def page(self, everything: Sequence[Item], usual: int = 100) -> tuple[list[Item], str]:
        """Return the page that *cursor* and *limit* ask for, and the cursor of the next one."""
        cursor, limit = self.text("cursor") or "0", self.number("limit", usual, 1000)
        start = int(cursor.removeprefix("after:")) if cursor.removeprefix("after:").isdecimal() else None
        if start is None:
            raise Refused("invalid_cursor")
        end = start + limit
        return list(everything[start:end]), f"after:{end}" if end < len(everything) else ""


Method = Callable[[Call], Json]
