"""The trip of a question: look up, check, diagnose, answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.checks import run_checks
from bot.checks.kit import Resolver
from bot.core.address import comparable, domain_of
from bot.core.answer import Answer, Page
from bot.core.case import DeliveryKey
from bot.core.delivery import (
    OUR_ENVELOPE_DOMAIN,
    OUR_HEADER_FROM,
    Delivery,
    Status,
    most_urgent,
    newest_per_recipient,
)
from bot.core.diagnosis import Diagnosis, diagnose
from bot.core.finding import Finding
from bot.core.question import SEND_ID_PATTERN, Question, read_question
from bot.core.section import Section
from bot.core.viewer import Viewer
from bot.core.words import Language, Words
from bot.library import Library
from bot.store import deliveries as sends
from bot.store.engine import reading

SHOWN_PER_RECIPIENT = 5  # the newest mails to an address that is asked about
CHECKED_ADDRESSES = 5  # in one answer; each costs about two round trips to the resolver
SAME_MAIL = timedelta(minutes=10)  # how far the clocks of screen and mail provider may be apart


class StatusSource(Protocol):
    """Whoever can be asked live for statuses; the store, which is told of them, comes first."""

    async def look_up(self, question: Question, account: str | None) -> Sequence[Delivery]:
        """Return what is known of the mails that *question* names, of *account* only (None: of all)."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers questions: four stops, each a room of its own."""

    engine: AsyncEngine
    library: Library
    resolver: Resolver
    now: Callable[[], datetime]
    patience: timedelta
    language: Language = Language.JA
    send_id_pattern: str = SEND_ID_PATTERN
    sources: Sequence[StatusSource] = ()
    check_deadline: float = 2.5  # seconds, for all checks of an answer together

    async def answer(self, text: str, viewer: Viewer, *, language: Language | None = None) -> Answer:
        """Answer *text*, in *language* or the one it is written in; show *viewer* what they may see."""
        question = read_question(text, self.library.phrases, send_id_pattern=self.send_id_pattern)
        deliveries = await self._look_up(question, viewer)
        return await self._answer(question, deliveries, viewer, language)

    async def answer_about(
        self, key: DeliveryKey, viewer: Viewer, *, language: Language | None = None
    ) -> Answer:
        """Answer as if *viewer* had asked about the one delivery that *key* names."""
        delivery = await self.current(key)
        question = Question(text="", send_ids=(key.send_id,))
        return await self._answer(question, viewer.visible([delivery] if delivery else []), viewer, language)

    async def _answer(
        self,
        question: Question,
        deliveries: Sequence[Delivery],
        viewer: Viewer,
        language: Language | None,
    ) -> Answer:
        meant = _meant(question, deliveries)
        findings = await self._check(question, meant, viewer)
        diagnosis = diagnose(question, meant, findings, now=self.now(), patience=self.patience)
        spoken = language or question.language or language_of(viewer.locale) or self.language
        variables = self._variables(question, deliveries, diagnosis, spoken)
        return Answer(
            language=spoken,
            role=viewer.role,
            diagnosis=diagnosis,
            page=self.library.page(diagnosis.section, spoken, **variables),
            deliveries=tuple(deliveries),
            meant=tuple(meant),
            findings=tuple(findings),
            missing=_missing(question, deliveries),
            left_out=question.left_out,
        )

    @property
    def labels(self) -> Mapping[Status, str]:
        """Return the statuses as the screen words them, verbatim."""
        return {status: self.library.label(status) for status in Status}

    def words(self, language: Language) -> Words:
        """Return the words of *language*."""
        return self.library.words(language)

    async def current(self, key: DeliveryKey) -> Delivery | None:
        """Return what is known now of the delivery that *key* names."""
        async with reading(self.engine) as connection:
            return await sends.get(connection, key)

    def page(self, name: str, language: Language, delivery: Delivery | None = None) -> Page:
        """Return the page *name*, said about *delivery*."""
        diagnosis = Diagnosis(section=Section.HELP, delivery=delivery)
        variables = self._variables(_NOTHING_ASKED, (), diagnosis, language)
        return self.library.page(name, language, **variables)

    async def _look_up(self, question: Question, viewer: Viewer) -> list[Delivery]:
        if not (viewer.may_look_up and question.names_a_mail):
            return []
        async with reading(self.engine) as connection:
            by_id = await sends.by_send_ids(connection, question.send_ids, account=viewer.account)
            by_headers = await sends.by_message_ids(
                connection, _message_ids(question), account=viewer.account
            )
            by_address = await sends.by_recipients(
                connection, question.addresses, account=viewer.account, newest=SHOWN_PER_RECIPIENT
            )
        # An ID names one send, an address a whole history: what names the mail more exactly wins.
        exact = [*by_id, *by_headers]
        found = _to_the_named(exact, question) or exact or _near_in_time(by_address, question)
        return viewer.visible(found or await self._ask_sources(question, viewer))

    async def _ask_sources(self, question: Question, viewer: Viewer) -> list[Delivery]:
        answers = [await source.look_up(question, viewer.account) for source in self.sources]
        return [delivery for answer in answers for delivery in answer]

    async def _check(
        self, question: Question, deliveries: Sequence[Delivery], viewer: Viewer
    ) -> list[Finding]:
        if not viewer.may_look_up:
            return []
        focus = most_urgent(deliveries, stated=question.stated)
        addresses = [focus.recipient] if focus else question.addresses[:CHECKED_ADDRESSES]
        checked = await asyncio.gather(
            *(
                run_checks(address, resolver=self.resolver, deadline=self.check_deadline)
                for address in addresses
            )
        )
        return [finding for findings in checked for finding in findings]

    def _variables(
        self,
        question: Question,
        deliveries: Sequence[Delivery],
        diagnosis: Diagnosis,
        language: Language,
    ) -> dict[str, object]:
        """Gather what pages may speak of; library.VARIABLES lists the names."""
        words = self.words(language)
        delivery = diagnosis.delivery
        waiting = delivery.pending_for(self.now()) if delivery else None
        own_domain = delivery.own_domain if delivery else question.own_domain
        header_from = _header_from(delivery, own_domain=own_domain)
        return {
            "delivery": delivery,
            "deliveries": deliveries,
            "method": (delivery.method if delivery else None) or question.method,
            "own_domain": own_domain,
            "password": delivery.password if delivery else (question.password or None),
            "header_from": header_from,
            "envelope_domain": OUR_ENVELOPE_DOMAIN,
            "header_domain": domain_of(header_from),
            "found": delivery is not None,
            "missing": _missing(question, deliveries),
            "overdue": diagnosis.hand_over,
            "patience": words.period(self.patience),
            "waiting": words.period(waiting) if waiting else None,
        }


