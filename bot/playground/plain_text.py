"""Blocks as the words that a person reads, for tests and screen readers."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from bot.playground.conversation import Json, Value

_MARKUP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


def plain(blocks: Iterable[Json]) -> str:
    """Return all human-readable text of *blocks*, one line per piece, markup taken off."""
    return "\n".join(line for block in blocks for line in _lines(block))


def unmarked(text: str) -> str:
    """Return mrkdwn as it reads: links by their labels, dates by their fallbacks, entities undone."""
    return html.unescape(_MARKUP.sub(lambda found: found.group(2) or found.group(1), text))


def _lines(block: Json) -> Iterator[str]:
    if block.get("type") == "rich_text":
        yield from _rich(block["elements"])
        return
    for name in ("text", "title", "label", "hint", "placeholder"):
        yield from _text(block.get(name))
    for name in ("fields", "elements", "options"):
        for item in block.get(name) or ():
            yield from _text(item) if item.get("type") in ("mrkdwn", "plain_text") else _lines(item)
    for name in ("accessory", "element", "positive_button", "negative_button"):
        yield from _lines(block[name]) if block.get(name) else ()
    yield from [block["alt_text"]] if block.get("alt_text") else []


def _text(value: Value) -> Iterator[str]:
    if isinstance(value, dict) and value.get("text"):
        yield unmarked(value["text"]) if value.get("type") == "mrkdwn" else value["text"]


def _rich(containers: Iterable[Json]) -> Iterator[str]:
    for container in containers:
        if container["type"] == "rich_text_list":
            yield from _rich(container["elements"])
        else:
            yield "".join(map(_run, container["elements"]))


def _run(run: Json) -> str:
    for name in ("text", "fallback", "url", "user_id", "channel_id", "usergroup_id"):
        if run.get(name):
            return str(run[name])
    return f":{run['name']}:" if run.get("name") else f"@{run.get('range', '')}"
