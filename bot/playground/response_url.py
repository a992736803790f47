"""What a post to a response_url does. (docs: "Handling user interaction", "Message responses")"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.playground.conversation import Message
from bot.playground.limits import check_message
from bot.playground.refused import Refused
from bot.playground.tickets import ResponseUrl
from bot.playground.workspace import Workspace


def respond(workspace: Workspace, token: str, args: Mapping[str, Any]) -> None:
    """Post, replace or delete, as *args* say; raise Refused when the URL or the message is no good."""
    url, error = workspace.tickets.respond(token)
    if url is None:
        raise Refused(error)
    original = url.message_ts if (url.channel, url.message_ts) in workspace.messages else None
    if _says(args, "delete_original"):
        if original:
            workspace.delete(url.channel, original)
        return
    blocks = args.get("blocks")
    blocks = json.loads(blocks) if isinstance(blocks, str) else blocks
    check_message(args.get("text"), blocks)
    if _says(args, "replace_original") and original:
        text, now = args.get("text") or "", workspace.tick()
        workspace.edit(url.channel, original, text=text, blocks=tuple(blocks or ()), edited_ts=now)
    else:
        workspace.post(spoken(workspace, url, {**args, "blocks": blocks}))


def spoken(workspace: Workspace, url: ResponseUrl, args: Mapping[str, Any]) -> Message:
    """Return the new message that *args* ask for: ephemeral unless they say ``in_channel``."""
    return Message(
        channel=url.channel,
        ts="",
        user=workspace.app.user,
        text=args.get("text") or "",
        blocks=tuple(args.get("blocks") or ()),
        # Without a thread_ts of its own the answer goes to the channel, even from a button in a thread.
        thread_ts=args.get("thread_ts"),
        ephemeral_to=None if args.get("response_type") == "in_channel" else url.user,
    )


def _says(args: Mapping[str, Any], name: str) -> bool:
    return str(args.get(name, "")).lower() in ("1", "true")
