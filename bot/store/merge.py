"""How a delivery that is told again meets the row that is there: one statement for many rows.

Which of two rows is the later one, `updated_at` says where both have it and they differ.  Otherwise nothing
does: `sent_at` is that of the send, the same before and after the answer.  Then the row that is told last
counts as the later one, except that no PENDING comes after an answer: told last, it is an older export.
So rows with different `updated_at` end in the same status in whatever order they are told.  Then

* status, its text, the spelling of the recipient and the source are those of the later one;
* its time and the server's reply belong to the status: a silence of the later one is filled only by a row
  with the same status;
* details (document, method, …) are the later one's where it has any: a column that an export leaves out wipes
  out nothing, and an older row still fills gaps.

A row that would change nothing is not written.
"""

from __future__ import annotations

from functools import cache

from bot.core.delivery import Status

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
    merged = {column: _of_the_later(column) for column in _SAYING}
    for column in _OF_STATUS:
        merged[column] = _choice(
            "excluded.status = deliveries.status", _filled(column), _of_the_later(column)
        )
    merged |= {column: _filled(column) for column in _DETAILS}
    merged["ordered_at"] = f"coalesce({merged['sent_at']}, {merged['updated_at']}, {long_ago})"
    return merged


# NULL <> anything is not true: where one of the times is missing, ELSE holds.
_LATER = (
    "CASE WHEN excluded.updated_at <> deliveries.updated_at THEN excluded.updated_at > deliveries.updated_at "
    f"ELSE excluded.status <> '{Status.PENDING}' OR deliveries.status = '{Status.PENDING}' END"
)


def _of_the_later(column: str) -> str:
    return _choice(_LATER, f"excluded.{column}", f"deliveries.{column}")


def _filled(column: str) -> str:
    """Return what the later row says in *column*, or else the other one."""
    return _choice(_LATER, _first("excluded", "deliveries", column), _first("deliveries", "excluded", column))


def _first(row: str, other: str, column: str) -> str:
    return f"coalesce({row}.{column}, {other}.{column})"


def _choice(condition: str, then: str, otherwise: str) -> str:
    return f"CASE WHEN {condition} THEN {then} ELSE {otherwise} END"
