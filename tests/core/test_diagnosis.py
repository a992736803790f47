"""The judgement, as a table of cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.core.delivery import Delivery, Method, Status, newest_per_recipient
from bot.core.diagnosis import PATIENCE_FLOOR, STEPS, Actor, diagnose, is_overdue
from bot.core.finding import Finding, Verdict
from bot.core.question import Question
from bot.core.section import Section

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(hours=24)
ID = "1000000000000000001"


def delivery(status: Status, *, age: timedelta = timedelta(hours=2), recipient: str = "a@b.test") -> Delivery:
    return Delivery(send_id=ID, account="Acme", recipient=recipient, status=status, sent_at=NOW - age)


def asked(**fields: object) -> Question:
    return Question(text="…", **fields)  # type: ignore[arg-type]  # the cases name the fields


@pytest.mark.parametrize("status", list(Status))
def test_a_record_leads_to_the_section_of_its_status(status: Status) -> None:
    found = diagnose(asked(send_ids=(ID,)), [delivery(status)], [], now=NOW, patience=DAY)

    assert found.section == status.value
    assert found.delivery == delivery(status)


@pytest.mark.parametrize(
    ("question", "section"),
    [
        (asked(), Section.HELP),
        (asked(topic=Section.SENDER), Section.SENDER),
        (asked(topic=Section.OUT_OF_SCOPE), Section.OUT_OF_SCOPE),
        (asked(stated=Status.PENDING), Section.PENDING),
        (asked(stated=Status.SENT, topic=Section.SENDER), Section.SENT),
        (asked(send_ids=(ID,)), Section.NOT_FOUND),
        (asked(addresses=("a@b.test",)), Section.NOT_FOUND),
        (asked(addresses=("a@b.test",), topic=Section.STATUS), Section.NOT_FOUND),
        (asked(send_ids=(ID,), stated=Status.REJECTED), Section.REJECTED),
    ],
)
def test_without_a_record_the_words_decide(question: Question, section: Section) -> None:
    assert diagnose(question, [], [], now=NOW, patience=DAY).section is section


def test_the_facts_win_over_what_the_asker_believes() -> None:
    found = diagnose(asked(stated=Status.SENT), [delivery(Status.REJECTED)], [], now=NOW, patience=DAY)

    assert found.section is Section.REJECTED


def test_among_several_the_one_that_the_asker_means_is_chosen() -> None:
    several = [delivery(Status.REJECTED, recipient="a@b.test"), delivery(Status.SENT, recipient="c@b.test")]

    found = diagnose(asked(stated=Status.SENT), several, [], now=NOW, patience=DAY)

    assert found.delivery == several[1]


@pytest.mark.parametrize(
    ("order", "first"),
    [
        ((Status.SENT, Status.REJECTED, Status.PENDING), Status.REJECTED),
        ((Status.SENT, Status.PENDING), Status.PENDING),
        ((Status.PENDING, Status.SUPPRESSED), Status.SUPPRESSED),
        ((Status.SUPPRESSED, Status.REJECTED), Status.REJECTED),
    ],
)
def test_of_several_recipients_the_one_that_needs_most_attention_is_chosen(
    order: tuple[Status, ...], first: Status
) -> None:
    several = [delivery(status, recipient=f"{status}@b.test") for status in order]

    assert diagnose(asked(), several, [], now=NOW, patience=DAY).section == first.value


def test_of_an_addresss_history_the_newest_mail_is_meant() -> None:
    old, new = delivery(Status.REJECTED, age=timedelta(days=9)), delivery(Status.SENT)
    other = delivery(Status.PENDING, recipient="c@b.test")

    assert newest_per_recipient([old, new, other]) == [new, other]


def test_pending_since_nobody_knows_when_counts_from_when_it_was_seen() -> None:
    unknown = Delivery(send_id=ID, account="Acme", recipient="a@b.test", status=Status.PENDING)

    assert is_overdue(unknown, now=NOW, patience=DAY, seen_at=NOW - DAY)
    assert not is_overdue(unknown, now=NOW, patience=DAY, seen_at=NOW)


@pytest.mark.parametrize(
    ("status", "age", "patience", "hand_over"),
    [
        (Status.PENDING, timedelta(hours=23, minutes=59), DAY, False),
        (Status.PENDING, DAY, DAY, True),
        (Status.PENDING, timedelta(minutes=59), timedelta(minutes=1), False),  # the floor
        (Status.PENDING, PATIENCE_FLOOR, timedelta(minutes=1), True),
        (Status.SENT, timedelta(days=9), DAY, False),
        (Status.REJECTED, timedelta(days=9), DAY, False),
    ],
)
def test_only_what_is_pending_for_longer_than_patience_is_handed_over(
    status: Status, age: timedelta, patience: timedelta, hand_over: bool
) -> None:
    found = diagnose(asked(), [delivery(status, age=age)], [], now=NOW, patience=patience)

    assert found.hand_over is hand_over
    assert (found.steps[0].who is Actor.SUPPORT) is hand_over


def test_pending_since_nobody_knows_when_is_never_overdue() -> None:
    unknown = Delivery(send_id=ID, account="Acme", recipient="a@b.test", status=Status.PENDING)

    assert not diagnose(asked(), [unknown], [], now=NOW, patience=DAY).hand_over


@pytest.mark.parametrize(
    ("verdict", "first"),
    [
        (Verdict.FAIL, "correct-address"),
        (Verdict.UNKNOWN, "check-address"),
        (Verdict.WARN, "check-address"),
        (Verdict.OK, "check-address"),
    ],
)
def test_when_no_mail_can_arrive_there_the_address_is_all_that_matters(verdict: Verdict, first: str) -> None:
    findings = [Finding("mx", verdict, "null-mx", {"domain": "b.test"})]

    found = diagnose(asked(), [delivery(Status.REJECTED)], findings, now=NOW, patience=DAY)

    assert found.steps[0].what == first


def test_every_section_says_what_to_do() -> None:
    assert set(STEPS) == set(Section)


@pytest.mark.parametrize(
    ("method", "header_from", "own"),
    [
        (Method.SECURE_SEND, None, False),
        (Method.SECURE_SEND, "bounce@makeleaps.com", False),
        (Method.SECURE_SEND, "Billing <billing@acme.test>", True),
        (Method.SECURE_SEND, "billing@acme.test", True),
        (Method.CLIENT_INBOX, "billing@acme.test", False),
        (None, "billing@acme.test", True),
    ],
)
def test_an_own_sending_domain_never_applies_to_the_client_inbox(
    method: Method | None, header_from: str | None, own: bool
) -> None:
    sent = Delivery(
        send_id=ID,
        account="Acme",
        recipient="a@b.test",
        status=Status.SENT,
        method=method,
        header_from=header_from,
    )

    assert sent.own_domain is own
