"""What pages are rendered for in these tests: one situation each, as the desk would tell it."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.core.answer import Items, Line, Page, Paragraph, Part
from bot.core.delivery import Delivery, Method, Status

SENT_AT = datetime(2026, 1, 5, 1, 30, tzinfo=UTC)
SECURE = Delivery(
    send_id="1734479364211706503",
    account="A",
    recipient="keiri@example.co.jp",
    status=Status.REJECTED,
    method=Method.SECURE_SEND,
    sent_at=SENT_AT,
    header_from="bounce@makeleaps.com",
    password=False,
)
OWN = replace(SECURE, header_from="billing@customer.example")
INBOX = replace(SECURE, method=Method.CLIENT_INBOX)
BARE = Delivery(send_id="1", account="A", recipient="a@example.jp", status=Status.SENT)


def told(delivery: Delivery, **more: object) -> dict[str, object]:
    """Return the variables for a page about *delivery*."""
    own = delivery.own_domain
    sender = (delivery.header_from or "") if own else "bounce@makeleaps.com"
    known: dict[str, object] = {
        "delivery": delivery,
        "deliveries": (delivery,),
        "method": delivery.method,
        "own_domain": own,
        "password": delivery.password,
        "header_from": sender,
        "header_domain": sender.rpartition("@")[2],
        "found": True,
        "patience": "PATIENCE",
    }
    return known | more


GENERAL: dict[str, object] = {"patience": "PATIENCE"}
SITUATIONS: dict[str, dict[str, object]] = {
    "general": GENERAL,
    "secure-send": told(SECURE),
    "own-domain-password": told(replace(OWN, password=True)),
    "client-inbox": told(INBOX),
    "overdue": told(replace(SECURE, status=Status.PENDING), overdue=True, waiting="WAITING"),
    "missing": GENERAL | {"missing": ("1734479364211706503", "a@example.jp")},
}


def as_markdown(page: Page) -> str:
    """Return *page* with its marks, for people who read golden files."""
    return "\n\n".join([f"# {page.title}", f"> {page.summary}", *map(_part, page.parts)]) + "\n"


def _part(part: Part) -> str:
    if isinstance(part, Items):
        marks = [f"{number}. " if part.numbered else "- " for number in range(1, len(part.lines) + 1)]
        return "\n".join(mark + _line(line) for mark, line in zip(marks, part.lines, strict=True))
    return _line(part.line) if isinstance(part, Paragraph) else f"## {_line(part.line)}"


def _line(line: Line) -> str:
    return "".join(
        f"`{span.text}`" if span.code else f"**{span.text}**" if span.bold else span.text for span in line
    )
