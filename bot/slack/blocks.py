"""An answer as Block Kit. (https://docs.slack.dev/reference/block-kit)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.core.answer import Answer, finding_sentence, source_name
from bot.core.delivery import Delivery, Status
from bot.core.finding import Finding, Verdict
from bot.core.section import Section
from bot.core.words import Words
from bot.slack import rich_text as rich
from bot.slack.fit import Measure, fitting, shortened
from bot.slack.rich_text import Block, Element
from bot.slack.text import clip, escape

MENU = ("details", "other-language", "sender")
_MARKS = {Verdict.OK: "✅", Verdict.WARN: "⚠️", Verdict.FAIL: "❌", Verdict.UNKNOWN: "❔"}
_LIGHTS = {Status.REJECTED: "🔴", Status.SUPPRESSED: "🟠", Status.PENDING: "🟡", Status.SENT: "🟢"}
# Said of a mail that arrives nowhere and of one that was never looked for alike: nothing to hand over.
_WITHOUT_RECHECK = {Section.HELP, Section.OUT_OF_SCOPE, Section.SENDER, Section.STATUS, Section.SUPPORT}


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: *text* is what a screen reader and a notification say, a complete sentence."""

    text: str
    blocks: Sequence[Block] = ()


def to_message(
    answer: Answer,
    words: Words,
    labels: Mapping[Status, str],
    *,
    pointer: str,
    private: bool = False,
    headline: str = "",
) -> Message:
    """Return *answer* as a message; *pointer* is what its buttons carry, *private* offers to share it."""
    frame = [
        {"type": "divider"},
        _buttons(answer, words, pointer, private=private),
        *_feedback(words, f"{answer.section}|{answer.language}|{pointer}"),
    ]

    def blocks(measure: Measure) -> list[Block]:
        first = [_headline(clip(headline, measure.value))] if headline else []
        return [*first, *_said(answer, words, labels, measure), *frame]

    spoken = " ".join(filter(None, [headline, answer.page.summary]))
    return Message(escape(clip(spoken, 1000)), fitting(blocks))


def note(text: str) -> Message:
    """Return a sentence as a message of its own."""
    return Message(escape(clip(text, 1000)), [rich.block(rich.section(rich.text(text)))])


def button(words: Words, name: str, value: str, *, style: str | None = None) -> Element:
    """Return the button called *name*; its value is a pointer, never a fact or a right."""
    plain = {
        "type": "button",
        "action_id": f"desk:{name}",
        "text": {"type": "plain_text", "text": words.say(f"button.{name}")},
        "value": value,
    }
    return {**plain, "style": style} if style else plain


def header(title: str) -> Block:
    """Return a title; Slack takes 150 characters of plain text."""
    return {"type": "header", "text": {"type": "plain_text", "text": clip(title, 150)}}


def finding_line(finding: Finding, words: Words) -> list[Element]:
    """Return what one check found, as a line of a list."""
    return [rich.text(f"{_MARKS[finding.verdict]} {finding_sentence(finding, words)}")]


def _said(answer: Answer, words: Words, labels: Mapping[Status, str], measure: Measure) -> list[Block]:
    """Return what an answer says, around its buttons; *measure* is how much of it."""
    page = rich.block(*rich.of_parts(answer.page.parts))
    return [
        header(answer.page.title),
        *(shortened(block, measure.value) for block in _deliveries(answer, words, labels, measure)),
        *_notes(answer, words, measure),
        *_steps(answer, words),
        *(shortened(block, measure.value) for block in _findings(answer, words, measure.findings)),
        {"type": "divider"},
        shortened(page, measure.value, only_code=True),
    ]


def _headline(text: str) -> Block:
    return rich.block(rich.section(rich.text(text, bold=True)))


def _deliveries(answer: Answer, words: Words, labels: Mapping[Status, str], measure: Measure) -> list[Block]:
    if not answer.deliveries:
        return []
    # The one that the page is about comes first.
    ordered = sorted(answer.deliveries, key=lambda delivery: delivery is not answer.delivery)
    lines = [
        [
            *_delivery(delivery, words, labels),
            *(_details(delivery, answer, words) if number < measure.in_full else []),
        ]
        for number, delivery in enumerate(ordered[: measure.deliveries])
    ]
    rest = len(ordered) - measure.deliveries
    more = [rich.section(rich.text(words.say("answer.left-out", number=rest)))] if rest > 0 else []
    return [rich.block(*(rich.section(*line) for line in lines), *more)]


