"""What a button does: its value is a pointer, and rights are judged at every click."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.answer import Answer
from bot.core.case import Cause
from bot.core.post import Place, Post, PostKind
from bot.core.section import Section
from bot.core.words import Language, Words
from bot.courier import Courier
from bot.escalation import key_of
from bot.feedback import Feedback
from bot.slack import modals
from bot.slack.blocks import note
from bot.slack.composer import Composer, asked, told_at
from bot.slack.messenger import SlackMessenger
from bot.slack.viewer import Asker

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Click:
    """One click on a button or menu, or one submitted dialog."""

    name: str
    value: str
    asker: Asker
    trigger_id: str = ""
    response_url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Clicks:
    """Answers clicks."""

    composer: Composer
    messenger: SlackMessenger
    courier: Courier
    feedback: Feedback

    async def answer(self, click: Click) -> None:
        """Do what *click* asks for; whatever goes wrong, the one who clicked is told in a sentence."""
        act = _ACTS.get(click.name)
        words = self._words()
        try:
            problem = await act(self, click) if act else words.say("error.unknown-button")
        except Exception:  # the reader gets a sentence, the log the cause, and no traceback leaves the house
            log.exception("click %s failed", click.name)
            problem = words.say("error.internal")
        if problem:
            await self._tell(click, problem)

    async def check_again(self, click: Click) -> str | None:
        """Answer the same question anew, in the place of the old answer."""
        post = await self.courier.find(click.value)
        if post is None:
            return self._words().say("error.too-old")
        answer = await self.composer.answer(_by(post, click))
        await self.composer.escalation.watch(answer, told_at(post.place))
        message = self.composer.message(answer, post)
        await self.messenger.respond(click.response_url, message, replace=True)
        return None

    async def ask_for_support(self, click: Click) -> str | None:
        """Ask for a note first; the hand-over follows when the dialog is submitted."""
        await self._open(click, modals.note_dialog(self._words(), "support", click.value))
        return None

    async def hand_over(self, click: Click) -> str | None:
        """Hand the question over to support."""
        post = await self.courier.find(click.value)
        if post is None:
            return self._words().say("error.too-old")
        answer = await self._privately(post, click)
        place = told_at(Place(post.place.team, post.place.channel, post.place.thread_ts, click.asker.user))
        case, opened = await self.composer.escalation.hand_over(
            key_of(answer.delivery) if answer.delivery else None,
            cause=Cause.ASKED,
            place=place,
            language=answer.language,
            note=click.note,
            question=asked(post),
        )
        words = self.composer.desk.words(answer.language)
        return None if opened else words.say("notice.already-with-support", number=case.id)

    async def share(self, click: Click) -> str | None:
        """Say the answer to the whole channel, as far as the channel may see it."""
        post = await self.courier.find(click.value)
        if post is None:
            return self._words().say("error.too-old")
        if not await self._in_channel(post.place.channel):
            return self._words().say("error.invite")
        place = Place(post.place.team, post.place.channel, None, click.asker.user)
        shared = Post(
            key=f"share:{post.key}", kind=PostKind.ANSWER, place=place, payload={"text": asked(post)}
        )
        await self.courier.accept(shared)
        return None

    async def choose(self, click: Click) -> str | None:
        """Open what was chosen behind "…", in a dialog that only the one who clicked sees."""
        choice, _, pointer = click.value.partition("|")
        post = await self.courier.find(pointer)
        view_id = await self._open(click, modals.loading(self._words()))
        if post is None:
            view = modals.message(self._words().say("error.too-old"), self._words())
        else:
            view = await self._chosen(choice, post, click)
        await self.messenger.client.views_update(view_id=view_id, view=view)
        return None

    async def vote(self, click: Click) -> str | None:
        """Keep a yes or a no."""
        section, language, pointer = click.value.split("|", 2)
        await self.feedback.record(
            pointer,
            click.asker.user,
            section=Section(section),
            language=Language(language),
            helpful=click.name == "yes",
        )
        return self._words().say(f"feedback.thanks-{click.name}")

    async def claim(self, click: Click) -> str | None:
        """Take a case."""
        if not await self.composer.viewers.is_staff(click.asker.user):
            return self._words().say("error.not-allowed")
        won = await self.composer.escalation.claim(int(click.value), by=click.asker.user)
        return None if won else self._words().say("error.taken")

    async def ask_for_resolution(self, click: Click) -> str | None:
        """Ask what to tell the asker."""
        if not await self.composer.viewers.is_staff(click.asker.user):
            return self._words().say("error.not-allowed")
        await self._open(click, modals.note_dialog(self._words(), "resolve", click.value))
        return None

    async def resolve(self, click: Click) -> str | None:
        """Close a case."""
        if not await self.composer.viewers.is_staff(click.asker.user):
            return self._words().say("error.not-allowed")
        won = await self.composer.escalation.resolve(
            int(click.value), by=click.asker.user, resolution=click.note
        )
        return None if won else self._words().say("error.resolved")

    async def _chosen(self, choice: str, post: Post, click: Click) -> modals.View:
        answer = await self._privately(post, click)
        words = self.composer.desk.words(answer.language)
        if choice == "details":
            return modals.details(answer, words)
        if choice == "sender":
            page = self.composer.desk.page("sender", answer.language, answer.delivery)
            return modals.page(page, words)
        other = Language.EN if answer.language is Language.JA else Language.JA
        translated = await self._privately(post, click, language=other)
        return modals.page(translated.page, self.composer.desk.words(other))

    async def _privately(self, post: Post, click: Click, *, language: Language | None = None) -> Answer:
        """Answer the question behind *post* for the one who clicked alone."""
        asker = Asker(click.asker.user, post.place.team, post.place.channel, click.asker.home)
        viewer = await self.composer.viewers.privately(asker)
        return await self.composer.desk.answer(asked(post), viewer, language=language)

    async def _open(self, click: Click, view: Mapping[str, Any]) -> str:
        opened = await self.messenger.client.views_open(trigger_id=click.trigger_id, view=dict(view))
        return str(opened["view"]["id"])

    async def _in_channel(self, channel: str) -> bool:
        info = await self.messenger.reader.conversations_info(channel=channel)
        return bool(info["channel"].get("is_member"))

    async def _tell(self, click: Click, sentence: str) -> None:
        message = note(sentence)
        if click.response_url:
            await self.messenger.respond(click.response_url, message)
        else:  # a submitted dialog has none: tell them alone
            await self.messenger.client.chat_postMessage(
                channel=click.asker.user, text=message.text, blocks=list(message.blocks), mrkdwn=False
            )

    def _words(self) -> Words:
        return self.composer.desk.words(self.composer.desk.language)


def _by(post: Post, click: Click) -> Post:
    """Return *post* as if the one who clicked had asked: what they see is theirs, not the first asker's."""
    place = post.place
    payload = {**post.payload, "home": click.asker.home}
    return Post(
        key=post.key,
        kind=post.kind,
        place=Place(place.team, place.channel, place.thread_ts, click.asker.user, place.response_url),
        payload=payload,
    )


Act = Callable[[Clicks, Click], Awaitable[str | None]]

# By the name behind "desk:".  To add a button: make it in blocks.py or cards.py, and add what it does here.
_ACTS: dict[str, Act] = {
    "check-again": Clicks.check_again,
    "talk-to-support": Clicks.ask_for_support,
    "share": Clicks.share,
    "menu": Clicks.choose,
    "yes": Clicks.vote,
    "no": Clicks.vote,
    "claim": Clicks.claim,
    "resolve": Clicks.ask_for_resolution,
    "submitted-support": Clicks.hand_over,
    "submitted-resolve": Clicks.resolve,
}
