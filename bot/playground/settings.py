"""How the stand-in is wired to the bot: where it is, what they both know, how patient Slack is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SCOPES = frozenset(
    (
        *(
            "app_mentions:read",
            "assistant:write",
            "channels:history",
            "channels:join",
            "channels:read",
            "chat:write",
        ),
        *("commands", "groups:history", "groups:read", "im:history", "im:read", "im:write"),
        *("reactions:write", "users:read"),
    )
)


class Mode(StrEnum):
    """How what happens reaches the bot."""

    AUTO = "auto"  # through a socket while one is connected, otherwise over HTTP
    HTTP = "http"
    SOCKET = "socket"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of the manifest's shortcuts; *kind* is ``message`` or ``global``."""

    callback_id: str
    name: str
    kind: str = "message"


@dataclass(frozen=True, slots=True)
class Settings:
    """*bot_url* is the bot's address without a path; times are seconds; *scopes* are those of its token."""

    bot_url: str
    signing_secret: str
    bot_token: str
    app_token: str = ""
    verification_token: str = "playground"  # noqa: S105 - deprecated by Slack, sent and never checked
    scopes: frozenset[str] = SCOPES
    mode: Mode = Mode.AUTO
    patience: float = 3.0
    # Slack tries a failed event again at nearly once, after one minute, after five. (Events API, "Retries")
    retries: tuple[float, ...] = (0.0, 60.0, 300.0)
    shortcuts: tuple[Shortcut, ...] = ()
