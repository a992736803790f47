"""The outbox: what is to be said in Slack, durably, and said once.

A row is leased to one process at a time.  Marking it is fenced by the owner and by the attempt: a process
that was too slow, and whose row somebody else has taken up since, marks nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, func, null, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.core.post import Post, PostKind
from bot.store.engine import writing
from bot.store.places import place_columns, place_in
from bot.store.schema import outbox
from bot.store.upsert import insert_into

# Literals, not parameters: only so do both databases see that the partial index holds every row asked for.
_OPEN = text("done_at IS NULL AND failed IS NULL")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not said yet: *number* posts, the oldest due since *oldest*; *failed* were given up."""

    number: int
    oldest: datetime | None
    failed: int


async def put(
    connection: AsyncConnection,
    posts: Iterable[Post],
    *,
    now: datetime,
    owner: str | None = None,
    leased_until: datetime | None = None,
) -> set[str]:
    """Put *posts* in; return the keys that were new: a key that is there already is never said again.

    With *owner* they are born leased, at their first attempt: the process that took an event in answers it.
    """
    lease = {"owner": owner, "leased_until": leased_until, "attempts": 1 if owner else 0}
    insert = insert_into(connection, outbox).on_conflict_do_nothing(index_elements=["key"])
    new: set[str] = set()
    for post in sorted(posts, key=lambda post: post.key):  # sorted: see accounts.add
        row = {**_columns(post), **lease, "created_at": now, "due_at": now}
        new.update(await connection.scalars(insert.values(row).returning(outbox.c.key)))
    return new


async def lease(engine: AsyncEngine, *, owner: str, now: datetime, until: datetime, limit: int) -> list[Post]:
    """Take up to *limit* due posts that nobody holds, the oldest first, and hold them *until* then."""
    if limit <= 0:
        return []
    due = (
        select(outbox.c.id)
        .where(_OPEN, outbox.c.due_at <= now, _free(now), outbox.c.kind.in_(list(PostKind)))
        .order_by(outbox.c.due_at, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)  # PostgreSQL; SQLite has one writer anyway
        .cte("due")
        .prefix_with("MATERIALIZED")  # PostgreSQL could run it once per row otherwise, and take too many
    )
    taking = (
        update(outbox)
        .where(outbox.c.id.in_(select(due.c.id)))
        .values(owner=owner, leased_until=until, attempts=outbox.c.attempts + 1)
        .returning(*outbox.c)
    )
    async with writing(engine) as connection:
        taken = (await connection.execute(taking)).all()
    return [_post(row) for row in sorted(taken, key=lambda row: (row.due_at, row.id))]


async def renew(connection: AsyncConnection, post: Post, *, owner: str, until: datetime) -> bool:
    """Hold *post* for longer; False when somebody else holds it by now."""
    return await _mark(connection, post, owner, leased_until=until)


async def finish(
    connection: AsyncConnection, post: Post, *, owner: str, now: datetime, posted_ts: str | None
) -> bool:
    """Mark *post* as said; False when somebody else holds it by now."""
    return await _mark(connection, post, owner, done_at=now, posted_ts=posted_ts, **_LET_GO)


async def postpone(
    connection: AsyncConnection, post: Post, *, owner: str, due_at: datetime, error: str
) -> bool:
    """Let *post* be tried again at *due_at*; False when somebody else holds it by now."""
    return await _mark(connection, post, owner, due_at=due_at, error=error, **_LET_GO)


async def give_up(connection: AsyncConnection, post: Post, *, owner: str, now: datetime, error: str) -> bool:
    """Never try *post* again; False when somebody else holds it by now."""
    return await _mark(connection, post, owner, done_at=now, failed=error, **_LET_GO)


async def get(connection: AsyncConnection, key: str) -> Post | None:
    """Return the post with this *key*, said or not."""
    row = (await connection.execute(select(*outbox.c).where(outbox.c.key == key))).one_or_none()
    return _post(row) if row else None


async def waiting(connection: AsyncConnection) -> Waiting:
    """Count what is not said yet, for those who watch over the bot."""
    counted = select(func.count().label("number"), func.min(outbox.c.due_at).label("oldest")).where(_OPEN)
    number, oldest = (await connection.execute(counted.select_from(outbox))).one()
    failed = select(func.count()).select_from(outbox).where(text("failed IS NOT NULL"))
    return Waiting(number, oldest, await connection.scalar(failed) or 0)


_LET_GO = {"owner": null(), "leased_until": null()}


async def _mark(connection: AsyncConnection, post: Post, owner: str, /, **values: object) -> bool:
    marked = await connection.execute(
        update(outbox)
        .where(
            outbox.c.key == post.key,
            outbox.c.owner == owner,
            outbox.c.attempts == post.attempts,
            outbox.c.done_at.is_(None),
        )
        .values(**values)
    )
    return marked.rowcount == 1


def _free(now: datetime) -> ColumnElement[bool]:
    return outbox.c.leased_until.is_(None) | (outbox.c.leased_until <= now)


def _columns(post: Post) -> dict[str, object]:
    return {
        "key": post.key,
        "kind": post.kind.value,
        "payload": dict(post.payload),
        **place_columns(post.place),
    }


def _post(row: Row[tuple[object, ...]]) -> Post:
    return Post(
        key=row.key,
        kind=PostKind(row.kind),
        place=place_in(row),
        payload=row.payload,
        attempts=row.attempts,
        created_at=row.created_at,
    )
