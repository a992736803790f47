"""What Slack demands of rich_text. (Block Kit reference, "Rich text block")"""

from __future__ import annotations

from bot.playground.conversation import Value
from bot.playground.shapes import Complaints, Rule, complaint, is_object, items, string, web_address

_MANY = 10_000  # Slack names no number; the size of the whole message is the limit


def rich_text(value: Value, at: str) -> Complaints:
    """Judge a rich_text block."""
    yield from is_object(value, at, "elements")
    yield from items(value.get("elements"), f"{at}/elements", _container, most=_MANY)


def _container(value: Value, at: str) -> Complaints:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in _CONTAINERS:
        yield complaint(f"unsupported type: {kind}", at)
        return
    yield from is_object(value, at, "elements")
    # A section or preformatted run may be empty; a list or a quote may not.
    least = 1 if kind == "rich_text_list" else 0
    yield from items(value.get("elements"), f"{at}/elements", _CONTAINERS[kind], most=_MANY, least=least)
    if kind == "rich_text_list" and value.get("style") not in ("bullet", "ordered"):
        yield complaint("must be one of: bullet, ordered", f"{at}/style")
    for name in ("indent", "border", "offset"):
        if value.get(name) is not None and not isinstance(value[name], int):
            yield complaint("must be an integer", f"{at}/{name}")


def _list_item(value: Value, at: str) -> Complaints:
    if not isinstance(value, dict) or value.get("type") != "rich_text_section":
        yield complaint("must be a rich_text_section", at)
    else:
        yield from _container(value, at)


def _run(value: Value, at: str) -> Complaints:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in _RUNS:
        yield complaint(f"unsupported type: {kind}", at)
        return
    yield from is_object(value, at, *_RUNS[kind])
    yield from string(value.get("text"), f"{at}/text", most=_MANY * 4)
    yield from _style(value.get("style"), f"{at}/style")
    if kind == "link":
        yield from web_address(value.get("url"), f"{at}/url")
    if kind == "date" and not isinstance(value.get("timestamp"), int):
        yield complaint("must be an integer", f"{at}/timestamp")
    if kind == "broadcast" and value.get("range") not in ("here", "channel", "everyone"):
        yield complaint("must be one of: here, channel, everyone", f"{at}/range")


def _style(value: Value, at: str) -> Complaints:
    if value is None:
        return
    yield from is_object(value, at)
    for name in value if isinstance(value, dict) else ():
        if name not in _STYLES:
            yield complaint(f"invalid additional property: {name}", at)
        elif not isinstance(value[name], bool):
            yield complaint("must be a boolean", f"{at}/{name}")


_CONTAINERS: dict[str, Rule] = {
    "rich_text_section": _run,
    "rich_text_list": _list_item,
    "rich_text_preformatted": _run,
    "rich_text_quote": _run,
}
_RUNS: dict[str, tuple[str, ...]] = {  # type → the fields it cannot do without
    "text": ("text",),
    "link": ("url",),
    "emoji": ("name",),
    "user": ("user_id",),
    "usergroup": ("usergroup_id",),
    "channel": ("channel_id",),
    "broadcast": ("range",),
    "date": ("timestamp", "format"),
    "color": ("value",),
    "team": ("team_id",),
}
_STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
