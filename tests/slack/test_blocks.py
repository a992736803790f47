"""What answers and cards look like as Block Kit: golden files, one for each kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.answer import Answer
from bot.core.case import Case, CaseAsker, Cause, DeliveryKey
from bot.core.delivery import Delivery, Status
from bot.core.diagnosis import diagnose
from bot.core.finding import Finding, Verdict
from bot.core.post import Place
from bot.core.question import Question
from bot.core.section import Section
from bot.core.viewer import Role
from bot.core.words import Language
from bot.library import Library
from bot.playground.limits import check_message
from bot.slack.blocks import Message, to_message
from bot.slack.cards import case_card
from tests.goldens import Golden
from tests.knowledge.situations import OWN, SECURE, SENT_AT, told
from tests.slack.foreign import PERMALINK, POINTER, labels

DOMAIN = SECURE.recipient.partition("@")[2]
REACHABLE = (
    Finding("syntax", Verdict.OK, "valid", {"address": SECURE.recipient}),
    Finding("domain", Verdict.OK, "exists", {"domain": DOMAIN}),
    Finding("mx", Verdict.OK, "mx", {"domain": DOMAIN, "hosts": ["mx1.example.co.jp", "mx2.example.co.jp"]}),
)
NULL_MX = (*REACHABLE[:2], Finding("mx", Verdict.FAIL, "null-mx", {"domain": DOMAIN}))
REJECTED = replace(SECURE, document="請求書 7", source="import:sends.csv", reply="550 5.1.1 User unknown")
PENDING = replace(SECURE, status=Status.PENDING, document="Invoice 7", source="import:sends.csv")
SENT = replace(OWN, status=Status.SENT, document="Invoice 7", source="import:sends.csv")
NOTHING = Question(text="", send_ids=("9999999999999999999",))


def answer(
    library: Library,
    language: Language,
    deliveries: Sequence[Delivery],
    findings: Sequence[Finding] = (),
    *,
    role: Role = Role.CUSTOMER,
    waited: timedelta = timedelta(hours=2),
) -> Answer:
    """Return what the desk answers when it knows *deliveries*, *waited* after they were sent."""
    diagnosis = diagnose(NOTHING, deliveries, findings, now=SENT_AT + waited, patience=timedelta(days=1))
    missing = () if deliveries else NOTHING.send_ids
    variables = {
        **(told(diagnosis.delivery) if diagnosis.delivery else {}),
        "patience": timedelta(days=1),
        "missing": missing,
        "overdue": diagnosis.hand_over,
        "waiting": waited if diagnosis.hand_over else None,
    }
    return Answer(
        language=language,
        role=role,
        diagnosis=diagnosis,
        page=library.page(diagnosis.section, language, **variables),
        deliveries=tuple(deliveries),
        findings=tuple(findings),
        missing=missing,
    )


Asked = Callable[[Library], Answer]
# To add a kind of answer: add a row, run pytest --rewrite-goldens, read what it wrote.
ANSWERS: dict[str, Asked] = {
    "rejected.ja": lambda books: answer(books, Language.JA, [REJECTED], NULL_MX),
    "pending-overdue.en": lambda books: answer(
        books, Language.EN, [PENDING], REACHABLE, waited=timedelta(days=3)
    ),
    "sent-own-domain.en": lambda books: answer(books, Language.EN, [SENT], REACHABLE),
    "several-recipients.ja": lambda books: answer(
        books,
        Language.JA,
        [
            replace(SENT, recipient="a@example.co.jp"),
            REJECTED,
            replace(PENDING, recipient="c@example.co.jp"),
        ],
        NULL_MX,
    ),
    "not-found.ja": lambda books: answer(books, Language.JA, []),
    "staff-evidence.en": lambda books: answer(books, Language.EN, [REJECTED], NULL_MX, role=Role.STAFF),
}

OPEN = Case(
    id=7,
    key="delivery:A",
    cause=Cause.OVERDUE,
    place=Place("T0SUPPORT", "C0ACME", "1767576600.000100", "U0HANA"),
    language=Language.JA,
    opened_at=SENT_AT + timedelta(days=3),
    delivery=DeliveryKey("Acme", PENDING.send_id, PENDING.recipient),
    account="Acme",
    facts={
        "status": "pending",
        "status_text": "送信結果待ち",
        "sent_at": SENT_AT.isoformat(),
        "findings": [
            {"check": found.check, "verdict": found.verdict, "code": found.code, "facts": dict(found.facts)}
            for found in REACHABLE
        ],
    },
)
CLAIMED = replace(OPEN, claimed_by="U0MORI", claimed_at=SENT_AT + timedelta(days=3, hours=1))
RESOLVED = replace(
    CLAIMED,
    resolved_by="U0YUKI",
    resolved_at=SENT_AT + timedelta(days=4),
    resolution="受信側に確認し、届きました。",
)
CARDS = {"card-open.ja": OPEN, "card-claimed.ja": CLAIMED, "card-resolved.ja": RESOLVED}


def as_json(message: Message) -> str:
    """Return *message* as people read it in a golden file."""
    return (
        json.dumps({"text": message.text, "blocks": list(message.blocks)}, ensure_ascii=False, indent=1)
        + "\n"
    )


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_looks_as_its_golden_file_does(library: Library, golden: Golden, name: str) -> None:
    given = ANSWERS[name](library)
    message = to_message(
        given,
        library.words(given.language),
        labels(library),
        pointer=POINTER,
        private=given.role is Role.STAFF,
    )

    check_message(message.text, list(message.blocks))
    golden(f"{name}.json", as_json(message))


@pytest.mark.parametrize("name", CARDS)
def test_a_card_looks_as_its_golden_file_does(library: Library, golden: Golden, name: str) -> None:
    case = CARDS[name]
    askers = [CaseAsker(case.place, case.language, "急いでいます")]
    message = case_card(case, askers, library.words(case.language), labels(library), conversation=PERMALINK)

    check_message(message.text, list(message.blocks))
    golden(f"{name}.json", as_json(message))


def test_the_kinds_are_what_their_names_say(library: Library) -> None:
    sections = [make(library).section for make in ANSWERS.values()]

    assert sections == [
        Section.REJECTED,
        Section.PENDING,
        Section.SENT,
        Section.REJECTED,
        Section.NOT_FOUND,
        Section.REJECTED,
    ]
