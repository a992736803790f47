"""The card of a case in the support channel, and what askers are told about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.core.answer import Page
from bot.core.case import Case, CaseAsker, Cause
from bot.core.delivery import Status
from bot.core.finding import Finding, Verdict
from bot.core.words import Words
from bot.slack import rich_text as rich
from bot.slack.blocks import Message, button, finding_line, header
from bot.slack.fit import MEASURES, Measure, fitting, shortened
from bot.slack.rich_text import Block, Element
from bot.slack.text import clip, escape

MOST_ASKERS = 10


def case_card(
    case: Case,
    askers: Sequence[CaseAsker],
    words: Words,
    labels: Mapping[Status, str],
    *,
    conversation: str | None,
) -> Message:
    """Return the card: everything that support needs, and who has it; *conversation* is a permalink."""
    title = words.say("card.title", number=case.id)
    cause = words.say(f"card.cause.{case.cause}")
    known = _lines(_fields(case, askers, words, labels, conversation))
    notes = "\n".join(asker.note for asker in askers if asker.note)

    def blocks(measure: Measure) -> list[Block]:
        return [
            header(title),
            rich.block(rich.section(rich.text(cause))),
            shortened(known, measure.value),
            *(shortened(block, measure.value) for block in _checked(case, words, measure.findings)),
            *_quoted(str(case.facts.get("question") or ""), words.say("card.question"), measure.note),
            *_quoted(notes, words.say("card.note"), measure.note),
            *_state(case, words, measure.note),
        ]

    subject = case.delivery.send_id if case.delivery else cause
    return Message(escape(clip(f"{title} {cause} {subject}", 1000)), fitting(blocks))


def handed_over(page: Page) -> Message:
    """Return what the asker is told when a person takes over."""
    return Message(
        escape(clip(page.summary, 1000)), [header(page.title), rich.block(*rich.of_parts(page.parts))]
    )


def progress(case: Case, what: str, words: Words) -> Message:
    """Return what the asker is told when the case is ``claimed`` or ``resolved``."""
    sentence = words.say(f"notice.{what}", number=case.id)
    person = case.claimed_by if what == "claimed" else case.resolved_by
    elements = [rich.text(sentence), *([rich.text(" "), rich.user(person)] if person else [])]
    resolution = case.resolution if what == "resolved" else ""
    said = [rich.quote(resolution, longest=MEASURES[0].note)] if resolution else []
    return Message(escape(sentence), [rich.block(rich.section(*elements), *said)])


def _fields(
    case: Case,
    askers: Sequence[CaseAsker],
    words: Words,
    labels: Mapping[Status, str],
    conversation: str | None,
) -> list[tuple[str, list[Element]]]:
    values: dict[str, list[Element]] = {}
    if case.account:
        values["company"] = [rich.text(case.account)]
    if case.delivery:
        values["send-id"] = [rich.text(case.delivery.send_id, code=True)]
        values["recipient"] = [rich.text(case.delivery.recipient, code=True)]
        values["status"] = [rich.text(_status(case.facts, labels), bold=True)]
    if sent_at := _moment(case.facts.get("sent_at")):
        values["sent-at"] = [rich.text(words.moment(sent_at))]
        if case.cause is Cause.OVERDUE:
            values["waiting"] = [rich.text(words.period(case.opened_at - sent_at))]
    if reply := case.facts.get("reply"):
        values["reply"] = [rich.text(str(reply))]
    if users := list(dict.fromkeys(asker.place.user for asker in askers if asker.place.user)):
        named = [element for user in users[:MOST_ASKERS] for element in (rich.text(" "), rich.user(user))]
        values["asker"] = named[1:]
    if conversation:
        values["conversation"] = [rich.link(conversation, words.say("card.open"))]
    return [(words.say(f"card.{name}"), value) for name, value in values.items()]


def _lines(fields: Sequence[tuple[str, list[Element]]]) -> Block:
    lines = (
        rich.section(rich.text(f"{name}: ", bold=True), *value, rich.text("\n")) for name, value in fields
    )
    return rich.block(*lines)


def _status(facts: Mapping[str, object], labels: Mapping[Status, str]) -> str:
    """Return the status verbatim: as the source worded it, or as the screen does."""
    status = facts.get("status")
    verbatim = str(facts.get("status_text") or "")
    return verbatim or (labels[Status(str(status))] if status else "–")


def _checked(case: Case, words: Words, most: int) -> list[Block]:
    found: Any = case.facts.get("findings") or []
    findings = [Finding(f["check"], Verdict(f["verdict"]), f["code"], f["facts"]) for f in found]
    if not findings:
        return []
    lines = [finding_line(finding, words) for finding in findings[:most]]
    title = rich.section(rich.text(words.say("card.checked"), bold=True))
    return [rich.block(title, rich.items(lines))]


def _quoted(said: str, title: str, longest: int) -> list[Block]:
    heading = rich.section(rich.text(title, bold=True))
    return [rich.block(heading, rich.quote(said, longest=longest))] if said else []


def _state(case: Case, words: Words, longest: int) -> list[Block]:
    """Return who has the case, and the buttons that still make sense."""
    pointer = str(case.id)
    claim = button(words, "claim", pointer, style="primary")
    resolve = button(words, "resolve", pointer)
    lines = []
    if case.claimed_at and case.claimed_by:
        at = words.say("card.claimed", at=case.claimed_at)
        lines.append(rich.section(rich.text(f"🙋 {at} "), rich.user(case.claimed_by)))
    if case.resolved_at and case.resolved_by:
        at = words.say("card.resolved", at=case.resolved_at)
        lines.append(rich.section(rich.text(f"✅ {at} "), rich.user(case.resolved_by)))
        said = [rich.quote(case.resolution, longest=longest)] if case.resolution else []
        return [rich.block(*lines, *said)]
    open_buttons = [resolve] if case.claimed_by else [claim, resolve]
    said = [rich.block(*lines)] if lines else []
    return [*said, {"type": "actions", "elements": open_buttons}]


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None