# What a page is filled with when nobody asked: the hand-over, the sender's page behind "…".
_NOTHING_ASKED = Question(text="")


def language_of(locale: str | None) -> Language | None:
    """Return the language of a Slack *locale* such as ja-JP; whoever reads neither gets English."""
    if not locale:
        return None
    return Language.JA if locale.casefold().startswith("ja") else Language.EN


def _message_ids(question: Question) -> list[str]:
    return [sender.message_id for sender in question.envelope_senders if sender.message_id]


def _to_the_named(deliveries: Iterable[Delivery], question: Question) -> list[Delivery]:
    """Keep the recipients whom the asker named beside the send, if any."""
    named = {comparable(address) for address in question.addresses}
    return [delivery for delivery in deliveries if comparable(delivery.recipient) in named]


def _near_in_time(deliveries: Sequence[Delivery], question: Question) -> list[Delivery]:
    """Keep what was sent when the pasted envelope sender was made: it holds the time of submission."""
    moments = [sender.submitted_at for sender in question.envelope_senders if sender.submitted_at]
    near = [
        delivery
        for delivery in deliveries
        if any(delivery.sent_at and abs(delivery.sent_at - moment) <= SAME_MAIL for moment in moments)
    ]
    return near or list(deliveries)


def _meant(question: Question, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
    """Leave out the older mails to an address; what was named by ID or headers is all meant."""
    named = {*question.send_ids, *_message_ids(question)}
    if all(delivery.send_id in named or delivery.message_id in named for delivery in deliveries):
        return deliveries
    return newest_per_recipient(deliveries)


def _missing(question: Question, deliveries: Sequence[Delivery]) -> tuple[str, ...]:
    """List what was named and not found: IDs, the addresses where no ID was named, pasted headers."""
    found = {delivery.send_id for delivery in deliveries} | {comparable(d.recipient) for d in deliveries}
    headers = [sender.address for sender in question.envelope_senders if not deliveries]
    asked = [*(question.send_ids or question.addresses), *headers]
    return tuple(subject for subject in asked if comparable(subject) not in found)


def _header_from(delivery: Delivery | None, *, own_domain: bool) -> str:
    """Return the sender that the recipient sees; empty when it is the asker's own and nobody said which."""
    if not own_domain:
        return OUR_HEADER_FROM
    return (delivery and delivery.header_from) or ""
