"""Text that formats nothing by itself: Block Kit's rich_text, for our pages and for foreign values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from bot.core.answer import Heading, Items, Line, Part
from bot.slack.text import clip

Block = dict[str, Any]
Element = dict[str, Any]

LONGEST_VALUE = 600  # characters of one foreign value: a reply may be a page long


def text(value: str, *, bold: bool = False, code: bool = False, longest: int = LONGEST_VALUE) -> Element:
    """Return *value* as a literal stretch of text; Slack refuses an empty one."""
    element: Element = {"type": "text", "text": clip(value, longest) or "–"}
    style = {name: True for name, on in (("bold", bold), ("code", code)) if on}
    return {**element, "style": style} if style else element


def moment(when: datetime, fallback: str) -> Element:
    """Return *when* in the reader's own time zone; *fallback* is shown where Slack cannot."""
    return {
        "type": "date",
        "timestamp": int(when.timestamp()),
        "format": "{date_short_pretty} {time}",
        "fallback": fallback,
    }


def user(user_id: str) -> Element:
    """Return the name of a Slack user, as a link to them."""
    return {"type": "user", "user_id": user_id}


def link(url: str, label: str) -> Element:
    """Return a link; *url* is one that Slack itself gave us."""
    return {"type": "link", "url": url, "text": label}


def section(*elements: Element) -> Element:
    """Return one run of text."""
    return {"type": "rich_text_section", "elements": list(elements)}


def items(lines: Iterable[Sequence[Element]], *, numbered: bool = False) -> Element:
    """Return a list."""
    return {
        "type": "rich_text_list",
        "style": "ordered" if numbered else "bullet",
        "elements": [section(*line) for line in lines],
    }


def quote(value: str, *, longest: int = LONGEST_VALUE) -> Element:
    """Return foreign words as a quotation."""
    return {"type": "rich_text_quote", "elements": [text(value, longest=longest)]}


def block(*elements: Element) -> Block:
    """Return a block of *elements*."""
    return {"type": "rich_text", "elements": list(elements)}


def of_parts(parts: Iterable[Part]) -> list[Element]:
    """Return the parts of a page; an empty line sets paragraphs and headings apart from what is before."""
    elements: list[Element] = []
    before: Part | None = None
    for part in parts:
        if isinstance(part, Items):
            elements.append(items([_spans(line) for line in part.lines], numbered=part.numbered))
        else:
            gap = [text("\n")] if before and not isinstance(before, Heading) else []
            elements.append(section(*gap, *_spans(part.line, bold=isinstance(part, Heading))))
        before = part
    return elements


def _spans(line: Line, *, bold: bool = False) -> list[Element]:
    return [text(span.text, bold=span.bold or bold, code=span.code) for span in line if span.text]
