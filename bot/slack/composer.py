"""What a post says: its pointers followed, rights judged anew, the words found."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from bot.accounts import Accounts
from bot.core.answer import Answer
from bot.core.case import Case, DeliveryKey
from bot.core.delivery import Delivery
from bot.core.post import Place, Post, PostKind
from bot.core.viewer import Viewer
from bot.core.words import Language, Words
from bot.courier import UnsaidError, UnsayableError
from bot.desk import Desk
from bot.escalation import Escalation
from bot.slack.blocks import Message, note, to_message
from bot.slack.cards import case_card, handed_over, progress
from bot.slack.viewer import Asker, Viewers

# /delivery link ACCOUNT [workspace T0123], /delivery unlink [workspace T0123]
_LINK = re.compile(
    r"(?P<verb>link|unlink)\b\s*(?P<account>.*?)\s*(?:\bworkspace\s+(?P<team>T[A-Z0-9]{2,20}))?", re.I
)


@dataclass(frozen=True, slots=True)
class Composed:
    """A message; the *answer* in it, if it is one; the *case* it is about; the timestamp it *replaces*."""

    message: Message
    answer: Answer | None = None
    case: Case | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Composer:
    """Turns posts into messages when they are said, so that they say what is true then."""

    desk: Desk
    escalation: Escalation
    accounts: Accounts
    viewers: Viewers
    permalink: Callable[[Place], Awaitable[str | None]]

    async def compose(self, post: Post) -> Composed:
        """Return what *post* says now; raise UnsayableError when nobody may hear it any more."""
        match post.kind:
            case PostKind.ANSWER:
                return await self._answer(post)
            case PostKind.NOTICE:
                return await self._notice(post)
            case PostKind.CARD | PostKind.CARD_UPDATE:
                return await self._card(post)

    async def answer(self, post: Post, *, language: Language | None = None) -> Answer:
        """Answer what *post* asks, for all who will read it at its place."""
        viewer = await self.viewer(post)
        return await self.desk.answer(asked(post), viewer, language=language)

    async def viewer(self, post: Post) -> Viewer:
        """Return who reads *post*: one person behind a response_url, else the whole channel."""
        place = post.place
        asker = Asker(place.user or "", place.team, place.channel, _text(post, "home"))
        judge = self.viewers.privately if place.response_url else self.viewers.publicly
        return await judge(asker)

    def message(self, answer: Answer, post: Post, *, headline: str = "") -> Message:
        """Return *answer* with buttons that point to *post*."""
        private = post.place.response_url is not None and not post.place.channel.startswith("D")
        words = self.desk.words(answer.language)
        return to_message(
            answer, words, self.desk.labels, pointer=post.key, private=private, headline=headline
        )

    async def _answer(self, post: Post) -> Composed:
        command = _LINK.fullmatch(asked(post)) if post.payload.get("command") else None
        if command:
            return Composed(await self._link(post, command))
        answer = await self.answer(post)
        return Composed(self.message(answer, post), answer)

    async def _notice(self, post: Post) -> Composed:
        what = _text(post, "notice")
        words = self._words(post)
        if what == "changed":
            return await self._changed(post, words)
        case = await self._case(post)
        if what == "handed-over":
            page = self.desk.page("handed-over", words.language, await self._visible(post, case))
            return Composed(handed_over(page), case=case)
        return Composed(progress(case, what or "", words), case=case)

    async def _visible(self, post: Post, case: Case) -> Delivery | None:
        """Return the delivery of *case* if everybody at the place of *post* may know of it."""
        delivery = await self.desk.current(case.delivery) if case.delivery else None
        viewer = await self.viewer(post)
        return next(iter(viewer.visible([delivery] if delivery else [])), None)

    async def _changed(self, post: Post, words: Words) -> Composed:
        key = DeliveryKey(*(str(post.payload[name]) for name in ("account", "send_id", "recipient")))
        answer = await self.answer(post, language=words.language)
        if answer.delivery is None:
            raise UnsayableError("whoever asked may not see this delivery any more")
        headline = words.say(
            "notice.changed",
            send_id=key.send_id,
            recipient=key.recipient,
            status=self.desk.labels[answer.delivery.status],
        )
        return Composed(self.message(answer, post, headline=headline), answer)

    async def _card(self, post: Post) -> Composed:
        case = await self._case(post)
        if post.kind is PostKind.CARD_UPDATE and case.card_ts is None:
            raise UnsaidError("its card has not been posted yet")
        words = self.desk.words(self.desk.language)
        card = case_card(case, words, self.desk.labels, conversation=await self.permalink(case.place))
        replaces = case.card_ts if post.kind is PostKind.CARD_UPDATE else None
        return Composed(card, case=case, replaces=replaces)

    async def _link(self, post: Post, command: re.Match[str]) -> Message:
        place, words = post.place, self._words(post)
        if not await self.viewers.is_staff(place.user or ""):
            return note(words.say("link.staff-only"))
        account, team = command["account"], command["team"]
        if command["verb"].lower() == "unlink":
            cut = await (
                self.accounts.unlink_workspace(team) if team else self.accounts.unlink_channel(place.channel)
            )
            return note(words.say("link.unlinked" if cut else "link.none"))
        if not account or (place.channel.startswith("D") and not team):
            return note(words.say("link.usage"))
        tie = (
            partial(self.accounts.link_workspace, team)
            if team
            else partial(self.accounts.link_channel, place.channel)
        )
        known = await tie(account, by=place.user or "")
        return note(words.say("link.done" if known else "link.unknown", account=account))

    async def _case(self, post: Post) -> Case:
        case = await self.escalation.case(int(str(post.payload["case"])))
        if case is None:
            raise UnsayableError(f"there is no case {post.payload['case']}")
        return case

    def _words(self, post: Post) -> Words:
        spoken = _text(post, "language")
        return self.desk.words(Language(spoken) if spoken else self.desk.language)


def asked(post: Post) -> str:
    """Return the question behind *post*: its text, or the delivery that it points to."""
    if "text" in post.payload:
        return str(post.payload["text"])
    return f"{post.payload.get('send_id', '')} {post.payload.get('recipient', '')}".strip()


def told_at(place: Place) -> Place:
    """Return where an asker is told later: in the thread, or alone when they asked where nobody saw it."""
    channel = place.channel if place.thread_ts else place.user or place.channel
    return Place(place.team, channel, place.thread_ts, place.user)


def _text(post: Post, name: str) -> str | None:
    value = post.payload.get(name)
    return str(value) if value else None
