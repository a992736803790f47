"""What the app may do in a workspace: the bot scopes, each with what it is for."""

from __future__ import annotations

# manifest.yml asks for the same (a test holds them together); `doctor` compares what was granted.
SCOPES: dict[str, str] = {
    "app_mentions:read": "a mention is a question",
    "channels:history": "find a post of ours whose answer was lost, before it is said again",
    "channels:read": "members of the support channel are staff",
    "chat:write": "answers, cards, notices",
    "commands": "/delivery",
    "groups:history": "the same in private channels",
    "groups:read": "the same in private channels",
    "im:history": "a direct message is a question",
    "im:write": "notices to whoever asked by slash command",
    "users:read": "a guest's rights, the viewer's locale",
}
