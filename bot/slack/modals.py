"""Dialogs and the Home tab. (https://docs.slack.dev/reference/views)"""

from __future__ import annotations

from typing import Any

from bot.core.answer import Answer, Page, source_name
from bot.core.delivery import Delivery
from bot.core.viewer import Role, Viewer
from bot.core.words import Words
from bot.slack import rich_text as rich
from bot.slack.blocks import finding_line, header
from bot.slack.fit import MEASURES
from bot.slack.rich_text import Block
from bot.slack.text import clip

View = dict[str, Any]

LONGEST_NOTE = MEASURES[0].note  # characters: a card must stay readable
# A send may have hundreds of recipients; a view has 100 blocks and 250 KB, four bytes for a character.
MOST_EVIDENCE = 20  # deliveries
MOST_FINDINGS = 24
LONGEST_FACT = 200  # characters
LONGEST_REPLY = 1000  # characters


def note_dialog(words: Words, name: str, pointer: str) -> View:
    """Return the dialog *name* (support, resolve), which asks for a note and keeps *pointer*."""
    entry = {
        "type": "input",
        "block_id": "note",
        "optional": True,
        "label": _plain(words.say(f"{name}.dialog.note")),
        "element": {
            "type": "plain_text_input",
            "action_id": "note",
            "multiline": True,
            "max_length": LONGEST_NOTE,
        },
    }
    intro = rich.block(rich.section(rich.text(words.say(f"{name}.dialog.intro"))))
    view = _modal(words.say(f"{name}.dialog.title"), [intro, entry], close=words.say(f"{name}.dialog.cancel"))
    submit = _plain(words.say(f"{name}.dialog.submit"))
    return {**view, "callback_id": f"desk:{name}", "private_metadata": pointer, "submit": submit}


def loading(words: Words) -> View:
    """Return what is shown while the real content is fetched: a trigger lives three seconds."""
    waiting = rich.block(rich.section(rich.text(words.say("dialog.loading"))))
    return _modal(words.say("details.title"), [waiting], close=words.say("dialog.close"))


def details(answer: Answer, words: Words) -> View:
    """Return all that was checked and found, and to staff what the judgement rests on."""
    lines = [finding_line(finding, words) for finding in answer.findings[:MOST_FINDINGS]]
    nothing = rich.block(rich.section(rich.text(words.say("details.nothing"))))
    found = rich.block(rich.items(lines)) if lines else nothing
    return _modal(
        words.say("details.title"), [found, *_evidence(answer, words)], close=words.say("dialog.close")
    )


def page(content: Page, words: Words) -> View:
    """Return a page of the FAQ."""
    blocks = [header(content.title), rich.block(*rich.of_parts(content.parts))]
    return _modal(words.say("details.title"), blocks, close=words.say("dialog.close"))


def message(text: str, words: Words) -> View:
    """Return a sentence as a dialog."""
    block = rich.block(rich.section(rich.text(text)))
    return _modal(words.say("details.title"), [block], close=words.say("dialog.close"))


def home(viewer: Viewer, help_page: Page, words: Words) -> View:
    """Return the Home tab."""
    standing = {
        Role.STAFF: words.say("home.staff"),
        Role.CUSTOMER: words.say("home.customer", account=viewer.account or ""),
        Role.STRANGER: words.say("home.stranger"),
    }[viewer.role]
    blocks: list[Block] = [
        header(words.say("home.title")),
        rich.block(rich.section(rich.text(words.say("home.intro")))),
        {"type": "context", "elements": [_plain(clip(standing, 2000))]},
        {"type": "divider"},
        rich.block(*rich.of_parts(help_page.parts)),
    ]
    return {"type": "home", "blocks": blocks}


def _evidence(answer: Answer, words: Words) -> list[Block]:
    if not answer.evidence:
        return []
    blocks = [_known(delivery, words) for delivery in answer.deliveries[:MOST_EVIDENCE]]
    rest = len(answer.deliveries) - MOST_EVIDENCE
    more = rich.block(rich.section(rich.text(words.say("answer.left-out", number=rest))))
    return [{"type": "divider"}, *blocks, *([more] if rest > 0 else [])] if blocks else []


def _known(delivery: Delivery, words: Words) -> Block:
    facts = [
        words.say("answer.send-id", send_id=delivery.send_id),
        delivery.account,
        delivery.recipient,
        delivery.status_text,
        source_name(delivery, words, evidence=True),
    ]
    line = rich.text(" · ".join(clip(fact, LONGEST_FACT) for fact in facts if fact), longest=6 * LONGEST_FACT)
    said = [rich.quote(delivery.reply, longest=LONGEST_REPLY)] if delivery.reply else []
    return rich.block(rich.section(line), *said)


def _modal(title: str, blocks: list[Block], *, close: str) -> View:
    return {"type": "modal", "title": _plain(clip(title, 24)), "close": _plain(close), "blocks": blocks}


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}
