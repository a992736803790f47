"""What Slack sends: events, commands, clicks, submissions. (docs: "Events API", "Interaction payloads")"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from bot.playground.api.shown import message_json, view_json
from bot.playground.conversation import Channel, Json, Message, User, View
from bot.playground.settings import Shortcut
from bot.playground.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Payloads:
    """Builds payloads for the app of *workspace*; *origin* is the stand-in's own address."""

    workspace: Workspace
    token: str
    origin: str

    # Events

    def message(self, message: Message) -> Json:
        """Return the ``message`` event of something a person said."""
        channel = self.workspace.channels[message.channel]
        return self._event(self._said("message", message) | {"channel_type": channel.event_type}, channel)

    def app_mention(self, message: Message) -> Json:
        """Return the ``app_mention`` event, which comes besides the message event, with an ID of its own."""
        return self._event(self._said("app_mention", message), self.workspace.channels[message.channel])

    def home_opened(self, user: User, tab: str) -> Json:
        """Return the ``app_home_opened`` event; *tab* is ``home`` or ``messages``."""
        channel = self.workspace.direct(user.id)
        event: Json = {"type": "app_home_opened", "user": user.id, "channel": channel.id, "tab": tab}
        event["event_ts"] = self.workspace.tick()
        if tab == "home" and user.id in self.workspace.homes:
            event["view"] = view_json(self.workspace, self.workspace.homes[user.id])
        return self._event(event, channel)

    def member_joined(self, user: User, channel: Channel) -> Json:
        """Return the ``member_joined_channel`` event."""
        event: Json = {
            "type": "member_joined_channel",
            "user": user.id,
            "channel": channel.id,
            "team": user.team,
        }
        event |= {"channel_type": "C", "event_ts": self.workspace.tick()}
        return self._event(event, channel)

    def other(self, event: Json, channel: Channel | None = None) -> Json:
        """Return any other *event* in its envelope: ``message_changed``, ``tokens_revoked``, …"""
        return self._event(event, channel)

    # Commands and interactions

    def command(self, user: User, channel: Channel, command: str, text: str) -> Json:
        """Return a slash command's form; its text is as typed (``should_escape: false``)."""
        return {
            "token": self.token,
            "team_id": user.team,
            "team_domain": self.workspace.teams[user.team].domain,
            "channel_id": channel.id,
            "channel_name": "directmessage" if channel.kind == "im" else channel.name,
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": self.workspace.app.id,
            "is_enterprise_install": "false",
            "response_url": self._response_url(user, channel),
            "trigger_id": self.workspace.tickets.trigger(user.id),
        }

    def click_on_message(self, user: User, message: Message, action: Json) -> Json:
        """Return ``block_actions`` for an element of *message*."""
        channel = self.workspace.channels[message.channel]
        container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
        container["is_ephemeral"] = message.ephemeral_to is not None
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = self._interaction("block_actions", user) | {"container": container, "actions": [action]}
        payload |= self._place(user, channel, message) | {"state": {"values": {}}}
        if (
            message.ephemeral_to is None
        ):  # Slack does not keep ephemeral messages, and so does not send them back
            payload["message"] = message_json(self.workspace, message)
        return payload

    def click_on_view(self, user: User, view: View, action: Json) -> Json:
        """Return ``block_actions`` for an element of a modal or a Home tab."""
        payload = self._interaction("block_actions", user) | {"actions": [action]}
        payload |= {
            "container": {"type": "view", "view_id": view.id},
            "view": view_json(self.workspace, view),
        }
        return payload

    def submission(self, user: User, view: View) -> Json:
        """Return ``view_submission``."""
        payload = self._interaction("view_submission", user)
        return payload | {"view": view_json(self.workspace, view), "response_urls": []}

    def closed(self, user: User, view: View, *, cleared: bool = False) -> Json:
        """Return ``view_closed``, which carries no trigger."""
        payload = self._interaction("view_closed", user)
        del payload["trigger_id"]
        return payload | {"view": view_json(self.workspace, view), "is_cleared": cleared}

    def shortcut(self, user: User, shortcut: Shortcut, message: Message | None) -> Json:
        """Return ``message_action`` for a shortcut of *message*, ``shortcut`` for a global one."""
        kind = "shortcut" if message is None else "message_action"
        payload = self._interaction(kind, user) | {"callback_id": shortcut.callback_id}
        payload["action_ts"] = self.workspace.tick()
        if message is None:
            return payload
        channel = self.workspace.channels[message.channel]
        payload |= {"message_ts": message.ts, "message": message_json(self.workspace, message)}
        return payload | self._place(user, channel, message)

    # What they have in common

    def _said(self, kind: str, message: Message) -> Json:
        author = self.workspace.users[message.user]
        channel = self.workspace.channels[message.channel]
        said: Json = {"type": kind, "user": author.id, "text": message.text, "ts": message.ts}
        said |= {"channel": channel.id, "event_ts": message.ts, "team": author.team}
        if message.thread_ts:
            said["thread_ts"] = message.thread_ts
        if channel.is_ext_shared:
            said |= {"user_team": author.team, "source_team": author.team}
        return said

    def _event(self, event: Json, channel: Channel | None) -> Json:
        app = self.workspace.app
        authorization = {"enterprise_id": None, "team_id": app.team, "user_id": app.user, "is_bot": True}
        return {
            "token": self.token,
            "team_id": app.team,
            "context_team_id": app.team,
            "context_enterprise_id": None,
            "api_app_id": app.id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(6).upper()}",
            "event_time": int(self.workspace.now()),
            "authorizations": [authorization | {"is_enterprise_install": False}],
            "is_ext_shared_channel": channel is not None and channel.is_ext_shared,
            "event_context": secrets.token_urlsafe(12),
        }

    def _interaction(self, kind: str, user: User) -> Json:
        team = self.workspace.teams[self.workspace.app.team]
        person = {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team}
        return {
            "type": kind,
            "user": person,
            "api_app_id": self.workspace.app.id,
            "token": self.token,
            "trigger_id": self.workspace.tickets.trigger(user.id),
            "team": {"id": team.id, "domain": team.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _place(self, user: User, channel: Channel, message: Message) -> Json:
        name = "directmessage" if channel.kind == "im" else channel.name
        where = {"id": channel.id, "name": name}
        return {"channel": where, "response_url": self._response_url(user, channel, message)}

    def _response_url(self, user: User, channel: Channel, message: Message | None = None) -> str:
        thread, ts = (message.thread_ts, message.ts) if message else (None, None)
        token = self.workspace.tickets.response_url(user.id, channel.id, thread_ts=thread, message_ts=ts)
        return f"{self.origin}/response/{token}"
