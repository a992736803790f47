"""``chat.*`` and reactions: what the bot says."""

from __future__ import annotations

from typing import Any

from bot.playground.api.call import Call, Method
from bot.playground.api.shown import message_json
from bot.playground.conversation import Channel, Json, Message
from bot.playground.limits import check_message
from bot.playground.refused import Refused


def _post_message(call: Call) -> Json:
    call.require("chat:write")
    channel = _destination(call)
    message = call.workspace.post(_composed(call, channel))
    return {"channel": channel.id, "ts": message.ts, "message": message_json(call.workspace, message)}


def _post_ephemeral(call: Call) -> Json:
    call.require("chat:write")
    channel, user = call.channel(), call.need("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    return {"message_ts": call.workspace.post(_composed(call, channel, ephemeral_to=user)).ts}


def _update(call: Call) -> Json:
    call.require("chat:write")
    channel = call.channel()
    old = _own(call, channel, "cant_update_message")
    blocks, metadata = call.structure("blocks"), call.structure("metadata")
    check_message(call.text("text") or old.text, blocks, metadata)
    changes: dict[str, Any] = {"edited_ts": call.workspace.tick()}
    if call.text("text") is not None:
        changes["text"] = call.text("text")
    if blocks is not None:  # chat.update keeps the old blocks unless new ones are sent, be it an empty list
        changes["blocks"] = tuple(blocks)
    if metadata is not None:
        changes["metadata"] = metadata
    new = call.workspace.edit(channel.id, old.ts, **changes)
    return {
        "channel": channel.id,
        "ts": new.ts,
        "text": new.text,
        "message": message_json(call.workspace, new),
    }


def _delete(call: Call) -> Json:
    call.require("chat:write")
    channel = call.channel()
    message = _own(call, channel, "cant_delete_message")
    call.workspace.delete(channel.id, message.ts)
    return {"channel": channel.id, "ts": message.ts}


def _permalink(call: Call) -> Json:
    channel, ts = call.channel(member=False), call.need("message_ts")
    if (channel.id, ts) not in call.workspace.messages:
        raise Refused("message_not_found")
    return {"channel": channel.id, "permalink": f"{call.origin}/archives/{channel.id}/p{ts.replace('.', '')}"}


def _react(call: Call) -> Json:
    call.require("reactions:write")
    channel, ts, name = call.channel(), call.need("timestamp"), call.need("name").strip(":")
    message = call.workspace.messages.get((channel.id, ts))
    if message is None:
        raise Refused("message_not_found")
    if name in message.reactions:
        raise Refused("already_reacted")
    call.workspace.edit(channel.id, ts, reactions=(*message.reactions, name))
    return {}


def _composed(call: Call, channel: Channel, ephemeral_to: str | None = None) -> Message:
    text, blocks, metadata = call.text("text"), call.structure("blocks"), call.structure("metadata")
    check_message(text, blocks, metadata)
    return Message(
        channel=channel.id,
        ts="",
        user=call.workspace.app.user,
        text=text or "",
        blocks=tuple(blocks or ()),
        thread_ts=_thread(call, channel),
        metadata=metadata,
        ephemeral_to=ephemeral_to,
    )


def _destination(call: Call) -> Channel:
    # A user's ID stands for the direct conversation with them.
    name = call.need("channel")
    return call.workspace.direct(name) if name in call.workspace.users else call.channel()


def _thread(call: Call, channel: Channel) -> str | None:
    ts = call.text("thread_ts")
    if ts is None:
        return None
    parent = call.workspace.messages.get((channel.id, ts))
    # Slack takes a thread_ts that leads nowhere, and shows the reply to nobody.  An error is seen.
    if parent is None or parent.ephemeral_to is not None:
        raise Refused("thread_not_found")
    return parent.thread_ts or ts


def _own(call: Call, channel: Channel, error: str) -> Message:
    message = call.workspace.messages.get((channel.id, call.need("ts")))
    if message is None or message.ephemeral_to is not None:
        raise Refused("message_not_found")
    if message.user != call.workspace.app.user:
        raise Refused(error)
    return message


METHODS: dict[str, Method] = {
    "chat.postMessage": _post_message,
    "chat.postEphemeral": _post_ephemeral,
    "chat.update": _update,
    "chat.delete": _delete,
    "chat.getPermalink": _permalink,
    "reactions.add": _react,
}
