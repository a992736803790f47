"""Who is asking, and whose mail they may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.core.delivery import Delivery


class Role(StrEnum):
    """Three kinds of people."""

    STAFF = "staff"  # a member of the support channel: sees every account, and the evidence
    CUSTOMER = "customer"  # sees one account
    STRANGER = "stranger"  # sees the FAQ; nothing is looked up for them


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks; *account* is set for customers only, *locale* is what their Slack says."""

    role: Role
    account: str | None = None
    locale: str | None = None

    @property
    def may_look_up(self) -> bool:
        """Tell whether anything may be looked up for them at all."""
        return self.role is Role.STAFF or (self.role is Role.CUSTOMER and bool(self.account))

    def visible(self, deliveries: Iterable[Delivery]) -> list[Delivery]:
        """Keep what they may see.  The store was asked for no more; this is the second lock on the door."""
        return [delivery for delivery in deliveries if self._may_see(delivery)]

    def _may_see(self, delivery: Delivery) -> bool:
        return self.role is Role.STAFF or (self.may_look_up and delivery.account == self.account)


STAFF = Viewer(Role.STAFF)
STRANGER = Viewer(Role.STRANGER)
