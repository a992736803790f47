"""The tables; migrations/ brings a database to this shape, and a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    text,
)

from bot.store.columns import NUMBER, Moment, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

accounts = Table("accounts", metadata, Column("name", Words, primary_key=True))

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("send_id", Words, nullable=False),
    Column("account", Words, ForeignKey("accounts.name"), nullable=False),
    Column("recipient", Words, nullable=False),  # as written
    Column("recipient_key", Words, nullable=False),  # core.address.comparable
    Column("status", Words, nullable=False),
    Column("status_text", Words, nullable=False),
    Column("method", Words),
    Column("sent_at", Moment),
    Column("updated_at", Moment),
    # sent_at, else updated_at, else the epoch: a time that may be missing cannot be walked along an index.
    Column("ordered_at", Moment, nullable=False),
    Column("document", Words),
    Column("header_from", Words),
    Column("password", Boolean),
    Column("reply", Words),
    Column("message_id", Words),
    Column("source", Words, nullable=False),
    # The account belongs to the key: what is imported for one never overwrites another's.
    UniqueConstraint("send_id", "recipient_key", "account"),
)
# The newest mails to an address, for staff and for a customer: both walk their index backwards and stop after
# a few rows, however many mails the address had.  The id ends both, so that equal times need no sorting.
Index(
    "ix_deliveries_recipient_newest",
    deliveries.c.recipient_key,
    deliveries.c.ordered_at,
    deliveries.c.id,
)
Index(
    "ix_deliveries_recipient_account_newest",
    deliveries.c.recipient_key,
    deliveries.c.account,
    deliveries.c.ordered_at,
    deliveries.c.id,
)


def _partial(name: str, *columns: Column[object], where: str, unique: bool = False) -> Index:
    """Index the few rows that are still worth looking for, not the many that are over."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def _place(*, in_key: bool = False) -> list[Column[object]]:
    """Return the columns of a core.post.Place; *in_key*, no thread is '', because NULLs are never equal."""
    return [
        Column("team", Words, nullable=False),
        Column("channel", Words, nullable=False),
        Column("thread_ts", Words, nullable=not in_key),
        Column("user", Words),
        Column("response_url", Words),
        Column("asked_in", Words),
    ]


_partial("ix_deliveries_message_id", deliveries.c.message_id, where="message_id IS NOT NULL")

links = Table(
    "links",
    metadata,
    Column("team", Words, primary_key=True),
    Column("channel", Words, primary_key=True),  # '' is the whole workspace
    Column("account", Words, ForeignKey("accounts.name"), nullable=False),
    Column("linked_by", Words, nullable=False),
    Column("linked_at", Moment, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("kind", Words, nullable=False),
    *_place(),
    Column("payload", JSON, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("owner", Words),
    Column("leased_until", Moment),
    Column("attempts", Integer, nullable=False),
    Column("error", Words),  # of the last attempt
    Column("done_at", Moment),
    Column("posted_ts", Words),
    Column("failed", Words),  # why it was given up
)
_partial("ix_outbox_due", outbox.c.due_at, outbox.c.id, where="done_at IS NULL AND failed IS NULL")
_partial("ix_outbox_failed", outbox.c.id, where="failed IS NOT NULL")

watches = Table(
    "watches",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("account", Words, nullable=False),
    Column("send_id", Words, nullable=False),
    Column("recipient", Words, nullable=False),
    Column("recipient_key", Words, nullable=False),
    *_place(in_key=True),
    Column("language", Words, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("next_look_at", Moment, nullable=False),
    Column("owner", Words),
    Column("leased_until", Moment),
    Column("ended_at", Moment),
    Column("outcome", Words),
)
_partial(
    "uq_watches_open",
    watches.c.send_id,
    watches.c.recipient_key,
    watches.c.account,
    watches.c.channel,
    watches.c.thread_ts,
    where="ended_at IS NULL",
    unique=True,
)
_partial("ix_watches_due", watches.c.next_look_at, watches.c.id, where="ended_at IS NULL")
Index("ix_watches_delivery", watches.c.send_id, watches.c.recipient_key, watches.c.account)

cases = Table(
    "cases",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("cause", Words, nullable=False),
    *_place(),
    Column("language", Words, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("account", Words),  # of the delivery, else of the asker
    # What names the delivery, if the case is about one.
    Column("delivery_account", Words),
    Column("send_id", Words),
    Column("recipient", Words),
    Column("recipient_key", Words),
    Column("facts", JSON, nullable=False),
    Column("claimed_by", Words),
    Column("claimed_at", Moment),
    Column("resolved_by", Words),
    Column("resolved_at", Moment),
    Column("resolution", Words, nullable=False),
    Column("card_ts", Words),
)
case_askers = Table(
    "case_askers",
    metadata,
    Column("id", NUMBER, primary_key=True),
    Column("case_id", NUMBER, ForeignKey("cases.id"), nullable=False),
    *_place(in_key=True),
    Column("language", Words, nullable=False),
    Column("note", Words, nullable=False),
    UniqueConstraint("case_id", "channel", "thread_ts"),
)

feedback = Table(
    "feedback",
    metadata,
    Column("key", Words, primary_key=True),
    Column("section", Words, nullable=False),
    Column("language", Words, nullable=False),
    Column("helpful", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
)
