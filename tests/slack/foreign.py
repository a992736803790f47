"""Everything we say in Slack, made of somebody else's words."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.answer import Answer, finding_json
from bot.core.case import Case, CaseAsker, Cause, DeliveryKey
from bot.core.delivery import Delivery, Method, Status
from bot.core.diagnosis import STEPS, Diagnosis
from bot.core.finding import Fact, Finding, Verdict
from bot.core.post import Place
from bot.core.section import Section
from bot.core.viewer import Role, Viewer
from bot.core.words import Language, Words
from bot.library import Library
from bot.library.wording import placeholders
from bot.slack import modals
from bot.slack.blocks import Message, note, to_message
from bot.slack.cards import case_card, handed_over, progress
from tests.knowledge.situations import told

SENT_AT = datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
PERMALINK = "https://acme.slack.com/archives/C0ACME/p1"
POINTER = "message:C0ACME:1767576600.000100"
# Facts that are names of ours; every other one is somebody else's.
NAMES: dict[str, Fact] = {"changes": ["invisible-removed", "mailto-removed"], "part": "local"}
# The ways to send that make pages differ: method, own domain, password.
WAYS: tuple[tuple[Method | None, bool, bool | None], ...] = (
    (None, False, None),
    (Method.SECURE_SEND, True, True),
    (Method.SECURE_SEND, False, False),
    (Method.CLIENT_INBOX, False, None),
)


@dataclass(frozen=True, slots=True)
class Foreign:
    """*text* in every place where a stranger's words may stand."""

    library: Library
    text: str

    def delivery(self, status: Status, way: int = 0) -> Delivery:
        method, own_domain, password = WAYS[way]
        return Delivery(
            send_id=self.text,
            account=self.text,
            recipient=self.text,
            status=status,
            status_text=self.text,
            method=method,
            sent_at=SENT_AT,
            document=self.text,
            header_from=f"{self.text}@{self.text}" if own_domain else None,
            password=password,
            reply=self.text,
            message_id=self.text,
            source=f"import:{self.text}",
        )

    def findings(self, words: Words) -> tuple[Finding, ...]:
        """Return everything that the checks can find."""
        names = [name.split(".")[1:] for name in words.texts if name.startswith("finding.")]
        return tuple(
            Finding(check, verdict, code, self.facts(words, f"finding.{check}.{code}"))
            for verdict, (check, code) in zip(itertools.cycle(Verdict), names, strict=False)
        )

    def facts(self, words: Words, name: str) -> dict[str, Fact]:
        lists = {"hosts", "dangling", "private", "aliases", "literal"}
        return {
            fact: NAMES.get(fact, [self.text, self.text] if fact in lists else self.text)
            for fact in placeholders(words.texts[name])
        }

    def answer(
        self, section: Section, language: Language, role: Role, way: int = 0, **changes: Any
    ) -> Answer:
        """Return an answer of *section*; one delivery where the section has one."""
        status = Status(section.value) if section.value in {*Status} else None
        delivery = self.delivery(status, way) if status else None
        told_of = told(delivery) | {"waiting": timedelta(days=3)} if delivery else {}
        plain = Answer(
            language=language,
            role=role,
            diagnosis=Diagnosis(section=section, delivery=delivery, steps=STEPS.get(section, ())),
            page=self.library.page(
                section,
                language,
                **{**told_of, "patience": timedelta(days=1), "missing": (self.text, self.text)},
            ),
            deliveries=(delivery,) if delivery else (),
            findings=self.findings(self.library.words(language)),
            missing=(self.text,) * 3,
            left_out=7,
        )
        return replace(plain, **changes)

    def case(self, language: Language, cause: Cause = Cause.OVERDUE, **changes: Any) -> Case:
        facts = {
            "status": "pending",
            "status_text": self.text,
            "sent_at": SENT_AT.isoformat(),
            "document": self.text,
            "reply": self.text,
            "question": self.text,
            "findings": [finding_json(found) for found in self.findings(self.library.words(language))],
        }
        plain = Case(
            id=7,
            key="k",
            cause=cause,
            place=Place("T0SUPPORT", "C0ACME", "1.2", "U0HANA"),
            language=language,
            opened_at=SENT_AT + timedelta(days=3),
            delivery=DeliveryKey(self.text, self.text, self.text),
            account=self.text,
            facts=facts,
        )
        return replace(plain, **changes)

    def claimed(self, language: Language) -> Case:
        return self.case(language, claimed_by="U0MORI", claimed_at=SENT_AT)

    def resolved(self, language: Language) -> Case:
        claimed = self.claimed(language)
        return replace(claimed, resolved_by="U0YUKI", resolved_at=SENT_AT, resolution=self.text)

    def message(self, answer: Answer, **how: Any) -> Message:
        words = self.library.words(answer.language)
        return to_message(answer, words, labels(self.library), **{"pointer": POINTER, **how})

    def card(self, case: Case, *notes: str) -> Message:
        """Return the card of *case*; *notes* are what each of those who wait wrote to support."""
        words = self.library.words(case.language)
        askers = [CaseAsker(case.place, case.language, note) for note in notes or (self.text,)]
        return case_card(case, askers, words, labels(self.library), conversation=PERMALINK)

    def messages(self) -> Iterator[Message]:
        """Yield every kind of message in both languages."""
        for section, language, role in itertools.product(Section, Language, Role):
            for way in range(len(WAYS)) if section.value in {*Status} else [0]:
                answer = self.answer(section, language, role, way)
                yield self.message(answer)
            yield self.message(answer, private=True, headline=self.changed(language))
        for language in Language:
            words = self.library.words(language)
            yield note(words.say("link.done", account=self.text))
            yield note(words.say("link.unknown", account=self.text))
            for cause in Cause:
                yield self.card(self.case(language, cause))
            yield self.card(self.claimed(language))
            yield self.card(self.resolved(language))
            pending = self.delivery(Status.PENDING)
            yield handed_over(self.library.page("handed-over", language, **told(pending)))
            yield progress(self.claimed(language), "claimed", words)
            yield progress(self.resolved(language), "resolved", words)

    def views(self) -> Iterator[modals.View]:
        """Yield every kind of dialog, and the Home tab, in both languages."""
        for language, role in itertools.product(Language, Role):
            words = self.library.words(language)
            rejected = self.answer(Section.REJECTED, language, role)
            yield modals.details(rejected, words)
            yield modals.page(rejected.page, words)
            yield modals.message(self.text, words)
            yield modals.loading(words)
            yield modals.home(Viewer(role, self.text), self.library.page("help", language), words)
            for name in ("support", "resolve"):
                yield modals.note_dialog(words, name, POINTER)

    def changed(self, language: Language) -> str:
        return self.library.words(language).say(
            "notice.changed", send_id=self.text, recipient=self.text, status="送信済み"
        )


def labels(library: Library) -> dict[Status, str]:
    """Return the statuses as the screen words them."""
    return {status: library.label(status) for status in Status}
