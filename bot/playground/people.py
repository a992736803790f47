"""What people do: type, click, choose, submit.  The page and the tests move the same hands."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from bot.playground.conversation import Channel, Json, Message, User, View
from bot.playground.delivery import Courier, Outcome
from bot.playground.elements import Choice, Element, elements, is_empty, state_of
from bot.playground.limits import check_message, check_view
from bot.playground.payloads import Payloads
from bot.playground.refused import Refused
from bot.playground.response_url import spoken
from bot.playground.settings import Shortcut
from bot.playground.tickets import ResponseUrl
from bot.playground.typed import as_sent
from bot.playground.workspace import MODALS_AT_ONCE, Workspace

_HISTORY = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}


class People:
    """Every method changes the workspace at once, then waits until the bot has taken the news."""

    def __init__(self, workspace: Workspace, courier: Courier, payloads: Payloads) -> None:
        self.workspace = workspace
        self.courier = courier
        self.payloads = payloads

    async def says(self, user: User, channel: Channel, text: str, thread_ts: str | None = None) -> Message:
        """Post *text* as *user*; a mention of the bot fires two events, as in Slack."""
        said = Message(channel.id, "", user.id, as_sent(self.workspace, text), thread_ts=thread_ts)
        message = self.workspace.post(said)
        await asyncio.gather(*(self.courier.event(event) for event in self._events(message, channel)))
        return message

    async def commands(self, user: User, channel: Channel, typed: str) -> Outcome:
        """Send a slash command; the bot's direct answer is shown, or why there was none."""
        command, _, text = typed.strip().partition(" ")
        form = self.payloads.command(user, channel, command, text.strip())
        outcome = await self.courier.deliver("slash_commands", form)
        if outcome.failure:
            self._complain(user, channel, typed, outcome.failure)
        elif outcome.body:
            self._answer_command(user, channel, typed, outcome.body)
        return outcome

    async def clicks(self, user: User, message: Message, element: Element, choice: Choice = None) -> Outcome:
        """Click a button of *message*, or choose from one of its menus."""
        action = element.action(choice, self.workspace.tick())
        payload = self.payloads.click_on_message(user, message, action)
        outcome = await self.courier.deliver("interactive", payload)
        if outcome.failure:
            self._complain(
                user, self.workspace.channels[message.channel], "", outcome.failure, message.thread_ts
            )
        return outcome

    async def clicks_view(self, user: User, view: View, element: Element, choice: Choice = None) -> Outcome:
        """Do the same in a modal or in the Home tab."""
        action = element.action(choice, self.workspace.tick())
        if element.kind not in ("button", "overflow"):
            view = self._filled(view, {element.action_id: choice})
        outcome = await self.courier.deliver("interactive", self.payloads.click_on_view(user, view, action))
        self._mark(view, outcome)
        return outcome

    async def submits(self, user: User, values: Mapping[str, Choice]) -> Outcome:
        """Fill the open modal's fields (action_id or block_id → value) and submit it."""
        view = self.workspace.modal(user.id)
        if view is None:
            raise LookupError(f"{user.name} has no modal open")
        view = self._filled(view, values)
        missing = tuple(_left_empty(view))
        if missing:
            self.workspace.set_view(view, missing=missing, errors=None)
            return Outcome(failure="required_fields_empty")
        outcome = await self.courier.deliver("interactive", self.payloads.submission(user, view))
        if outcome.taken:
            self._react(user, view, outcome.body)
        else:
            self._mark(view, outcome)
        return outcome

    async def closes(self, user: User) -> Outcome:
        """Close the topmost modal; the bot hears of it when it asked to (``notify_on_close``)."""
        view = self.workspace.modal(user.id)
        self.workspace.close_modal(user.id)
        if view is None or not view.body.get("notify_on_close"):
            return Outcome()
        return await self.courier.deliver("interactive", self.payloads.closed(user, view))

    async def opens_home(self, user: User, tab: str = "home") -> Outcome:
        """Open the app's tab ``home`` or ``messages``."""
        return await self.courier.event(self.payloads.home_opened(user, tab))

    async def takes_shortcut(self, user: User, shortcut: Shortcut, message: Message | None = None) -> Outcome:
        """Use a shortcut, global or of *message*."""
        return await self.courier.deliver("interactive", self.payloads.shortcut(user, shortcut, message))

    async def joins(self, user: User, channel: Channel) -> Outcome:
        """Join *channel*."""
        self.workspace.join(channel.id, user.id)
        return await self.courier.event(
            self.payloads.member_joined(user, self.workspace.channels[channel.id])
        )

    def _events(self, message: Message, channel: Channel) -> list[Json]:
        app, scopes = self.workspace.app, self.courier.settings.scopes
        if app.user not in channel.members:
            return []
        events = []
        mentioned = f"<@{app.user}>" in message.text and channel.kind != "im"
        if mentioned and "app_mentions:read" in scopes:
            events.append(self.payloads.app_mention(message))
        if _HISTORY[channel.event_type] in scopes:
            events.append(self.payloads.message(message))
        return events

    def _answer_command(self, user: User, channel: Channel, typed: str, body: Json | str) -> None:
        args: Mapping[str, Any] = {"text": body} if isinstance(body, str) else body
        if not args.get("text") and not args.get("blocks"):
            return
        try:
            check_message(args.get("text"), args.get("blocks"))
        except Refused:
            self._complain(user, channel, typed, "invalid_command_response")
            return
        self.workspace.post(spoken(self.workspace, ResponseUrl(user.id, channel.id, 0), args))

    def _complain(
        self, user: User, channel: Channel, typed: str, failure: str, thread: str | None = None
    ) -> None:
        note = Message(channel.id, "", self.workspace.app.user, typed, thread_ts=thread)
        self.workspace.post(_told_to(note, user, failure))

    def _filled(self, view: View, values: Mapping[str, Choice]) -> View:
        state = state_of(view.body["blocks"], view.state)
        for element in elements(view.body["blocks"]):
            for name in (element.block_id, element.action_id):
                if name in values:
                    state[element.block_id][element.action_id] = element.state(values[name])
        return self.workspace.set_view(view, state=state)

    def _mark(self, view: View, outcome: Outcome) -> None:
        current = self.workspace.find_view(view.id)
        if current is not None and outcome.failure:
            self.workspace.set_view(current, failure=outcome.failure)

    def _react(self, user: User, view: View, body: Json | str | None) -> None:
        answer = body if isinstance(body, dict) else {}
        action = answer.get("response_action")
        try:
            if action in ("update", "push"):
                check_view(answer.get("view"))
        except Refused as refused:
            self.workspace.set_view(view, failure=refused.error)
            return
        if action == "errors":
            self.workspace.set_view(view, errors=answer["errors"], missing=(), failure=None)
        elif action == "update":
            self.workspace.set_view(view, body=answer["view"])
        elif action == "push" and len(self.workspace.modals[user.id]) < MODALS_AT_ONCE:
            self.workspace.open_modal(user.id, answer["view"], push=True)
        else:
            self.workspace.close_modal(user.id, everything=action == "clear")


def _told_to(note: Message, user: User, failure: str) -> Message:
    return Message(
        note.channel,
        "",
        note.user,
        note.text,
        thread_ts=note.thread_ts,
        ephemeral_to=user.id,
        failure=failure,
    )


def _left_empty(view: View) -> list[str]:
    required = {b["block_id"] for b in view.body["blocks"] if b["type"] == "input" and not b.get("optional")}
    state = view.state or {}
    return [block for block in required if any(is_empty(field) for field in state.get(block, {}).values())]
