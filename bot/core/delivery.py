"""A delivery: one message of a send to one recipient, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.core.address import comparable, domain_of

OUR_HEADER_FROM = "bounce@makeleaps.com"
OUR_ENVELOPE_DOMAIN = "m.makeleaps.com"
OUR_HEADER_DOMAIN = "makeleaps.com"


class Status(StrEnum):
    """The outcomes that the MakeLeaps screen knows; the labels are in knowledge/labels.toml."""

    REJECTED = "rejected"  # the receiving server refused the mail
    SUPPRESSED = "suppressed"  # not attempted: the address refused a mail before
    SENT = "sent"  # no error came back; says nothing of the inbox
    PENDING = "pending"  # no answer from the receiving server yet


class Method(StrEnum):
    """How a document was sent."""

    SECURE_SEND = "secure_send"  # セキュア送信: a mail with a download link
    CLIENT_INBOX = "client_inbox"  # 取引先受信箱へ送信: a notice of a new document


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message of a send to one recipient.  Times are aware, in UTC.

    *status_text* is the status verbatim as the source gave it, *reply* the receiving server's own words,
    whole.  *source* names who says so: ``import:FILE``, later a provider's webhook or the REST API.
    """

    send_id: str
    account: str
    recipient: str
    status: Status
    status_text: str = ""
    method: Method | None = None
    sent_at: datetime | None = None
    updated_at: datetime | None = None
    document: str | None = None
    header_from: str | None = None
    password: bool | None = None
    reply: str | None = None
    message_id: str | None = None
    source: str = ""

    @property
    def since(self) -> datetime | None:
        """Return since when the status holds, as far as anybody said."""
        return self.updated_at or self.sent_at

    @property
    def own_domain(self) -> bool:
        """Tell whether the mail carried the customer's own domain (メールドメイン指定).

        Never for client-inbox mail, whatever the row says.
        """
        if self.method is Method.CLIENT_INBOX or not self.header_from:
            return False
        domain = domain_of(comparable(self.header_from)).rstrip(">")
        return domain not in {OUR_HEADER_DOMAIN, OUR_ENVELOPE_DOMAIN}

    def pending_for(self, now: datetime) -> timedelta | None:
        """Return how long the answer has been missing; None when it is not, or since when is not known."""
        started = self.sent_at or self.updated_at
        return now - started if self.status is Status.PENDING and started else None


def most_urgent(deliveries: Sequence[Delivery], *, stated: Status | None = None) -> Delivery | None:
    """Choose the delivery that needs most attention.

    A status that the asker *stated* narrows the choice when one of them has it.
    """
    matching = [delivery for delivery in deliveries if delivery.status is stated] or deliveries
    return min(matching, key=lambda delivery: _URGENCY.index(delivery.status), default=None)


def newest_per_recipient(deliveries: Iterable[Delivery]) -> list[Delivery]:
    """Keep the newest delivery to each recipient: of an address's whole history, that one is meant."""
    newest: dict[str, Delivery] = {}
    for delivery in deliveries:
        key = comparable(delivery.recipient)
        if key not in newest or _moment(delivery) > _moment(newest[key]):
            newest[key] = delivery
    return list(newest.values())


# What somebody can act on comes first; a pending one may still become an error, a sent one has been accepted.
_URGENCY = (Status.REJECTED, Status.SUPPRESSED, Status.PENDING, Status.SENT)


def _moment(delivery: Delivery) -> float:
    moment = delivery.sent_at or delivery.updated_at
    return moment.timestamp() if moment else 0.0
