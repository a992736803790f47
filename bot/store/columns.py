"""Column types that mean the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# PostgreSQL keeps no NUL in a text, and UTF-8 no half of a surrogate pair; SQLite would keep the first.
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")

# SQLite counts up by itself only in a column that is called INTEGER.
NUMBER = BigInteger().with_variant(Integer, "sqlite")


def keepable(text: str) -> str:
    """Return *text* with what no database keeps replaced by U+FFFD."""
    return _UNKEEPABLE.sub("\ufffd", text)


def microseconds(moment: datetime) -> int:
    """Return *moment* as microseconds since the epoch, exactly; raise ValueError when it has no zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone: make it aware, in UTC")
    return (moment - EPOCH) // _MICROSECOND


class Moment(TypeDecorator[datetime]):
    """An aware moment: timestamptz on PostgreSQL, microseconds since the epoch on SQLite."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column's type for *dialect*."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> object:
        """Refuse a moment without a zone on either database."""
        if value is None:
            return None
        counted = microseconds(value)
        return value if dialect.name == "postgresql" else counted

    def process_result_value(self, value: object, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        if isinstance(value, int):
            return EPOCH + timedelta(microseconds=value)
        return value.astimezone(UTC) if isinstance(value, datetime) else None


class Words(TypeDecorator[str]):
    """A text of somebody else's, made keepable: neither a question nor a row breaks on a NUL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what no database keeps."""
        return None if value is None else keepable(value)
