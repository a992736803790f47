"""The judgement: which section of the FAQ fits, and who has to do what next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.delivery import Delivery, Status, most_urgent
from bot.core.finding import Finding, Verdict
from bot.core.question import Question
from bot.core.section import Section

PATIENCE_FLOOR = timedelta(hours=1)  # greylisting alone takes 20 minutes: no hand-over is ever earlier


class Actor(StrEnum):
    """Who must act."""

    ASKER = "asker"
    RECIPIENT = "recipient"
    RECIPIENT_ADMIN = "recipient-admin"
    SUPPORT = "support"
    NOBODY = "nobody"  # wait


@dataclass(frozen=True, slots=True)
class Step:
    """What *who* does next; *what* names its sentence, ``next.<what>`` in knowledge/<lang>/words.toml."""

    who: Actor
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """The section that fits, the delivery it is about (None: general), and what follows."""

    section: Section
    delivery: Delivery | None = None
    steps: tuple[Step, ...] = ()
    hand_over: bool = False  # pending for longer than patience: a person takes it from here


def diagnose(
    question: Question,
    deliveries: Sequence[Delivery],
    findings: Sequence[Finding],
    *,
    now: datetime,
    patience: timedelta,
) -> Diagnosis:
    """Choose the FAQ section for *question*, given what was found.

    *deliveries* are those that the asker means, and may see.
    """
    delivery = most_urgent(deliveries, stated=question.stated)
    section = Section.of(delivery.status) if delivery else _section_of_words(question)
    overdue = delivery is not None and is_overdue(delivery, now=now, patience=patience)
    return Diagnosis(
        section=section,
        delivery=delivery,
        steps=_steps(section, findings, overdue=overdue),
        hand_over=overdue,
    )


def is_overdue(
    delivery: Delivery, *, now: datetime, patience: timedelta, seen_at: datetime | None = None
) -> bool:
    """Tell whether *delivery* has been pending for longer than *patience*, and no less than the floor.

    *seen_at*, when somebody first saw it pending, stands in where nobody said when it was sent.
    """
    waiting = delivery.pending_for(now)
    if waiting is None and delivery.status is Status.PENDING and seen_at:
        waiting = now - seen_at
    return waiting is not None and waiting >= max(patience, PATIENCE_FLOOR)


def _section_of_words(question: Question) -> Section:
    # A status told in words is answerable without any record.  A subject that nobody may see or that does not
    # exist is not found: the same answer for an unknown ID, an unknown address and somebody else's mail.
    if question.stated:
        return Section.of(question.stated)
    if question.names_a_mail:
        return Section.NOT_FOUND
    return question.topic or Section.HELP


def _steps(section: Section, findings: Sequence[Finding], *, overdue: bool) -> tuple[Step, ...]:
    if overdue:
        return (Step(Actor.SUPPORT, "support-takes-over"), Step(Actor.ASKER, "other-ways"))
    unreachable = any(finding.verdict is Verdict.FAIL for finding in findings)
    if unreachable and section in _BY_ADDRESS:
        return _BY_ADDRESS[section]
    return STEPS.get(section, ())


# In the order in which they are to be done.  To add a step: name it here, write next.<name> in words.toml.
STEPS: dict[Section, tuple[Step, ...]] = {
    Section.REJECTED: (
        Step(Actor.ASKER, "check-address"),
        Step(Actor.RECIPIENT, "free-mailbox-and-filters"),
        Step(Actor.RECIPIENT_ADMIN, "allow-sender"),
        Step(Actor.ASKER, "send-again-later"),
    ),
    Section.SUPPRESSED: (
        Step(Actor.ASKER, "check-address"),
        Step(Actor.RECIPIENT, "confirm-address-works"),
        Step(Actor.ASKER, "send-again-later"),
        Step(Actor.ASKER, "contact-support-if-still"),
    ),
    Section.SENT: (
        Step(Actor.RECIPIENT, "look-in-folders"),
        Step(Actor.ASKER, "check-address"),
        Step(Actor.RECIPIENT_ADMIN, "allow-sender"),
        Step(Actor.ASKER, "other-ways"),
    ),
    Section.PENDING: (Step(Actor.NOBODY, "wait"), Step(Actor.ASKER, "contact-support-if-long")),
    Section.STATUS: (Step(Actor.ASKER, "look-at-screen"), Step(Actor.ASKER, "ask-with-id")),
    Section.SENDER: (Step(Actor.RECIPIENT_ADMIN, "allow-sender"),),
    Section.SUPPORT: (Step(Actor.ASKER, "contact-support"),),
    Section.NOT_FOUND: (Step(Actor.ASKER, "check-id"), Step(Actor.ASKER, "contact-support-if-still")),
    Section.OUT_OF_SCOPE: (Step(Actor.ASKER, "contact-support"),),
    Section.HELP: (Step(Actor.ASKER, "ask-with-id"),),
}

# When the checks saw that no mail can arrive there, everything but the address is beside the point.
_BY_ADDRESS: dict[Section, tuple[Step, ...]] = {
    Section.REJECTED: (Step(Actor.ASKER, "correct-address"), Step(Actor.ASKER, "send-again-corrected")),
    Section.SUPPRESSED: (Step(Actor.ASKER, "correct-address"), Step(Actor.ASKER, "send-again-corrected")),
    Section.SENT: (Step(Actor.ASKER, "correct-address"), Step(Actor.ASKER, "send-again-corrected")),
    Section.PENDING: (Step(Actor.ASKER, "correct-address"), Step(Actor.ASKER, "send-again-corrected")),
    Section.NOT_FOUND: (Step(Actor.ASKER, "check-id"), Step(Actor.ASKER, "correct-address")),
}
