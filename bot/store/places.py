"""A place in Slack and the columns it is kept in, for every table that remembers one."""

from __future__ import annotations

from sqlalchemy import Row

from bot.core.post import Place


def place_columns(place: Place) -> dict[str, str | None]:
    """Return *place* as columns."""
    return {
        "team": place.team,
        "channel": place.channel,
        "thread_ts": place.thread_ts,
        "user": place.user,
        "response_url": place.response_url,
        "asked_in": place.asked_in,
    }


def place_in(row: Row[tuple[object, ...]]) -> Place:
    """Return the place that *row* holds."""
    return Place(row.team, row.channel, row.thread_ts or None, row.user, row.response_url, row.asked_in)
