"""The small rules that limits are made of; each yields complaints worded and located as Slack does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from bot.playground.conversation import Value

Complaints = Iterator[str]
Rule = Callable[[Value, str], Complaints]  # (value, JSON pointer) → complaints


def complaint(what: str, at: str) -> str:
    """Word a complaint the way ``response_metadata.messages`` does."""
    return f"[ERROR] {what} [json-pointer:{at}]"


def is_object(value: Value, at: str, *needed: str) -> Complaints:
    """Demand a JSON object with the *needed* fields."""
    if not isinstance(value, dict):
        yield complaint("must be an object", at)
        return
    for name in needed:
        if value.get(name) is None:
            yield complaint(f"missing required field: {name}", at)


def string(value: Value, at: str, *, most: int, least: int = 1) -> Complaints:
    """Demand a string of *least* to *most* characters; nothing at all is fine."""
    if value is None:
        return
    if not isinstance(value, str):
        yield complaint("must be a string", at)
    elif len(value) > most:
        yield complaint(f"must be less than {most + 1} characters", at)
    elif len(value) < least:
        yield complaint(f"must be more than {least - 1} characters", at)


def items(value: Value, at: str, rule: Rule, *, most: int, least: int = 1) -> Complaints:
    """Demand an array of *least* to *most* items that keep *rule*; nothing at all is fine."""
    if value is None:
        return
    if not isinstance(value, list):
        yield complaint("must be an array", at)
        return
    if len(value) > most:
        yield complaint(f"no more than {most} items allowed", at)
    if len(value) < least:
        yield complaint(f"no fewer than {least} items allowed", at)
    for number, item in enumerate(value):
        yield from rule(item, f"{at}/{number}")


def unique(values: list[Value], what: str, at: str) -> Complaints:
    """Demand that no two of *values* are the same; those not given do not count."""
    given = [value for value in values if value is not None]
    for value in sorted({str(value) for value in given if given.count(value) > 1}):
        yield complaint(f"`{what}` already exists: {value}", at)


def plain(most: int) -> Rule:
    """Return the rule of a plain_text object of at most *most* characters."""
    return lambda value, at: _text(value, at, most=most, types=("plain_text",))


def text(most: int) -> Rule:
    """Return the rule of a text object, plain_text or mrkdwn."""
    return lambda value, at: _text(value, at, most=most, types=("plain_text", "mrkdwn"))


def web_address(value: Value, at: str) -> Complaints:
    """Demand an http or https URL; nothing at all is fine."""
    yield from string(value, at, most=3000)
    if isinstance(value, str) and not _leads_to_the_web(value):
        yield complaint("invalid url", at)


def _leads_to_the_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in url)


def _text(value: Value, at: str, *, most: int, types: tuple[str, ...]) -> Complaints:
    if value is None:
        return
    if not isinstance(value, dict) or value.get("type") not in types:
        yield complaint(f"must be a {' or '.join(types)} object", at)
        return
    yield from is_object(value, at, "text")
    yield from string(value.get("text"), f"{at}/text", most=most)
    if value["type"] == "mrkdwn" and "emoji" in value:
        yield complaint("invalid additional property: emoji", at)
    if value["type"] == "plain_text" and "verbatim" in value:
        yield complaint("invalid additional property: verbatim", at)
