"""What is done on somebody's word, and not only said: tie a channel, hand over, resolve."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot.accounts import Accounts
from bot.core.account import account_name
from bot.core.case import CaseAsker, Cause
from bot.core.post import Post
from bot.core.words import Words
from bot.desk import Desk, language_of
from bot.escalation import Escalation, key_of
from bot.slack.asked import answer_to, asked, case_number, named_in, told_at
from bot.slack.blocks import Message, note
from bot.slack.viewer import Asker, Viewers, is_direct

_WORKSPACE = r"workspace\s+(?P<team>T[A-Z0-9]{2,20})"
_LINK = re.compile(rf"link\s+(?P<account>.+?)(?:\s+{_WORKSPACE})?", re.IGNORECASE)
_UNLINK = re.compile(rf"unlink(?:\s+{_WORKSPACE})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Deeds:
    """Does things; doing one again after a crash changes nothing more."""

    desk: Desk
    escalation: Escalation
    accounts: Accounts
    viewers: Viewers
    find: Callable[[str], Awaitable[Post | None]]  # the post that a pointer names

    async def command(self, post: Post) -> Message | None:
        """Tie or untie a channel if that is what staff typed; None when it is a question after all."""
        link, unlink = _LINK.fullmatch(asked(post)), _UNLINK.fullmatch(asked(post))
        if not (link or unlink) or not await self.viewers.is_staff(post.place.user or ""):
            return None
        words = await self._words(post)
        if unlink:
            return note(words.say("link.unlinked" if await self._unlink(post, unlink) else "link.none"))
        return await self._link(post, link, words) if link else None

    async def submitted(self, post: Post) -> Message | None:
        """Do what a dialog was sent off for; return what there is to say about it, if anything."""
        acts = {"support": self._hand_over, "resolve": self._resolve}
        act = acts.get(named_in(post, "dialog"), self._regret)
        problem = await act(post)
        # Done by an earlier attempt: what stands in the way now is our own deed.
        return note(problem) if problem and post.attempts <= 1 else None

    async def _regret(self, post: Post) -> str | None:
        return (await self._words(post)).say("error.unknown-button")

    async def _link(self, post: Post, command: re.Match[str], words: Words) -> Message:
        account, team, by = account_name(command["account"]), command["team"], post.place.user or ""
        if not team and is_direct(post.place.channel):
            return note(words.say("link.usage"))
        if team:
            known = await self.accounts.link_workspace(team, account, by=by)
        else:
            known = await self.accounts.link_channel(post.place.channel, account, by=by)
        return note(words.say("link.done" if known else "link.unknown", account=account))

    async def _unlink(self, post: Post, command: re.Match[str]) -> bool:
        if command["team"]:
            return await self.accounts.unlink_workspace(command["team"])
        return await self.accounts.unlink_channel(post.place.channel)

    async def _hand_over(self, post: Post) -> str | None:
        """Hand the question behind the dialog over to support, for the one who sent it off."""
        words = await self._words(post)
        origin = await self.find(named_in(post, "pointer"))
        if origin is None:
            return words.say("error.too-old")
        user = post.place.user or ""
        asker = Asker(user, origin.place.team, origin.place.asked_in or origin.place.channel)
        viewer = await self.viewers.privately(asker)
        answer = await answer_to(origin, self.desk, viewer)
        place = told_at(replace(origin.place, user=user))
        case, new = await self.escalation.hand_over(
            key_of(answer.delivery) if answer.delivery else None,
            CaseAsker(place, answer.language, named_in(post, "note")),
            cause=Cause.ASKED,
            subject=origin.key,
            account=viewer.account,
            question=asked(origin),
        )
        return None if new else words.say("notice.already-with-support", number=case.id)

    async def _resolve(self, post: Post) -> str | None:
        words, user = await self._words(post), post.place.user or ""
        if not await self.viewers.is_staff(user):
            return words.say("error.not-allowed")
        case_id = case_number(named_in(post, "pointer"))
        if case_id is None:
            return words.say("error.unknown-button")
        won = await self.escalation.resolve(case_id, by=user, resolution=named_in(post, "note"))
        return None if won else words.say("error.resolved")

    async def _words(self, post: Post) -> Words:
        locale = await self.viewers.locale(post.place.user or "")
        return self.desk.words(language_of(locale) or self.desk.language)
