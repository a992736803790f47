"""What fits into one message: the least important goes first. (slackapi/bolt-js #2509)"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.slack.rich_text import Block
from bot.slack.text import clip

# Slack takes about 13,000 characters of all blocks together; it adds a block_id to each.
MOST_CHARACTERS = 12_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How much is shown: of *deliveries* the first few *in_full*; *value* and *note* are characters."""

    deliveries: int
    in_full: int
    findings: int
    value: int
    note: int


# From what a reader can take in to what nobody can do without.  What is to be done next, the page and the
# buttons are said whole by every measure.
MEASURES = (
    Measure(deliveries=10, in_full=10, findings=12, value=600, note=1000),
    Measure(deliveries=10, in_full=3, findings=12, value=600, note=1000),
    Measure(deliveries=10, in_full=1, findings=12, value=320, note=1000),
    Measure(deliveries=10, in_full=1, findings=6, value=160, note=600),
    Measure(deliveries=5, in_full=1, findings=4, value=120, note=600),
    Measure(deliveries=2, in_full=1, findings=2, value=100, note=300),
)


def fitting(make: Callable[[Measure], list[Block]]) -> list[Block]:
    """Return what *make* makes by the most generous measure that Slack takes in one message."""
    for measure in MEASURES:
        blocks = make(measure)
        if size(blocks) <= MOST_CHARACTERS:
            break
    return blocks


def size(blocks: Sequence[Block]) -> int:
    """Return how many characters *blocks* are for Slack."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def shortened(block: Block, longest: int, *, only_code: bool = False) -> Block:
    """Return *block* with every stretch of text cut to *longest* characters, or only those set as code."""
    if "elements" in block:
        inside = [shortened(element, longest, only_code=only_code) for element in block["elements"]]
        return {**block, "elements": _joined(inside)}
    spared = only_code and not block.get("style", {}).get("code")
    return block if spared or "text" not in block else {**block, "text": clip(block["text"], longest)}


def _joined(elements: Sequence[Block]) -> list[Block]:
    """Join what stands side by side without a style: an element costs as much as a short sentence."""
    joined: list[Block] = []
    for element in elements:
        if joined and _is_plain(element) and _is_plain(joined[-1]):
            joined[-1] = {**element, "text": joined[-1]["text"] + element["text"]}
        else:
            joined.append(element)
    return joined


def _is_plain(element: Block) -> bool:
    return element.get("type") == "text" and "style" not in element
