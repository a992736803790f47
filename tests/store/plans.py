"""How a database means to find its rows: which indexes it walks, and whether it sorts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.engine import is_embedded

_EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}


@contextmanager
def captured(engine: AsyncEngine) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that are executed meanwhile, with their parameters."""
    statements: list[tuple[str, Any]] = []

    def keep(_c: object, _k: object, statement: str, parameters: Any, *_: object) -> None:
        statements.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", keep)
    try:
        yield statements
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", keep)


async def plan_of(connection: AsyncConnection, statement: str, parameters: Any) -> str:
    """Return the plan for *statement*, a line a step."""
    explained = await connection.exec_driver_sql(_EXPLAIN[connection.dialect.name] + statement, parameters)
    return "\n".join(str(row[-1]) for row in explained)


async def prefer_indexes(connection: AsyncConnection, engine: AsyncEngine) -> None:
    """Have PostgreSQL plan as for a large table: it reads a table of a few pages from end to end.

    Without sequential scans the question is which index *can* serve, which does not depend on the size.
    """
    if not is_embedded(engine):
        for kind in ("seqscan", "bitmapscan"):
            await connection.exec_driver_sql(f"SET enable_{kind} = off")
