"""What a post asks, whose rights it is judged by, and where its asker is told later."""

from __future__ import annotations

import re

from bot.core.answer import Answer
from bot.core.case import DeliveryKey
from bot.core.post import Place, Post
from bot.core.viewer import Viewer
from bot.core.words import Language
from bot.desk import Desk
from bot.slack.viewer import Asker, Viewers, is_direct

_POINTERS = ("account", "send_id", "recipient")


def asked(post: Post) -> str:
    """Return the question behind *post*, in the asker's words; empty when it points to a delivery."""
    return str(post.payload.get("text") or "")


def delivery_in(post: Post) -> DeliveryKey | None:
    """Return the delivery that *post* points to, if it does."""
    values = [post.payload.get(name) for name in _POINTERS]
    return DeliveryKey(*map(str, values)) if all(values) else None


def named_in(post: Post, name: str) -> str:
    """Return the value called *name* in the payload of *post*; empty when there is none."""
    value = post.payload.get(name)
    return str(value) if value else ""


def case_number(pointer: str) -> int | None:
    """Return the number of the case that a button points to; None when it is no case's."""
    return int(pointer) if re.fullmatch(r"[1-9][0-9]{0,17}", pointer) else None


async def viewer_of(post: Post, viewers: Viewers) -> Viewer:
    """Judge who reads *post*: one person alone, or everybody in its channel."""
    place = post.place
    asker = Asker(
        place.user or "", place.team, place.asked_in or place.channel, named_in(post, "home") or None
    )
    alone = place.response_url is not None or is_direct(place.channel)
    return await (viewers.privately(asker) if alone else viewers.publicly(asker))


async def answer_to(post: Post, desk: Desk, viewer: Viewer, *, language: Language | None = None) -> Answer:
    """Answer what *post* asks, as *viewer* may see it now."""
    key = delivery_in(post)
    if key:
        return await desk.answer_about(key, viewer, language=language)
    return await desk.answer(asked(post), viewer, language=language)


def told_at(place: Place) -> Place:
    """Return where an asker is told later: in the thread, or alone when they asked where nobody saw it."""
    asked_in = place.asked_in or place.channel
    channel = place.channel if place.thread_ts else place.user or place.channel
    return Place(place.team, channel, place.thread_ts, place.user, asked_in=asked_in)
