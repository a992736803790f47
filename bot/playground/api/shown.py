"""How Slack writes messages, channels, people and views into JSON."""

from __future__ import annotations

from bot.playground.conversation import Channel, Json, Message, User, View
from bot.playground.workspace import Workspace


def message_json(workspace: Workspace, message: Message, *, metadata: bool = True) -> Json:
    """Return *message* as history, answers and payloads carry it."""
    app, author = workspace.app, workspace.users[message.user]
    shown: Json = {
        "type": "message",
        "user": author.id,
        "ts": message.ts,
        "text": message.text,
        "team": author.team,
    }
    if author.id == app.user:
        shown |= {"bot_id": app.bot_id, "app_id": app.id, "bot_profile": {"id": app.bot_id, "name": app.name}}
    if message.blocks:
        shown["blocks"] = list(message.blocks)
    if message.edited_ts:
        shown["edited"] = {"user": author.id, "ts": message.edited_ts}
    if message.metadata and metadata:
        shown["metadata"] = message.metadata
    if message.reactions:
        shown["reactions"] = [{"name": name, "users": [app.user], "count": 1} for name in message.reactions]
    return shown | _thread(workspace, message)


def _thread(workspace: Workspace, message: Message) -> Json:
    if message.is_reply:
        return {"thread_ts": message.thread_ts}
    replies = [r for r in workspace.replies(message.channel, message.ts) if r.ephemeral_to is None]
    if not replies:
        return {}
    people = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": people,
        "reply_users_count": len(people),
        "latest_reply": replies[-1].ts,
    }


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    """Return *channel* as ``conversations.info`` does."""
    if channel.kind == "im":
        person = next(user for user in channel.members if user != workspace.app.user)
        direct: Json = {
            "id": channel.id,
            "is_im": True,
            "user": person,
            "is_ext_shared": channel.is_ext_shared,
        }
        return direct | {"is_channel": False, "is_group": False, "is_private": True, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.kind == "private",
        "is_archived": False,
        "is_general": False,
        "is_member": workspace.app.user in channel.members,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "shared_team_ids": list(channel.teams),
        "context_team_id": workspace.app.team,
        "purpose": {"value": channel.purpose},
        "topic": {"value": ""},
    }


def user_json(workspace: Workspace, user: User, *, locale: bool) -> Json:
    """Return *user* as ``users.info`` does, seen from the workspace in which the bot is installed."""
    shown: Json = {
        "id": user.id,
        "team_id": user.team,
        "name": user.name,
        "real_name": user.real_name,
        "deleted": False,
        "tz": user.tz,
        "profile": {"real_name": user.real_name, "display_name": user.name, "team": user.team},
        "is_admin": False,
        "is_owner": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_stranger": user.team != workspace.app.team,
    }
    return shown | ({"locale": user.locale} if locale else {})


def view_json(workspace: Workspace, view: View) -> Json:
    """Return *view* as answers and payloads carry it."""
    app = workspace.app
    empty = {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": None,
        "submit": None,
        "close": None,
    }
    return {
        **empty,
        "clear_on_close": False,
        "notify_on_close": False,
        **view.body,
        "id": view.id,
        "team_id": app.team,
        "app_id": app.id,
        "bot_id": app.bot_id,
        "app_installed_team_id": app.team,
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "state": {"values": dict(view.state or {})},
    }
