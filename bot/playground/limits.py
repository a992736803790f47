"""What Slack refuses, with its own error names. (Block Kit reference; chat.postMessage; views.open)"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from bot.playground.conversation import Json, Value
from bot.playground.element_limits import ACCESSORIES, FIELDS, INTERACTIVE, action_ids, element
from bot.playground.refused import Refused
from bot.playground.rich_text_limits import rich_text
from bot.playground.shapes import (
    Complaints,
    Rule,
    complaint,
    is_object,
    items,
    plain,
    string,
    text,
    unique,
    web_address,
)

TEXT = 40_000  # characters of a message's text
BLOCKS_TOGETHER = 13_000  # characters of all blocks as JSON; undocumented, bolt-js #2509
METADATA = 8_192  # bytes as JSON; Slack names no number, a working message needs a twentieth
VIEW = 250_000  # bytes as JSON; views.open


def check_message(message_text: str | None, blocks: Value, metadata: Value = None) -> None:
    """Raise Refused unless Slack would post a message of this text, these blocks and this metadata."""
    if not message_text and not blocks:
        raise Refused("no_text")
    if message_text and len(message_text) > TEXT:
        raise Refused("msg_too_long")
    check_blocks(blocks)
    _check_metadata(metadata)


def check_blocks(blocks: Value) -> None:
    """Raise Refused unless *blocks* may stand in a message."""
    if blocks is None:
        return
    if not isinstance(blocks, list):
        raise Refused("invalid_blocks_format", [complaint("must be an array", "/blocks")])
    _refuse("invalid_blocks", _blocks(blocks, "/blocks", _MESSAGE, most=50))
    if _size(blocks) > BLOCKS_TOGETHER:
        raise Refused("msg_blocks_too_long", [f"{_size(blocks)} characters; about {BLOCKS_TOGETHER} fit"])


def check_view(view: Value) -> None:
    """Raise Refused unless *view* may be opened as a modal or published as a Home tab."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        raise Refused("invalid_arguments", [complaint("must be a modal or home view", "/view")])
    _refuse("invalid_arguments", _view(view, "/view"))
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW:
        raise Refused("view_too_large")


def _refuse(error: str, complaints: Complaints) -> None:
    messages = list(complaints)
    if messages:
        raise Refused(error, messages)


def _size(blocks: list[Value]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":")))


def _view(view: Json, at: str) -> Complaints:
    modal = view["type"] == "modal"
    yield from is_object(view, at, "blocks", *(["title"] if modal else []))
    for name in ("title", "submit", "close"):
        yield from plain(24)(view.get(name), f"{at}/{name}")
    for name, most in (("private_metadata", 3000), ("callback_id", 255), ("external_id", 255)):
        yield from string(view.get(name), f"{at}/{name}", most=most, least=0)
    blocks = view.get("blocks")
    yield from _blocks(blocks, f"{at}/blocks", _VIEW, most=100)
    if modal and not view.get("submit") and any(_is_input(block) for block in blocks or ()):
        yield complaint("missing required field: submit", at)


def _is_input(block: Value) -> bool:
    return isinstance(block, dict) and block.get("type") == "input"


def _blocks(blocks: Value, at: str, allowed: tuple[str, ...], *, most: int) -> Complaints:
    yield from items(blocks, at, lambda value, here: _block(value, here, allowed), most=most, least=0)
    if isinstance(blocks, list):
        yield from unique([b.get("block_id") for b in blocks if isinstance(b, dict)], "block_id", at)


def _block(value: Value, at: str, allowed: tuple[str, ...]) -> Complaints:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in allowed:
        yield complaint(f"unsupported type: {kind}", at)
        return
    yield from string(value.get("block_id"), f"{at}/block_id", most=255)
    yield from BLOCKS[kind](value, at)


def _section(value: Value, at: str) -> Complaints:
    if value.get("text") is None and value.get("fields") is None:
        yield complaint("missing required field: text or fields", at)
    yield from text(3000)(value.get("text"), f"{at}/text")
    yield from items(value.get("fields"), f"{at}/fields", text(2000), most=10)
    if value.get("accessory") is not None:
        yield from element(value["accessory"], f"{at}/accessory", ACCESSORIES)


def _header(value: Value, at: str) -> Complaints:
    yield from is_object(value, at, "text")
    yield from plain(150)(value.get("text"), f"{at}/text")


def _divider(value: Value, at: str) -> Complaints:
    yield from (
        complaint(f"invalid additional property: {k}", at) for k in value if k not in ("type", "block_id")
    )


def _context(value: Value, at: str) -> Complaints:
    yield from is_object(value, at, "elements")
    yield from items(value.get("elements"), f"{at}/elements", _context_element, most=10)


def _context_element(value: Value, at: str) -> Complaints:
    if isinstance(value, dict) and value.get("type") == "image":
        yield from element(value, at, ("image",))
    else:
        yield from text(3000)(value, at) if value is not None else is_object(value, at)


def _actions(types: tuple[str, ...], most: int) -> Rule:
    def rule(value: Value, at: str) -> Complaints:
        yield from is_object(value, at, "elements")
        judge: Callable[[Value, str], Complaints] = lambda item, here: element(item, here, types)  # noqa: E731
        yield from items(value.get("elements"), f"{at}/elements", judge, most=most)
        yield from action_ids(value.get("elements"), f"{at}/elements")

    return rule


def _input(value: Value, at: str) -> Complaints:
    yield from is_object(value, at, "label", "element")
    yield from plain(2000)(value.get("label"), f"{at}/label")
    yield from plain(2000)(value.get("hint"), f"{at}/hint")
    if value.get("element") is not None:
        yield from element(value["element"], f"{at}/element", FIELDS)


def _image(value: Value, at: str) -> Complaints:
    yield from is_object(value, at, "image_url", "alt_text")
    yield from web_address(value.get("image_url"), f"{at}/image_url")
    yield from string(value.get("alt_text"), f"{at}/alt_text", most=2000)
    yield from plain(2000)(value.get("title"), f"{at}/title")


def _check_metadata(metadata: Value) -> None:
    if metadata is None:
        return
    wrong = not isinstance(metadata, dict) or not isinstance(metadata.get("event_payload"), dict)
    # bolt-python #863: with other characters the metadata is silently lost.  Here it is an error.
    if wrong or not re.fullmatch(r"[A-Za-z0-9_\-]{1,255}", str(metadata.get("event_type"))):
        raise Refused("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > METADATA:
        raise Refused("metadata_too_large")


# The blocks that the stand-in can also show.  Slack has more (markdown, table, video, file): to add one,
# write its rule here and its macro in blocks.html.j2.
BLOCKS: dict[str, Rule] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _actions(INTERACTIVE, 25),
    "context_actions": _actions(("feedback_buttons", "icon_button"), 5),
    "input": _input,
    "image": _image,
    "rich_text": rich_text,
}
_MESSAGE = tuple(BLOCKS)
_VIEW = tuple(name for name in BLOCKS if name != "context_actions")  # docs: in messages only
