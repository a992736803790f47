"""What Slack refuses, the stand-in refuses, by the same name."""

from __future__ import annotations

import pytest

from bot.playground.conversation import Json, Value
from bot.playground.limits import check_message, check_view
from bot.playground.refused import Refused
from tests.playground.toy_bot import card, form


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "x", **more: Value) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(text: str = "Go", **more: Value) -> Json:
    return {"type": "button", "text": plain(text), **more}


def actions(*elements: Json, **more: Value) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def option(text: str = "One", value: str = "1") -> Json:
    return {"text": plain(text), "value": value}


def menu(kind: str, number: int) -> Json:
    return {"type": kind, "action_id": "m", "options": [option(f"Option {n}", str(n)) for n in range(number)]}


def rich(*runs: Json, container: str = "rich_text_section", **more: Value) -> Json:
    return {"type": "rich_text", "elements": [{"type": container, "elements": list(runs), **more}]}


def field(**more: Value) -> Json:
    element = {"type": "plain_text_input", "action_id": "a"}
    return {"type": "input", "label": plain("Name"), "element": element, **more}


TAKEN = {
    "every block of the toy": card("x"),
    "50 blocks": [{"type": "divider"}] * 50,
    "3000 characters in a section": [section("x" * 3000)],
    "150 characters in a header": [{"type": "header", "text": plain("x" * 150)}],
    "10 fields of 1000": [{"type": "section", "fields": [mrkdwn("x" * 1000)] * 10}],
    "10 elements of context": [{"type": "context", "elements": [mrkdwn("x")] * 10}],
    "25 buttons": [actions(*(button(action_id=str(n)) for n in range(25)))],
    "the same action_id in two blocks": [actions(button(action_id="a")), actions(button(action_id="a"))],
    "one option in an overflow": [section(accessory=menu("overflow", 1))],
    "100 options in a select": [section(accessory=menu("static_select", 100))],
    "an empty rich text section": [rich()],
    "a date in rich text": [
        rich({"type": "date", "timestamp": 1763800000, "format": "{time}", "fallback": "x"})
    ],
}


@pytest.mark.parametrize("blocks", TAKEN.values(), ids=TAKEN.keys())
def test_blocks_within_the_limits_are_taken(blocks: list[Json]) -> None:
    check_message("text", blocks)


REFUSED = {
    "51 blocks": ([{"type": "divider"}] * 51, "/blocks]"),
    "an unknown block": ([{"type": "carousel"}], "unsupported type: carousel"),
    "a block without a type": ([{}], "unsupported type: None"),
    "something that is no block": (["text"], "unsupported type: None"),
    "an empty section": ([{"type": "section"}], "text or fields"),
    "empty text": ([section("")], "must be more than 0"),
    "a section of 3001": ([section("x" * 3001)], "/blocks/0/text/text"),
    "11 fields": ([{"type": "section", "fields": [mrkdwn("x")] * 11}], "no more than 10"),
    "no fields": ([{"type": "section", "fields": []}], "no fewer than 1"),
    "a field of 2001": ([{"type": "section", "fields": [mrkdwn("x" * 2001)]}], "/blocks/0/fields/0/text"),
    "a header of 151": ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text"),
    "a header in mrkdwn": ([{"type": "header", "text": mrkdwn("x")}], "plain_text"),
    "emoji in mrkdwn": ([{"type": "section", "text": mrkdwn("x") | {"emoji": True}}], "additional property"),
    "11 elements of context": ([{"type": "context", "elements": [mrkdwn("x")] * 11}], "no more than 10"),
    "a button in context": ([{"type": "context", "elements": [button()]}], "must be a plain_text or mrkdwn"),
    "an empty context": ([{"type": "context", "elements": []}], "no fewer than 1"),
    "a divider with text": ([{"type": "divider", "text": plain("x")}], "additional property: text"),
    "26 buttons": ([actions(*[button()] * 26)], "no more than 25"),
    "no buttons": ([actions()], "no fewer than 1"),
    "a button of 76": ([actions(button("x" * 76))], "/elements/0/text/text"),
    "a button in mrkdwn": ([actions({"type": "button", "text": mrkdwn("x")})], "plain_text"),
    "a button without text": ([actions({"type": "button"})], "missing required field: text"),
    "a value of 2001": ([actions(button(value="x" * 2001))], "/elements/0/value"),
    "an empty value": ([actions(button(value=""))], "/elements/0/value"),
    "a style of its own": ([actions(button(style="pink"))], "primary, danger"),
    "a link to javascript": ([actions(button(url="javascript:alert(1)"))], "invalid url"),
    "a link of 3001": ([actions(button(url="https://x.example/" + "x" * 2990))], "/elements/0/url"),
    "an action_id of 256": ([actions(button(action_id="x" * 256))], "/elements/0/action_id"),
    "an action_id twice": (
        [actions(button(action_id="a"), button(action_id="a"))],
        "`action_id` already exists",
    ),
    "a block_id of 256": ([section(block_id="x" * 256)], "/blocks/0/block_id"),
    "a block_id twice": ([section(block_id="b"), section(block_id="b")], "`block_id` already exists"),
    "6 options in an overflow": ([section(accessory=menu("overflow", 6))], "no more than 5"),
    "no option in an overflow": ([section(accessory=menu("overflow", 0))], "no fewer than 1"),
    "an option of 76": (
        [section(accessory=menu("overflow", 1) | {"options": [option("x" * 76)]})],
        "text/text",
    ),
    "an option's value of 151": (
        [section(accessory=menu("overflow", 1) | {"options": [option("x", "x" * 151)]})],
        "/options/0/value",
    ),
    "101 options in a select": ([section(accessory=menu("static_select", 101))], "no more than 100"),
    "11 radio buttons": ([actions(menu("radio_buttons", 11))], "no more than 10"),
    "an initial option that is none": (
        [section(accessory=menu("static_select", 1) | {"initial_option": option("x", "y")})],
        "initial option",
    ),
    "a text field among buttons": ([actions({"type": "plain_text_input"})], "unsupported type"),
    "an input without label": ([{"type": "input", "element": {"type": "plain_text_input"}}], "field: label"),
    "a label of 2001": ([field(label=plain("x" * 2001))], "/label/text"),
    "an unknown element": ([section(accessory={"type": "slider"})], "unsupported type: slider"),
    "a confirm without words": ([actions(button(confirm={"title": plain("x")}))], "field: text"),
    "an image without alt text": ([{"type": "image", "image_url": "https://x.example/a.png"}], "alt_text"),
    "empty text in rich text": ([rich({"type": "text", "text": ""})], "must be more than 0"),
    "a link without url": ([rich({"type": "link", "text": "x"})], "field: url"),
    "a run of another kind": ([rich({"type": "video"})], "unsupported type: video"),
    "a list without style": ([rich(container="rich_text_list")], "bullet, ordered"),
    "words right in a list": (
        [rich({"type": "text", "text": "x"}, container="rich_text_list", style="bullet")],
        "must be a rich_text_section",
    ),
    "a made-up style": ([rich({"type": "text", "text": "x", "style": {"blink": True}})], "property: blink"),
    "a date in words": (
        [rich({"type": "date", "timestamp": "now", "format": "{time}"})],
        "must be an integer",
    ),
    "feedback of one side": (
        [{"type": "context_actions", "elements": [{"type": "feedback_buttons"}]}],
        "field: positive_button",
    ),
}


