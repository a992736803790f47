"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
# Microseconds since the epoch on SQLite.
_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")


def upgrade() -> None:
    """Go one step forward; the way back is a backup."""
    _create_deliveries()
    _create_links()
    _create_outbox()
    _create_watches()
    _create_cases()
    _create_case_askers()
    _create_feedback()


def _create_deliveries() -> None:
    op.create_table("accounts", sa.Column("name", sa.Text, primary_key=True))
    op.create_table(
        "deliveries",
        sa.Column("id", _NUMBER, primary_key=True),
        _text("send_id"),
        sa.Column("account", sa.Text, sa.ForeignKey("accounts.name"), nullable=False),
        _text("recipient"),
        _text("recipient_key"),
        _text("status"),
        _text("status_text"),
        _text_or_null("method"),
        sa.Column("sent_at", _MOMENT),
        sa.Column("updated_at", _MOMENT),
        sa.Column("ordered_at", _MOMENT, nullable=False),
        _text_or_null("document"),
        _text_or_null("header_from"),
        sa.Column("password", sa.Boolean),
        _text_or_null("reply"),
        _text_or_null("message_id"),
        _text("source"),
        sa.UniqueConstraint("send_id", "recipient_key", "account"),
    )
    _index("ix_deliveries_recipient_newest", "deliveries", ["recipient_key", "ordered_at", "id"])
    _index(
        "ix_deliveries_recipient_account_newest",
        "deliveries",
        ["recipient_key", "account", "ordered_at", "id"],
    )
    _index("ix_deliveries_message_id", "deliveries", ["message_id"], where="message_id IS NOT NULL")


def _create_links() -> None:
    op.create_table(
        "links",
        sa.Column("team", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, primary_key=True),
        sa.Column("account", sa.Text, sa.ForeignKey("accounts.name"), nullable=False),
        _text("linked_by"),
        sa.Column("linked_at", _MOMENT, nullable=False),
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        _text("kind"),
        *_place(),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=False),
        _text_or_null("owner"),
        sa.Column("leased_until", _MOMENT),
        sa.Column("attempts", sa.Integer, nullable=False),
        _text_or_null("error"),
        sa.Column("done_at", _MOMENT),
        _text_or_null("posted_ts"),
        _text_or_null("failed"),
    )
    _index("ix_outbox_due", "outbox", ["due_at", "id"], where="done_at IS NULL AND failed IS NULL")
    _index("ix_outbox_failed", "outbox", ["id"], where="failed IS NOT NULL")


def _create_watches() -> None:
    op.create_table(
        "watches",
        sa.Column("id", _NUMBER, primary_key=True),
        _text("account"),
        _text("send_id"),
        _text("recipient"),
        _text("recipient_key"),
        *_place(in_key=True),
        _text("language"),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("next_look_at", _MOMENT, nullable=False),
        _text_or_null("owner"),
        sa.Column("leased_until", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        _text_or_null("outcome"),
    )
    asked = ["send_id", "recipient_key", "account", "channel", "thread_ts"]
    _index("uq_watches_open", "watches", asked, where="ended_at IS NULL", unique=True)
    _index("ix_watches_due", "watches", ["next_look_at", "id"], where="ended_at IS NULL")
    _index("ix_watches_delivery", "watches", ["send_id", "recipient_key", "account"])


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        _text("cause"),
        *_place(),
        _text("language"),
        sa.Column("opened_at", _MOMENT, nullable=False),
        _text_or_null("account"),
        _text_or_null("delivery_account"),
        _text_or_null("send_id"),
        _text_or_null("recipient"),
        _text_or_null("recipient_key"),
        sa.Column("facts", sa.JSON, nullable=False),
        _text_or_null("claimed_by"),
        sa.Column("claimed_at", _MOMENT),
        _text_or_null("resolved_by"),
        sa.Column("resolved_at", _MOMENT),
        _text("resolution"),
        _text_or_null("card_ts"),
    )


def _create_case_askers() -> None:
    op.create_table(
        "case_askers",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("case_id", _NUMBER, sa.ForeignKey("cases.id"), nullable=False),
        *_place(in_key=True),
        _text("language"),
        _text("note"),
        sa.UniqueConstraint("case_id", "channel", "thread_ts"),
    )


def _create_feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("key", sa.Text, primary_key=True),
        _text("section"),
        _text("language"),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )


def _place(*, in_key: bool = False) -> list[sa.Column[str]]:
    thread = _text("thread_ts") if in_key else _text_or_null("thread_ts")
    others = map(_text_or_null, ("user", "response_url", "asked_in"))
    return [_text("team"), _text("channel"), thread, *others]


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _text_or_null(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text)


def _index(
    name: str, table: str, columns: list[str], *, where: str | None = None, unique: bool = False
) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)
