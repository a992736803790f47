"""What a post says: its pointers followed, rights judged anew, the words found."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot.core.answer import Answer
from bot.core.case import Case
from bot.core.delivery import Delivery
from bot.core.post import Place, Post, PostKind
from bot.core.words import Language, Words
from bot.courier import UnsaidError, UnsayableError
from bot.desk import Desk
from bot.escalation import Escalation
from bot.slack.asked import answer_to, delivery_in, named_in, viewer_of
from bot.slack.blocks import Message, to_message
from bot.slack.cards import case_card, handed_over, progress
from bot.slack.deeds import Deeds
from bot.slack.viewer import Viewers, is_direct


@dataclass(frozen=True, slots=True)
class Composed:
    """A message; the *answer* in it, if it is one; the *case* it is about; the timestamp it *replaces*.

    No message: what was to be done is done, and there is nothing to say.
    """

    message: Message | None
    answer: Answer | None = None
    case: Case | None = None
    replaces: str | None = None


@dataclass(frozen=True, slots=True)
class Composer:
    """Turns posts into messages when they are said, so that they say what is true then."""

    desk: Desk
    escalation: Escalation
    viewers: Viewers
    deeds: Deeds
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
            case PostKind.SUBMISSION:
                return Composed(await self.deeds.submitted(post))

    async def answer(self, post: Post, *, language: Language | None = None) -> Answer:
        """Answer what *post* asks, for all who will read it at its place."""
        viewer = await viewer_of(post, self.viewers)
        return await answer_to(post, self.desk, viewer, language=language)

    def message(self, answer: Answer, post: Post, *, headline: str = "") -> Message:
        """Return *answer* with buttons that point to *post*."""
        shareable = post.place.response_url is not None and not is_direct(post.place.channel)
        words = self.desk.words(answer.language)
        return to_message(
            answer, words, self.desk.labels, pointer=post.key, private=shareable, headline=headline
        )

    async def _answer(self, post: Post) -> Composed:
        done = await self.deeds.command(post) if post.payload.get("command") else None
        if done:
            return Composed(done)
        answer = await self.answer(post)
        return Composed(self.message(answer, post), answer)

    async def _notice(self, post: Post) -> Composed:
        what, words = named_in(post, "notice"), self._words(post)
        if what == "changed":
            return await self._changed(post, words)
        case = await self._case(post)
        delivery = await self._visible(post, case)
        if what == "handed-over":
            return Composed(handed_over(self.desk.page("handed-over", words.language, delivery)), case=case)
        # What support wrote about a mail is for those who may see the mail.
        told = case if delivery or not case.delivery else replace(case, resolution="")
        return Composed(progress(told, what, words), case=case)

    async def _changed(self, post: Post, words: Words) -> Composed:
        answer = await self.answer(post, language=words.language)
        key = delivery_in(post)
        if answer.delivery is None or key is None:
            raise UnsayableError("whoever asked may not see this delivery any more")
        headline = words.say(
            "notice.changed",
            send_id=key.send_id,
            recipient=key.recipient,
            status=self.desk.labels[answer.delivery.status],
        )
        return Composed(self.message(answer, post, headline=headline), answer)

    async def _visible(self, post: Post, case: Case) -> Delivery | None:
        """Return the delivery of *case* if everybody at the place of *post* may know of it."""
        delivery = await self.desk.current(case.delivery) if case.delivery else None
        viewer = await viewer_of(post, self.viewers)
        return next(iter(viewer.visible([delivery] if delivery else [])), None)

    async def _card(self, post: Post) -> Composed:
        case = await self._case(post)
        if post.kind is PostKind.CARD_UPDATE and case.card_ts is None:
            raise UnsaidError("its card has not been posted yet")
        card = case_card(
            case,
            await self.escalation.askers(case.id),
            self.desk.words(self.desk.language),
            self.desk.labels,
            conversation=await self.permalink(case.place),
        )
        return Composed(card, case=case, replaces=case.card_ts)

    async def _case(self, post: Post) -> Case:
        case = await self.escalation.case(int(named_in(post, "case")))
        if case is None:
            raise UnsayableError(f"there is no case {named_in(post, 'case')}")
        return case

    def _words(self, post: Post) -> Words:
        spoken = named_in(post, "language")
        return self.desk.words(Language(spoken) if spoken else self.desk.language)
