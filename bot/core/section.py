"""The sections of the FAQ, and the pages beside it: a page of this name is in every knowledge/<lang>/."""

from __future__ import annotations

from enum import StrEnum

from bot.core.delivery import Status


class Section(StrEnum):
    """What an answer is about."""

    STATUS = "status"  # 1: how to look the status up
    REJECTED = "rejected"  # 2-1
    SUPPRESSED = "suppressed"  # 2-2
    SENT = "sent"  # 3
    PENDING = "pending"  # 4
    SENDER = "sender"  # 5: envelope, header, allow-listing
    SUPPORT = "support"
    NOT_FOUND = "not-found"
    OUT_OF_SCOPE = "out-of-scope"
    HELP = "help"

    @classmethod
    def of(cls, status: Status) -> Section:
        """Return the section that a status leads to: they share their names."""
        return cls(status.value)
