"""What a button does: its value is a pointer, and rights are judged at every click."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.core.answer import Answer
from bot.core.post import Place, Post, PostKind
from bot.core.section import Section
from bot.core.words import Language, Words
from bot.courier import Courier
from bot.desk import language_of
from bot.feedback import Feedback
from bot.slack import modals
from bot.slack.asked import answer_to, case_number, told_at
from bot.slack.blocks import MENU, note
from bot.slack.composer import Composer
from bot.slack.failures import code_of
from bot.slack.messenger import SlackMessenger
from bot.slack.viewer import Asker

log = logging.getLogger(__name__)


class PointerError(Exception):
    """A click carries a value that no button of ours has."""


@dataclass(frozen=True, slots=True)
class Click:
    """One click on a button or a menu."""

    name: str
    value: str
    asker: Asker
    trigger_id: str = ""
    response_url: str = ""


@dataclass(frozen=True, slots=True)
class Clicks:
    """Answers clicks."""

    composer: Composer
    messenger: SlackMessenger
    courier: Courier
    feedback: Feedback

    async def answer(self, click: Click) -> None:
        """Do what *click* asks for; whatever goes wrong, the one who clicked is told in a sentence."""
        try:
            act = _ACTS.get(click.name, Clicks.regret)
            problem = await act(self, click)
        except PointerError as error:
            log.warning("click %s carries what no button of ours does: %s", click.name, error)
            problem = await self.regret(click)
        except Exception:  # the reader gets a sentence, the log the cause, and no traceback leaves the house
            log.exception("click %s failed", click.name)
            problem = self.composer.desk.words(self.composer.desk.language).say("error.internal")
        if problem:
            await self._tell(click, problem)

    async def regret(self, click: Click) -> str | None:
        """Say that a button of an older version does nothing any more."""
        return (await self._words(click)).say("error.unknown-button")

    async def check_again(self, click: Click) -> str | None:
        """Answer the same question anew, in the place of the old answer."""
        post = await self.courier.find(click.value)
        if post is None:
            return (await self._words(click)).say("error.too-old")
        answer = await self.composer.answer(_by(post, click))
        await self.composer.escalation.watch(answer, told_at(post.place))
        message = self.composer.message(answer, post)
        await self.messenger.respond(click.response_url, message, replace=True)
        return None

    async def ask_for_support(self, click: Click) -> str | None:
        """Ask for a note first; the hand-over follows when the dialog is submitted."""
        await self._open(click, modals.note_dialog(await self._words(click), "support", click.value))
        return None

    async def share(self, click: Click) -> str | None:
        """Say the answer to the whole channel, as far as the channel may see it."""
        post = await self.courier.find(click.value)
        if post is None:
            return (await self._words(click)).say("error.too-old")
        place = Place(post.place.team, post.place.channel, None, click.asker.user)
        if not await self._in_channel(place.channel):
            return (await self._words(click)).say("error.invite")
        payload = {name: value for name, value in post.payload.items() if name != "command"}
        shared = Post(key=f"share:{post.key}", kind=PostKind.ANSWER, place=place, payload=payload)
        new = await self.courier.accept(shared)
        return None if new else (await self._words(click)).say("error.shared")

    async def choose(self, click: Click) -> str | None:
        """Open what was chosen behind "…", in a dialog that only the one who clicked sees."""
        choice, _, pointer = click.value.partition("|")
        if choice not in MENU:
            raise PointerError(click.value)
        words = await self._words(click)
        view_id = await self._open(click, modals.loading(words))
        post = await self.courier.find(pointer)
        too_old = modals.message(words.say("error.too-old"), words)
        view = await self._chosen(choice, post, click) if post else too_old
        await self.messenger.client.views_update(view_id=view_id, view=view)
        return None

    async def vote(self, click: Click) -> str | None:
        """Keep a yes or a no."""
        section, language, pointer = _voted_on(click.value)
        await self.feedback.record(
            pointer,
            click.asker.user,
            section=section,
            language=language,
            helpful=click.name == "yes",
        )
        return (await self._words(click)).say(f"feedback.thanks-{click.name}")

    async def claim(self, click: Click) -> str | None:
        """Take a case."""
        if not await self.composer.viewers.is_staff(click.asker.user):
            return (await self._words(click)).say("error.not-allowed")
        won = await self.composer.escalation.claim(_number(click.value), by=click.asker.user)
        return None if won else (await self._words(click)).say("error.taken")

    async def ask_for_resolution(self, click: Click) -> str | None:
        """Ask what to tell the asker."""
        if not await self.composer.viewers.is_staff(click.asker.user):
            return (await self._words(click)).say("error.not-allowed")
        pointer = str(_number(click.value))
        await self._open(click, modals.note_dialog(await self._words(click), "resolve", pointer))
        return None

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
        place = post.place
        asked_in = place.asked_in or place.channel
        asker = Asker(click.asker.user, place.team, asked_in, click.asker.home)
        viewer = await self.composer.viewers.privately(asker)
        return await answer_to(post, self.composer.desk, viewer, language=language)

    async def _open(self, click: Click, view: Mapping[str, Any]) -> str:
        opened = await self.messenger.client.views_open(trigger_id=click.trigger_id, view=dict(view))
        return str(opened["view"]["id"])

    async def _in_channel(self, channel: str) -> bool:
        try:
            info = await self.messenger.reader.conversations_info(channel=channel)
        except SlackApiError as error:
            if code_of(error) != "channel_not_found":  # what Slack calls a private one that we are not in
                raise
            return False
        return bool(info["channel"].get("is_member"))

    async def _tell(self, click: Click, sentence: str) -> None:
        await self.messenger.respond(click.response_url, note(sentence))

    async def _words(self, click: Click) -> Words:
        """Return the words of the one who clicked, by the locale of their Slack."""
        locale = await self.composer.viewers.locale(click.asker.user)
        return self.composer.desk.words(language_of(locale) or self.composer.desk.language)


def _by(post: Post, click: Click) -> Post:
    """Return *post* as if the one who clicked had asked: what they see is theirs, not the first asker's."""
    place = replace(post.place, user=click.asker.user)
    return replace(post, place=place, payload={**post.payload, "home": click.asker.home})


def _number(value: str) -> int:
    number = case_number(value)
    if number is None:
        raise PointerError(value)
    return number


def _voted_on(value: str) -> tuple[Section, Language, str]:
    """Return what a vote is about: section, language, and the question behind it."""
    try:
        section, language, pointer = value.split("|", 2)
        return Section(section), Language(language), pointer
    except ValueError:
        raise PointerError(value) from None


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
}
