"""Ask again what is pending, tell what changed, and hand over to a person, once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.address import comparable
from bot.core.answer import Answer, finding_json
from bot.core.case import Case, CaseAsker, Cause, DeliveryKey, Watch
from bot.core.delivery import Delivery, Status
from bot.core.diagnosis import is_overdue
from bot.core.post import Place, Post, PostKind
from bot.core.viewer import STAFF
from bot.core.words import Language
from bot.desk import Desk
from bot.store import cases, outbox, watches
from bot.store.engine import StoreError, reading, writing

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
AT_ONCE = 50  # watches taken by one sweep of one replica


@dataclass(frozen=True, slots=True)
class Escalation:
    """Keeps watches and opens cases; what is to be said goes into the outbox in the same transaction."""

    engine: AsyncEngine
    desk: Desk
    owner: str  # unique to this process
    now: Callable[[], datetime]
    patience: timedelta
    support: Place
    call: Callable[[], None]  # there is something in the outbox
    lease: timedelta = LEASE  # of a watch that is being looked at
    interval: timedelta = timedelta(minutes=5)  # how often a pending delivery is asked again

    async def watch(self, answer: Answer, place: Place) -> None:
        """Keep a watch for each pending delivery that *answer* is about: somebody at *place* will be told."""
        pending = [delivery for delivery in answer.meant if delivery.status is Status.PENDING]
        if not pending:
            return
        now = self.now()
        async with writing(self.engine) as connection:
            for delivery in pending:
                await watches.keep(connection, self._watch(delivery, place, answer.language, now))

    async def run(self, pause: timedelta) -> None:
        """Sweep until cancelled: every *pause*, and on at once while there is more than one sweep takes."""
        while True:
            try:
                swept = await self.sweep()
            except StoreError as error:
                log.error("the sweep failed, trying again: %s", error)  # noqa: TRY400 - the cause is in it
                swept = 0
            if swept < AT_ONCE:
                await asyncio.sleep(pause.total_seconds())

    async def sweep(self) -> int:
        """Ask again whatever is due; return how many watches were looked at."""
        now = self.now()
        due = await watches.lease_due(
            self.engine, owner=self.owner, now=now, until=now + self.lease, limit=AT_ONCE
        )
        for watch in due:
            try:
                await self._look_again(watch)
            except Exception:  # one watch that breaks must not keep the others from being looked at
                log.exception("watch %d could not be looked at, trying again later", watch.id)
        return len(due)

    async def hand_over(
        self,
        key: DeliveryKey | None,
        asker: CaseAsker,
        *,
        cause: Cause,
        subject: str,
        account: str | None = None,
        question: str = "",
    ) -> tuple[Case, bool]:
        """Open a case for a person, once; return the case that stands, and whether *asker* is new to it.

        *subject* names what a case without a delivery is about, *question* is what was asked, *account* the
        asker's.  A delivery is handed over once for being overdue, whatever became of it; whoever asks for a
        person after a resolution gets a new case.
        """
        facts = {**await self._facts(key, asker.language), "question": question}
        wanted = Case(
            key=delivery_case_key(key) if key else f"question:{subject}",
            cause=cause,
            place=asker.place,
            language=asker.language,
            opened_at=self.now(),
            delivery=key,
            account=key.account if key else account,
            facts=facts,
        )
        async with writing(self.engine) as connection:
            case, opened = await self._open(connection, wanted)
            new = case.resolved_at is None and await self._join(connection, case, asker, redraw=not opened)
        self.call()
        return case, new

    async def claim(self, case_id: int, *, by: str) -> bool:
        """Let *by* take the case; False when somebody has it already."""
        async with writing(self.engine) as connection:
            won = await cases.claim(connection, case_id, by=by, now=self.now())
            if won:
                await self._announce(connection, case_id, "claimed")
        self.call()
        return won

    async def resolve(self, case_id: int, *, by: str, resolution: str = "") -> bool:
        """Close the case and tell the askers; False when it is closed already."""
        async with writing(self.engine) as connection:
            won = await cases.resolve(connection, case_id, by=by, now=self.now(), resolution=resolution)
            if won:
                await self._announce(connection, case_id, "resolved")
        self.call()
        return won

    async def case(self, case_id: int) -> Case | None:
        """Return the case as it is now."""
        async with reading(self.engine) as connection:
            return await cases.get(connection, case_id)

    async def askers(self, case_id: int) -> list[CaseAsker]:
        """Return who waits for a case, in the order in which they came."""
        async with reading(self.engine) as connection:
            return await cases.askers_of(connection, case_id)

    async def card_posted(self, case_id: int, ts: str) -> None:
        """Remember where the card of a case stands."""
        async with writing(self.engine) as connection:
            await cases.set_card_ts(connection, case_id, ts)

    async def _look_again(self, watch: Watch) -> None:
        delivery = await self.desk.current(watch.delivery)
        if delivery is None:
            await self._end(watch, "gone")
        elif delivery.status is not Status.PENDING:
            await self._tell_change(watch, delivery)
        elif is_overdue(delivery, now=self.now(), patience=self.patience, seen_at=watch.asked_at):
            await self._hand_over_watched(watch, delivery)
        else:
            await self._wait_on(watch, delivery)

    async def _hand_over_watched(self, watch: Watch, delivery: Delivery) -> None:
        asker = CaseAsker(watch.place, watch.language)
        case, _ = await self.hand_over(
            watch.delivery, asker, cause=Cause.OVERDUE, subject=f"watch:{watch.id}"
        )
        if case.resolved_at:  # a person has dealt with it: say so, and go on watching for the change
            async with writing(self.engine) as connection:
                await outbox.put(connection, _notices(case, "resolved", [asker]), now=self.now())
            self.call()
            await self._wait_on(watch, delivery)

    async def _wait_on(self, watch: Watch, delivery: Delivery) -> None:
        async with writing(self.engine) as connection:
            await watches.look_again(connection, watch.id, at=self._next_look(delivery))

    async def _end(self, watch: Watch, outcome: str) -> None:
        async with writing(self.engine) as connection:
            await watches.end(connection, watch.id, now=self.now(), outcome=outcome)

    async def _tell_change(self, watch: Watch, delivery: Delivery) -> None:
        payload: dict[str, object] = {
            "notice": "changed",
            "status": delivery.status.value,
            **_pointers(watch.delivery),
        }
        post = _notice(f"watch:{watch.id}:changed", watch.place, watch.language, payload)
        async with writing(self.engine) as connection:
            if await watches.end(connection, watch.id, now=self.now(), outcome="changed"):
                await outbox.put(connection, [post], now=self.now())
        self.call()

    async def _open(self, connection: AsyncConnection, wanted: Case) -> tuple[Case, bool]:
        """Open *wanted*, or return the case that stands for the same thing, and that it is not new.

        The keys of cases about one delivery count on.
        """
        number, overdue_before = 1, None
        while True:
            case = replace(wanted, key=wanted.key if number == 1 else f"{wanted.key}:{number}")
            standing = await cases.by_key(connection, case.key)
            if standing is None:
                if overdue_before:
                    return overdue_before, False
                if opened := await cases.open_case(connection, case):
                    await outbox.put(connection, [self._card(opened)], now=self.now())
                    return opened, True
                continue  # somebody opened it this moment
            if standing.resolved_at is None:
                return standing, False
            if standing.cause is wanted.cause is Cause.OVERDUE:
                overdue_before = standing
            number += 1

    async def _join(self, connection: AsyncConnection, case: Case, asker: CaseAsker, *, redraw: bool) -> bool:
        """Let *asker*, and whoever watches the same mail, wait for *case*; tell whether *asker* is new.

        A card names all who wait, and what they wrote: *redraw* it when it stands already.
        """
        watching = await watches.open_for(connection, case.delivery) if case.delivery else []
        for watch in watching:
            await watches.end(connection, watch.id, now=self.now(), outcome="handed-over")
        others = [CaseAsker(watch.place, watch.language) for watch in watching]
        joined = [who for who in (asker, *others) if await cases.add_asker(connection, case.id, who)]
        added = asker not in joined and await cases.add_note(connection, case.id, asker)
        posts = _notices(case, "handed-over", joined)
        if redraw and (joined or added):
            posts.append(self._card_update(case, f"askers:{place_key(asker.place)}:{self.now().timestamp()}"))
        await outbox.put(connection, posts, now=self.now())
        return asker in joined

    async def _announce(self, connection: AsyncConnection, case_id: int, what: str) -> None:
        """Have the card redrawn, and the askers told."""
        case = await cases.get(connection, case_id)
        if case is None:
            return
        askers = await cases.askers_of(connection, case_id)
        posts = [self._card_update(case, what), *_notices(case, what, askers)]
        await outbox.put(connection, posts, now=self.now())

    async def _facts(self, key: DeliveryKey | None, language: Language) -> dict[str, object]:
        """Gather what support needs to know, by the trip that every question takes."""
        if key is None:
            return {}
        answer = await self.desk.answer_about(key, STAFF, language=language)
        delivery = answer.delivery
        return {
            "status": delivery.status.value if delivery else None,
            "status_text": delivery.status_text if delivery else None,
            "sent_at": delivery.sent_at.isoformat() if delivery and delivery.sent_at else None,
            "document": delivery.document if delivery else None,
            "reply": delivery.reply if delivery else None,
            "findings": [finding_json(finding) for finding in answer.findings],
        }

    def _watch(self, delivery: Delivery, place: Place, language: Language, now: datetime) -> Watch:
        return Watch(
            delivery=key_of(delivery),
            place=place,
            language=language,
            asked_at=now,
            next_look_at=now
            if is_overdue(delivery, now=now, patience=self.patience)
            else self._next_look(delivery),
        )

    def _next_look(self, delivery: Delivery) -> datetime:
        """Look again after the usual interval, or right when patience ends, whichever comes first."""
        now = self.now()
        waited = delivery.pending_for(now) or timedelta()
        left = self.patience - waited
        return now + (left if timedelta() < left < self.interval else self.interval)

    def _card(self, case: Case) -> Post:
        return Post(
            key=f"case:{case.id}:card", kind=PostKind.CARD, place=self.support, payload={"case": case.id}
        )

    def _card_update(self, case: Case, what: str) -> Post:
        return replace(self._card(case), key=f"case:{case.id}:{what}", kind=PostKind.CARD_UPDATE)


def key_of(delivery: Delivery) -> DeliveryKey:
    """Return what names *delivery*."""
    return DeliveryKey(delivery.account, delivery.send_id, delivery.recipient)


def delivery_case_key(key: DeliveryKey) -> str:
    """Return the key under which a delivery is handed over; spellings of its recipient are one."""
    return f"delivery:{key.account}:{key.send_id}:{comparable(key.recipient)}"


def place_key(place: Place) -> str:
    """Return what names the conversation at *place*: a thread, or somebody in a channel."""
    return f"{place.channel}:{place.thread_ts or place.user}"


def _pointers(key: DeliveryKey) -> dict[str, str]:
    return {"account": key.account, "send_id": key.send_id, "recipient": key.recipient}


def _notice(key: str, place: Place, language: Language, payload: dict[str, object]) -> Post:
    return Post(key=key, kind=PostKind.NOTICE, place=place, payload={**payload, "language": language.value})


def _notices(case: Case, what: str, askers: Sequence[CaseAsker]) -> list[Post]:
    """Tell everybody who waits for *case*, each once, in their own language."""
    payload: dict[str, object] = {"notice": what, "case": case.id}
    return [
        _notice(f"case:{case.id}:{what}:{place_key(asker.place)}", asker.place, asker.language, payload)
        for asker in askers
    ]
