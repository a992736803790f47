"""``conversations.*``: channels, their members, what was said in them."""

from __future__ import annotations

from bot.playground.api.call import Call, Method
from bot.playground.api.shown import channel_json, message_json
from bot.playground.conversation import Json, Message
from bot.playground.refused import Refused


def _history(call: Call) -> Json:
    channel = call.channel()
    call.require_for(channel, "history")
    top = [m for m in call.workspace.history(channel.id) if not m.is_reply and m.ephemeral_to is None]
    return _messages(call, [message for message in reversed(top) if _in_range(call, message)])


def _replies(call: Call) -> Json:
    channel = call.channel()
    call.require_for(channel, "history")
    first = call.workspace.messages.get((channel.id, call.need("ts")))
    if first is None or first.ephemeral_to is not None:
        raise Refused("thread_not_found")
    replies = [m for m in call.workspace.replies(channel.id, first.ts) if m.ephemeral_to is None]
    # The thread's first message is always there, whatever range was asked for.
    return _messages(call, [first, *(message for message in replies if _in_range(call, message))])


def _messages(call: Call, found: list[Message]) -> Json:
    page, cursor = call.page(found)
    metadata = call.flag("include_all_metadata")
    messages = [message_json(call.workspace, message, metadata=metadata) for message in page]
    return {"messages": messages, "has_more": bool(cursor), **_next(cursor)}


def _in_range(call: Call, message: Message) -> bool:
    oldest, latest = _micros(call.text("oldest") or "0"), _micros(call.text("latest") or "9999999999")
    if call.flag("inclusive"):
        return oldest <= _micros(message.ts) <= latest
    return oldest < _micros(message.ts) < latest


def _micros(ts: str) -> int:
    seconds, _, micros = ts.partition(".")
    if not seconds.isdecimal() or (micros and not micros.isdecimal()):
        raise Refused("invalid_ts_oldest")
    return int(seconds) * 1_000_000 + int(micros[:6].ljust(6, "0"))


def _members(call: Call) -> Json:
    channel = call.channel(member=False)
    call.require_for(channel, "read")
    page, cursor = call.page(channel.members)
    return {"members": page, **_next(cursor)}


def _info(call: Call) -> Json:
    channel = call.channel(member=False)
    call.require_for(channel, "read")
    members = {"num_members": len(channel.members)} if call.flag("include_num_members") else {}
    return {"channel": channel_json(call.workspace, channel) | members}


def _open(call: Call) -> Json:
    call.require("im:write")
    user = call.need("users")
    if user not in call.workspace.users:
        raise Refused("user_not_found")
    channel = call.workspace.direct(user)
    whole = channel_json(call.workspace, channel)
    return {"channel": whole if call.flag("return_im") else {"id": channel.id}}


def _list(call: Call) -> Json:
    call.require("channels:read")
    bot = call.workspace.app.user
    types = (call.text("types") or "public_channel").split(",")
    kinds = {{"public_channel": "public", "private_channel": "private"}.get(kind, kind) for kind in types}
    seen = [
        c
        for c in call.workspace.channels.values()
        if c.kind in kinds and (c.kind == "public" or bot in c.members)
    ]
    page, cursor = call.page(seen)
    return {"channels": [channel_json(call.workspace, channel) for channel in page], **_next(cursor)}


def _joined(call: Call) -> Json:
    listed = _list(call)
    bot = call.workspace.app.user
    mine = [shown for shown in listed["channels"] if bot in call.workspace.channels[shown["id"]].members]
    return listed | {"channels": mine}


def _join(call: Call) -> Json:
    call.require("channels:join")
    channel = call.channel(member=False)
    if call.workspace.app.user not in channel.members:
        call.workspace.join(channel.id, call.workspace.app.user)
    return {"channel": channel_json(call.workspace, call.workspace.channels[channel.id])}


def _next(cursor: str) -> Json:
    return {"response_metadata": {"next_cursor": cursor}}


METHODS: dict[str, Method] = {
    "conversations.history": _history,
    "conversations.replies": _replies,
    "conversations.members": _members,
    "conversations.info": _info,
    "conversations.open": _open,
    "conversations.list": _list,
    "conversations.join": _join,
    "users.conversations": _joined,
}