@pytest.mark.parametrize(("blocks", "where"), REFUSED.values(), ids=REFUSED.keys())
def test_blocks_beyond_the_limits_are_refused_with_the_place(blocks: list[Json], where: str) -> None:
    with pytest.raises(Refused) as refused:
        check_message("text", blocks)

    assert refused.value.error == "invalid_blocks"
    assert any(where in message for message in refused.value.messages), refused.value.messages


MESSAGES = {
    "no text and no blocks": ("", None, None, "no_text"),
    "no text and an empty list": (None, [], None, "no_text"),
    "40,001 characters": ("x" * 40_001, None, None, "msg_too_long"),
    "blocks that are no list": ("x", {"type": "divider"}, None, "invalid_blocks_format"),
    "blocks of 13,000 together": ("x", [section("x" * 2900)] * 5, None, "msg_blocks_too_long"),
    "metadata without payload": ("x", None, {"event_type": "case"}, "invalid_metadata_format"),
    "metadata with a dot in its name": (
        "x",
        None,
        {"event_type": "case.new", "event_payload": {}},
        "invalid_metadata_format",
    ),
    "metadata of 9 kB": (
        "x",
        None,
        {"event_type": "case", "event_payload": {"reply": "x" * 9000}},
        "metadata_too_large",
    ),
}


@pytest.mark.parametrize(("text", "blocks", "metadata", "error"), MESSAGES.values(), ids=MESSAGES.keys())
def test_messages_beyond_the_limits_are_refused_by_name(
    text: str, blocks: Value, metadata: Value, error: str
) -> None:
    with pytest.raises(Refused) as refused:
        check_message(text, blocks, metadata)

    assert refused.value.error == error


VIEWS = {
    "no view": "text",
    "another type": {"type": "dialog"},
    "no title": {"type": "modal", "blocks": []},
    "a title of 25": {"type": "modal", "title": plain("x" * 25), "blocks": []},
    "a submit of 25": {"type": "modal", "title": plain("x"), "submit": plain("x" * 25), "blocks": []},
    "private_metadata of 3001": {"type": "home", "private_metadata": "x" * 3001, "blocks": []},
    "a callback_id of 256": {"type": "home", "callback_id": "x" * 256, "blocks": []},
    "101 blocks": {"type": "home", "blocks": [{"type": "divider"}] * 101},
    "a field and no way to submit": {"type": "modal", "title": plain("x"), "blocks": [field()]},
    "feedback in a view": {"type": "home", "blocks": [{"type": "context_actions", "elements": []}]},
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS.keys())
def test_views_beyond_the_limits_are_refused(view: Value) -> None:
    with pytest.raises(Refused) as refused:
        check_view(view)

    assert refused.value.error == "invalid_arguments"
    assert refused.value.messages


def test_views_within_the_limits_are_taken() -> None:
    check_view(form())
    check_view({"type": "home", "blocks": [{"type": "divider"}] * 100})
