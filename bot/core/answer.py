"""An answer: a page, filled, with the facts that it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.delivery import Delivery
from bot.core.diagnosis import Diagnosis, Step
from bot.core.finding import Fact, Finding
from bot.core.section import Section
from bot.core.viewer import Role
from bot.core.words import Language, Words


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text in one style.  The text is literal: whatever it holds formats and links nothing."""

    text: str
    bold: bool = False
    code: bool = False


Line = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    line: Line


@dataclass(frozen=True, slots=True)
class Heading:
    """A title inside a page."""

    line: Line


@dataclass(frozen=True, slots=True)
class Items:
    """A list; *numbered* when the order matters."""

    lines: tuple[Line, ...]
    numbered: bool = False


Part = Paragraph | Heading | Items


@dataclass(frozen=True, slots=True)
class Page:
    """A page of knowledge/, rendered: its *name* is the file's, *summary* one sentence of plain text."""

    name: str
    title: str
    summary: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """Return the page as plain text, for whoever shows no styles."""
        return "\n".join([self.title, *(_text_of(part) for part in self.parts)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the desk says to one question.  Who may not see a thing does not find it here."""

    language: Language
    role: Role
    diagnosis: Diagnosis
    page: Page
    deliveries: tuple[Delivery, ...] = ()  # all that was found
    meant: tuple[Delivery, ...] = ()  # without the older mails to an address that was asked about
    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()  # what was asked for and is not to be seen: IDs and addresses as written
    left_out: int = 0

    @property
    def section(self) -> Section:
        """Return what the answer is about."""
        return self.diagnosis.section

    @property
    def delivery(self) -> Delivery | None:
        """Return the delivery that the page is about."""
        return self.diagnosis.delivery

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return who has to do what next."""
        return self.diagnosis.steps

    @property
    def evidence(self) -> bool:
        """Tell whether the asker sees what the judgement rests on: raw replies, sources."""
        return self.role is Role.STAFF


def to_json(answer: Answer, words: Words) -> dict[str, object]:
    """Return *answer* in the shape that `ask --json` promises (docs/command-line.md)."""
    return {
        "section": answer.section,
        "language": answer.language,
        "deliveries": [_delivery_json(delivery, answer) for delivery in answer.deliveries],
        "findings": [finding_json(finding) for finding in answer.findings],
        "page": answer.page.text,
        "next": [
            {"who": step.who, "what": step.what, "text": words.say(f"next.{step.what}")}
            for step in answer.steps
        ],
        "hand_over": answer.diagnosis.hand_over,
        "missing": list(answer.missing),
        "left_out": answer.left_out,
    }


def source_name(delivery: Delivery, words: Words, *, evidence: bool) -> str:
    """Return who says so, in *words*: ``import:FILE`` is an imported file, named as *evidence* only."""
    kind, _, detail = delivery.source.partition(":")
    named = words.say(f"source.{kind}") if words.knows(f"source.{kind}") else kind
    return words.say("answer.source", source=f"{named} ({detail})" if evidence and detail else named)


def finding_sentence(finding: Finding, words: Words) -> str:
    """Return what one check found, in *words*; facts that are names of ours are worded too."""
    facts = {name: _worded(name, fact, words) for name, fact in finding.facts.items()}
    return words.say(f"finding.{finding.check}.{finding.code}", **facts)


def finding_json(finding: Finding) -> dict[str, object]:
    """Return *finding* in the shape that `ask --json` and `check --json` promise."""
    return {
        "check": finding.check,
        "verdict": finding.verdict,
        "code": finding.code,
        "facts": dict(finding.facts),
    }


# Facts whose values are names: what was repaired, which part of an address is wrong.
_NAMES = {"changes": "change", "part": "part"}


def _worded(name: str, fact: Fact, words: Words) -> Fact:
    if name not in _NAMES:
        return fact
    named = [f"{_NAMES[name]}.{value}" for value in (fact if isinstance(fact, list) else [fact])]
    return [words.say(value) for value in named]


def _delivery_json(delivery: Delivery, answer: Answer) -> dict[str, object]:
    shown: dict[str, object] = {
        "send_id": delivery.send_id,
        "recipient": delivery.recipient,
        "status": delivery.status,
        "since": delivery.since.isoformat() if delivery.since else None,
        "source": delivery.source,
        "reason": None,  # not classified yet
        "status_text": delivery.status_text,
        "method": delivery.method,
        "sent_at": delivery.sent_at.isoformat() if delivery.sent_at else None,
        "document": delivery.document,
        "header_from": delivery.header_from,
        "own_domain": delivery.own_domain,
        "password": delivery.password,
    }
    if answer.evidence:
        shown |= {"account": delivery.account, "reply": delivery.reply, "message_id": delivery.message_id}
    return shown


def _text_of(part: Part) -> str:
    if isinstance(part, Items):
        marks = [f"{number}. " if part.numbered else "- " for number in range(1, len(part.lines) + 1)]
        return "\n".join(f"{mark}{_plain(line)}" for mark, line in zip(marks, part.lines, strict=True))
    return _plain(part.line)


def _plain(line: Line) -> str:
    return "".join(span.text for span in line)
