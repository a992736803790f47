"""Have what is in the outbox said, once: lease, say, mark as said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.background import Background
from bot.core.post import Post, PostKind
from bot.store import outbox
from bot.store.engine import StoreError, reading, writing

log = logging.getLogger(__name__)

# A lease outlives every attempt: otherwise a slow replica says what another has taken over meanwhile.
ATTEMPT_OF_LEASE = 2 / 3
LEASE = timedelta(seconds=60)
AT_ONCE = 20  # of what just came in, and again of what was waiting: neither keeps the other from being said
LONGEST_PAUSE = timedelta(minutes=10)
# What could not be said for so long helps nobody any more.  Hand-overs are never stale.
STALE = {PostKind.ANSWER: timedelta(days=1), PostKind.NOTICE: timedelta(days=7)}


class UnsaidError(Exception):
    """The post could not be said now, or nobody knows whether it was; try again after *retry_after*."""

    def __init__(self, problem: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class UnsayableError(Exception):
    """The post can never be said: its channel is gone, we are not in it, nobody may hear it."""


class Messenger(Protocol):
    """Whoever speaks."""

    async def say(self, post: Post) -> str | None:
        """Say *post* unless it was said by an earlier attempt; return its timestamp where it has one.

        Raise UnsaidError or UnsayableError.
        """


@dataclass(slots=True)
class Courier:
    """Carries posts from the outbox to the messenger; any number of them may run beside each other."""

    engine: AsyncEngine
    owner: str  # unique to this process
    now: Callable[[], datetime]
    lease: timedelta = LEASE
    interval: timedelta = timedelta(seconds=2)  # how often the outbox is looked into unasked
    messenger: Messenger | None = None  # given when Slack is connected
    _new: Background = field(default_factory=Background)
    _waiting: Background = field(default_factory=Background)
    _at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _called: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, post: Post) -> bool:
        """Put *post* into the outbox, durably, and begin to say it; tell whether its key was new."""
        now = self.now()
        async with writing(self.engine) as connection:
            new = await outbox.put(
                connection, [post], now=now, owner=self.owner, leased_until=now + self.lease
            )
        if new:
            self._new.begin(self._carry_new(replace(post, attempts=1, created_at=now)))
        return bool(new)

    async def find(self, key: str) -> Post | None:
        """Return the post called *key*: what a button points to."""
        async with reading(self.engine) as connection:
            return await outbox.get(connection, key)

    def call(self) -> None:
        """Have the outbox looked into now: somebody put posts into it."""
        self._called.set()

    async def run(self) -> None:
        """Carry what is due until cancelled: new posts, failed ones, those of replicas that died."""
        while True:
            try:
                taken = await self.carry_due()
            except Exception:  # whatever broke this look into the outbox, the next one may go well
                log.exception("the outbox could not be looked into, trying again")
                taken = 0
            if not taken:
                self._called.clear()
                # Not wait_for: in Python 3.11 it can swallow the cancellation that ends this loop.
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.interval.total_seconds()):
                        await self._called.wait()

    async def carry_due(self) -> int:
        """Take what is due and begin to say it; return how much it was."""
        now = self.now()
        free = AT_ONCE - len(self._waiting)
        posts = await outbox.lease(self.engine, owner=self.owner, now=now, until=now + self.lease, limit=free)
        for of_place in _by_place(posts):
            self._waiting.begin(self._carry_all(of_place))
        return len(posts)

    async def settle(self) -> None:
        """Wait for what is under way."""
        await self._new.settle()
        await self._waiting.settle()

    async def _carry_new(self, post: Post) -> None:
        async with self._at_once:
            await self._carry(post)

    async def _carry_all(self, posts: Sequence[Post]) -> None:
        for post in posts:  # one after another: what is said first at a place is read first
            await self._carry(post)

    async def _carry(self, post: Post) -> None:
        if self.messenger is None or not await self._hold(post):
            return
        try:
            async with asyncio.timeout(self._attempt.total_seconds()):
                posted_ts = await self.messenger.say(post)
        except UnsayableError as error:
            await self._cannot(post, error)
        except UnsaidError as error:
            await self._again(post, str(error), error.retry_after)
        except Exception as error:  # whatever broke, the post stays in the outbox and the others go on
            log.exception("post %s failed at attempt %d", post.key, post.attempts)
            await self._again(post, repr(error), None)
        else:
            async with writing(self.engine) as connection:
                await outbox.finish(connection, post, owner=self.owner, now=self.now(), posted_ts=posted_ts)

    @property
    def _attempt(self) -> timedelta:
        return self.lease * ATTEMPT_OF_LEASE

    async def _hold(self, post: Post) -> bool:
        """Hold *post* for the whole of an attempt from now on: it may have waited for its turn.

        False when somebody else has it by now, or when the database itself let us wait for too long.
        """
        until = self.now() + self.lease
        try:
            async with writing(self.engine) as connection:
                held = await outbox.renew(connection, post, owner=self.owner, until=until)
        except StoreError as error:
            log.warning("post %s waits for the database: %s", post.key, error)
            return False
        return held and self.now() + self._attempt <= until

    async def _cannot(self, post: Post, error: UnsayableError) -> None:
        log.error("post %s cannot be said: %s", post.key, error)
        if post.kind in {PostKind.CARD, PostKind.CARD_UPDATE, PostKind.SUBMISSION}:
            # A hand-over is never given up: somebody will invite the bot to the support channel again.
            await self._again(post, str(error), LONGEST_PAUSE)
            return
        await self._give_up(post, str(error))

    async def _again(self, post: Post, problem: str, pause: timedelta | None) -> None:
        log.warning("post %s unsaid at attempt %d: %s", post.key, post.attempts, problem)
        due_at = self.now() + (pause or _pause(post.attempts))
        stale = STALE.get(post.kind)
        if stale and post.created_at and due_at - post.created_at > stale:
            await self._give_up(post, problem)
            return
        async with writing(self.engine) as connection:
            await outbox.postpone(connection, post, owner=self.owner, due_at=due_at, error=problem)

    async def _give_up(self, post: Post, problem: str) -> None:
        async with writing(self.engine) as connection:
            await outbox.give_up(connection, post, owner=self.owner, now=self.now(), error=problem)


def _pause(attempts: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(attempts, 10)), LONGEST_PAUSE)


def _by_place(posts: Sequence[Post]) -> list[list[Post]]:
    places: dict[tuple[str, str | None], list[Post]] = {}
    for post in posts:
        places.setdefault((post.place.channel, post.place.thread_ts), []).append(post)
    return list(places.values())
