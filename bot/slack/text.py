"""Slack's markup ⇄ plain text. (https://docs.slack.dev/messaging/formatting-message-text)"""

from __future__ import annotations

import html
import re

_LINK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
# Control characters but the line break, line separators, what turns the direction of the text around it, and
# halves of surrogate pairs, which no JSON parser has to take.
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


def plain(markup: str) -> str:
    """Return what a person typed: links as their label, addresses bare, mentions gone, entities decoded."""
    return html.unescape(_LINK.sub(_typed, markup)).strip()


def escape(text: str) -> str:
    """Escape exactly the three characters that start markup, so that *text* pings and links nobody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clip(text: str, limit: int) -> str:
    """Cut *text* to *limit* characters that can be shown, with an ellipsis when something is lost."""
    text = _UNPRINTABLE.sub(" ", text.replace("\r\n", "\n"))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _typed(match: re.Match[str]) -> str:
    target, label = match.group(1), match.group(2)
    if target.startswith("@") or (target.startswith("!") and not label):
        return " "
    if target.startswith("#"):
        return f"#{label}" if label else " "
    if target.startswith("mailto:"):
        return target.removeprefix("mailto:")
    # Whatever else stands in angle brackets was typed so: a bare address, a display name's mailbox.
    return label or (target if "://" in target else f"<{target}>")
