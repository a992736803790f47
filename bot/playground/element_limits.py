"""What Slack demands of buttons, menus and fields. (Block Kit reference, "Block elements")"""

from __future__ import annotations

from bot.playground.conversation import Value
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


def element(value: Value, at: str, allowed: tuple[str, ...]) -> Complaints:
    """Judge one element that stands where only the *allowed* types may stand."""
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in allowed:
        yield complaint(f"unsupported type: {kind}", at)
        return
    yield from string(value.get("action_id"), f"{at}/action_id", most=255)
    yield from _confirm(value.get("confirm"), f"{at}/confirm")
    yield from ELEMENTS[kind](value, at)


def _button(value: Value, at: str) -> Complaints:
    yield from is_object(value, at, "text")
    yield from plain(75)(value.get("text"), f"{at}/text")
    yield from string(value.get("value"), f"{at}/value", most=2000)
    yield from web_address(value.get("url"), f"{at}/url")
    yield from string(value.get("accessibility_label"), f"{at}/accessibility_label", most=75)
    if value.get("style") not in (None, "primary", "danger"):
        yield complaint("must be one of: primary, danger", f"{at}/style")


def _option(description_length: int = 75) -> Rule:
    def rule(value: Value, at: str) -> Complaints:
        yield from is_object(value, at, "text", "value")
        if not isinstance(value, dict):
            return
        yield from text(75)(value.get("text"), f"{at}/text")
        yield from string(value.get("value"), f"{at}/value", most=150)
        yield from plain(description_length)(value.get("description"), f"{at}/description")
        yield from web_address(value.get("url"), f"{at}/url")

    return rule


def _overflow(value: Value, at: str) -> Complaints:
    yield from is_object(value, at, "options")
    yield from items(value.get("options"), f"{at}/options", _option(), most=5)


def _choice(most: int) -> Rule:
    def rule(value: Value, at: str) -> Complaints:
        yield from is_object(value, at, "options")
        yield from items(value.get("options"), f"{at}/options", _option(), most=most)
        yield from _initial(value, at)

    return rule


def _initial(value: Value, at: str) -> Complaints:
    # What is chosen at first has to be one of the options, field by field.
    options = value.get("options") if isinstance(value.get("options"), list) else []
    chosen = value.get("initial_options") or [value.get("initial_option")]
    for option in chosen:
        if option is not None and option not in options:
            yield complaint("initial option must be one of the options", at)


def _select(value: Value, at: str) -> Complaints:
    if value.get("option_groups") is not None:
        yield from items(value["option_groups"], f"{at}/option_groups", _option_group, most=100)
    else:
        yield from _choice(100)(value, at)
    yield from plain(150)(value.get("placeholder"), f"{at}/placeholder")


def _option_group(value: Value, at: str) -> Complaints:
    yield from is_object(value, at, "label", "options")
    if isinstance(value, dict):
        yield from plain(75)(value.get("label"), f"{at}/label")
        yield from items(value.get("options"), f"{at}/options", _option(), most=100)


def _people_select(value: Value, at: str) -> Complaints:
    yield from plain(150)(value.get("placeholder"), f"{at}/placeholder")


def _field(value: Value, at: str) -> Complaints:
    yield from plain(150)(value.get("placeholder"), f"{at}/placeholder")
    yield from string(value.get("initial_value"), f"{at}/initial_value", most=3000, least=0)
    for name, most in (("min_length", 3000), ("max_length", 3000)):
        length = value.get(name)
        if length is not None and not (isinstance(length, int) and 0 <= length <= most):
            yield complaint(f"must be between 0 and {most}", f"{at}/{name}")


def _feedback(value: Value, at: str) -> Complaints:
    yield from is_object(value, at, "positive_button", "negative_button")
    for name in ("positive_button", "negative_button"):
        button = value.get(name)
        yield from is_object(button, f"{at}/{name}", "text", "value") if button is not None else ()
        if isinstance(button, dict):
            yield from plain(75)(button.get("text"), f"{at}/{name}/text")
            yield from string(button.get("value"), f"{at}/{name}/value", most=2000)


def _icon_button(value: Value, at: str) -> Complaints:
    yield from is_object(value, at, "icon", "text")
    yield from plain(75)(value.get("text"), f"{at}/text")
    yield from string(value.get("value"), f"{at}/value", most=2000)
    if value.get("icon") != "trash":
        yield complaint("must be one of: trash", f"{at}/icon")


def _image(value: Value, at: str) -> Complaints:
    yield from is_object(value, at, "image_url", "alt_text")
    yield from web_address(value.get("image_url"), f"{at}/image_url")
    yield from string(value.get("alt_text"), f"{at}/alt_text", most=2000)


def _confirm(value: Value, at: str) -> Complaints:
    if value is None:
        return
    yield from is_object(value, at, "title", "text", "confirm", "deny")
    if isinstance(value, dict):
        yield from plain(100)(value.get("title"), f"{at}/title")
        yield from text(300)(value.get("text"), f"{at}/text")
        yield from plain(30)(value.get("confirm"), f"{at}/confirm")
        yield from plain(30)(value.get("deny"), f"{at}/deny")


def action_ids(elements: Value, at: str) -> Complaints:
    """Demand that action_ids differ within one block; the reference says "should", the server insists."""
    if isinstance(elements, list):
        given = [item.get("action_id") for item in elements if isinstance(item, dict)]
        yield from unique(given, "action_id", at)


# The elements that the stand-in can also show.  Slack has more: to add one, write its rule here
# and its macro in elements.html.j2.
ELEMENTS: dict[str, Rule] = {
    "button": _button,
    "overflow": _overflow,
    "static_select": _select,
    "multi_static_select": _select,
    "users_select": _people_select,
    "radio_buttons": _choice(10),
    "checkboxes": _choice(10),
    "plain_text_input": _field,
    "email_text_input": _field,
    "url_text_input": _field,
    "feedback_buttons": _feedback,
    "icon_button": _icon_button,
    "image": _image,
}
INTERACTIVE = ("button", "overflow", "static_select", "users_select", "radio_buttons", "checkboxes")
ACCESSORIES = (*INTERACTIVE, "multi_static_select", "image")
FIELDS = (
    *("static_select", "multi_static_select", "users_select", "radio_buttons", "checkboxes"),
    *("plain_text_input", "email_text_input", "url_text_input"),
)
