"""How a delivery that is told again meets the row that is there: one statement for many rows.

What was stated later wins: *stated* is `updated_at`, else `sent_at`, else long ago; of two with equal times
the one that is told last.  Then

* status, its text, the spelling of the recipient and the source are those of the later one;
* its time and the server's reply belong to the status: they outlast a silence only while it is the same;
* details (document, method, …) are the later one's where it has any: a column that an export leaves out wipes
  out nothing, and an older row still fills gaps.

A row that would change nothing is not written.
"""

from __future__ import annotations

from functools import cache

COLUMNS = (
    "send_id",
    "account",
    "recipient",
    "recipient_key",
    "status",
    "status_text",
    "method",
    "sent_at",
    "updated_at",
    "ordered_at",
    "document",
    "header_from",
    "password",
    "reply",
    "message_id",
    "source",
)
_SAYING = ("recipient", "status", "status_text", "source")
_OF_STATUS = ("updated_at", "reply")
_DETAILS = ("method", "sent_at", "document", "header_from", "password", "message_id")
# Another spelling or another file that says the same is no change.
_TELLING = ("status", "status_text", *_OF_STATUS, *_DETAILS)
_POSTGRESQL_TYPES = {
    "sent_at": "timestamptz",
    "updated_at": "timestamptz",
    "ordered_at": "timestamptz",
    "password": "boolean",
}


@cache
def sqlite_upsert() -> str:
    """Return the statement for one row, to be executed with many."""
    return _upsert(f"VALUES ({', '.join('?' * len(COLUMNS))})", long_ago="0", differs="IS NOT")


@cache
def postgresql_upsert() -> str:
    """Return the statement for any number of rows, of which each column is one array."""
    arrays = (
        f"${number}::{_POSTGRESQL_TYPES.get(column, 'text')}[]" for number, column in enumerate(COLUMNS, 1)
    )
    return _upsert(
        f"SELECT * FROM unnest({', '.join(arrays)})",  # noqa: S608 - only names from above
        long_ago="'1970-01-01 00:00:00+00'::timestamptz",
        differs="IS DISTINCT FROM",
    )


def _upsert(rows: str, *, long_ago: str, differs: str) -> str:
    merged = _merged(long_ago)
    sets = ", ".join(f"{column} = {value}" for column, value in merged.items())
    new = ", ".join(merged[column] for column in _TELLING)
    old = ", ".join(f"deliveries.{column}" for column in _TELLING)
    return (
        f"INSERT INTO deliveries ({', '.join(COLUMNS)}) {rows} "
        f"ON CONFLICT (send_id, recipient_key, account) DO UPDATE SET {sets} WHERE ({new}) {differs} ({old})"
    )


def _merged(long_ago: str) -> dict[str, str]:
    """Return for each column what it becomes."""
    later = f"{_stated('excluded', long_ago)} >= {_stated('deliveries', long_ago)}"
    merged = {column: _choice(later, f"excluded.{column}", f"deliveries.{column}") for column in _SAYING}
    for column in _OF_STATUS:
        kept = _choice(
            "excluded.status = deliveries.status",
            _first("excluded", "deliveries", column),
            f"excluded.{column}",
        )
        merged[column] = _choice(later, kept, f"deliveries.{column}")
    for column in _DETAILS:
        merged[column] = _choice(
            later, _first("excluded", "deliveries", column), _first("deliveries", "excluded", column)
        )
    merged["ordered_at"] = f"coalesce({merged['sent_at']}, {merged['updated_at']}, {long_ago})"
    return merged


def _stated(row: str, long_ago: str) -> str:
    return f"coalesce({row}.updated_at, {row}.sent_at, {long_ago})"


def _first(row: str, other: str, column: str) -> str:
    return f"coalesce({row}.{column}, {other}.{column})"


def _choice(condition: str, then: str, otherwise: str) -> str:
    return f"CASE WHEN {condition} THEN {then} ELSE {otherwise} END"
