"""Something to be said in Slack, once: what is said is made when it is said, from pointers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Place:
    """Where in Slack: *thread_ts* None is the channel itself; with *response_url* only *user* sees it.

    *asked_in* is the channel whose ties give the rights, when what was asked there is told somewhere else.
    """

    team: str
    channel: str
    thread_ts: str | None = None
    user: str | None = None
    response_url: str | None = None
    asked_in: str | None = None


class PostKind(StrEnum):
    """What is to be said."""

    ANSWER = "answer"  # to a question
    CARD = "card"  # a case, to the support channel
    CARD_UPDATE = "card-update"  # the same card after a claim or a resolution
    NOTICE = "notice"  # to an asker: changed, handed over, claimed, resolved
    SUBMISSION = "submission"  # a dialog that was sent off: carried out, and only then perhaps answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One thing to be said at *place*.  The same *key* is never said twice, by any number of replicas.

    *payload* holds JSON values: the question's text, the case's id; never rendered text.
    *attempts* counts how often somebody has taken it up, this time included: above 1, an earlier attempt may
    have been heard, so look before you say it again.
    """

    key: str
    kind: PostKind
    place: Place
    payload: Mapping[str, object] = field(default_factory=dict)
    attempts: int = 0
    created_at: datetime | None = None