def _delivery(delivery: Delivery, words: Words, labels: Mapping[Status, str]) -> list[Element]:
    gloss = words.say(f"status.{delivery.status}")
    label = labels[delivery.status]
    return [
        rich.text(f"{_LIGHTS[delivery.status]} "),
        rich.text(label, bold=True),
        *([rich.text(f" ({gloss})")] if gloss != label else []),
        rich.text("\n"),
        rich.text(delivery.recipient, code=True),
        rich.text("\n"),
    ]


def _details(delivery: Delivery, answer: Answer, words: Words) -> list[Element]:
    details: list[list[Element]] = [
        [rich.text(words.say("answer.send-id", send_id=delivery.send_id))],
    ]
    if delivery.since:
        details.append(
            [
                rich.text(words.say("answer.since-label")),
                rich.moment(delivery.since, words.moment(delivery.since)),
            ]
        )
    if delivery.method:
        details.append([rich.text(words.say(f"method.{delivery.method}"))])
    if delivery.document:
        details.append([rich.text(delivery.document)])
    if answer.evidence:
        details.append([rich.text(delivery.account)])
    details.append([rich.text(source_name(delivery, words, evidence=answer.evidence))])
    separated = [element for detail in details for element in (rich.text(" · "), *detail)]
    reply = [rich.text("\n"), rich.text(words.say("answer.reply", reply=delivery.reply))]
    return [*separated[1:], *(reply if answer.evidence and delivery.reply else []), rich.text("\n")]


def _notes(answer: Answer, words: Words, measure: Measure) -> list[Block]:
    notes = []
    if answer.missing and answer.section is not Section.NOT_FOUND:
        notes.append(words.say("answer.missing", missing=list(answer.missing)))
        if not answer.deliveries:
            notes.append(words.say("answer.stated"))
    if answer.section is Section.PENDING and answer.delivery and not answer.diagnosis.hand_over:
        notes.append(words.say("answer.watching"))
    if answer.left_out:
        notes.append(words.say("answer.left-out", number=answer.left_out))
    elements = [{"type": "plain_text", "text": clip(text, measure.note)} for text in notes]
    return [{"type": "context", "elements": elements}] if elements else []


def _findings(answer: Answer, words: Words, most: int) -> list[Block]:
    shown = worth_saying(answer.findings, everything=answer.evidence)
    if not shown:
        return []
    lines = [finding_line(finding, words) for finding in shown[:most]]
    title = rich.section(rich.text(words.say("answer.findings"), bold=True))
    return [rich.block(title, rich.items(lines))]


def worth_saying(findings: Sequence[Finding], *, everything: bool) -> list[Finding]:
    """Leave out that an address is spelled like one, unless *everything* is wanted or nothing is left."""
    if everything:
        return list(findings)
    telling = [
        finding
        for finding in findings
        if finding.verdict is not Verdict.OK or finding.check not in {"normalise", "syntax"}
    ]
    return telling or list(findings)


def _steps(answer: Answer, words: Words) -> list[Block]:
    if not answer.steps:
        return []
    lines = [
        [rich.text(f"{words.say(f'who.{step.who}')}: ", bold=True), rich.text(words.say(f"next.{step.what}"))]
        for step in answer.steps
    ]
    title = rich.section(rich.text(words.say("answer.next"), bold=True))
    return [rich.block(title, rich.items(lines, numbered=True))]


def _buttons(answer: Answer, words: Words, pointer: str, *, private: bool) -> Block:
    recheck = [button(words, "check-again", pointer)] if answer.section not in _WITHOUT_RECHECK else []
    share = [button(words, "share", pointer)] if private else []
    return {
        "type": "actions",
        "elements": [
            *recheck,
            button(words, "talk-to-support", pointer),
            *share,
            _menu(words, pointer),
        ],
    }


def _menu(words: Words, pointer: str) -> Element:
    options = [
        {"text": {"type": "plain_text", "text": words.say(f"menu.{name}")}, "value": f"{name}|{pointer}"}
        for name in MENU
    ]
    return {"type": "overflow", "action_id": "desk:menu", "options": options}


def _feedback(words: Words, value: str) -> list[Block]:
    question = {"type": "plain_text", "text": words.say("feedback.ask")}
    return [
        {"type": "context", "elements": [question]},
        {"type": "actions", "elements": [button(words, "yes", value), button(words, "no", value)]},
    ]
