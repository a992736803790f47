"""A watch is a pending question kept; a case is a hand-over to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.core.post import Place
from bot.core.words import Language


@dataclass(frozen=True, slots=True)
class DeliveryKey:
    """What names one delivery: pointers, no facts."""

    account: str
    send_id: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A question about a pending *delivery*, kept until the status changes or a person takes it.

    *place* is where the asker is told; *next_look_at* is when it is asked again.
    """

    id: int = 0
    delivery: DeliveryKey
    place: Place
    language: Language
    asked_at: datetime
    next_look_at: datetime


@dataclass(frozen=True, slots=True)
class CaseAsker:
    """Somebody who waits for a case; *note* is what they wrote to support."""

    place: Place
    language: Language
    note: str = ""


class Cause(StrEnum):
    """Why a case was opened."""

    OVERDUE = "overdue"  # pending for longer than patience
    ASKED = "asked"  # somebody pressed "Talk to support"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A hand-over.  *key* is unique: the same thing is never handed over twice.

    *delivery* is None when somebody asked for a person without naming a mail they may see; *account* is then
    the asker's, if they have one.
    *facts* (JSON values) is what was known when it was handed over: status verbatim, times, findings.
    """

    id: int = 0
    key: str
    cause: Cause
    place: Place
    language: Language
    opened_at: datetime
    delivery: DeliveryKey | None = None
    account: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    resolved_by: str | None = None
    resolved_at: datetime | None = None
    resolution: str = ""
    card_ts: str | None = None
