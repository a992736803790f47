"""What the SMTP envelope says: the sender address that names one mail. (RFC 5321 section 4.4, VERP)"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

# bounce-md_<account>.<8 hex digits>.v1-<32 hex digits>@m.makeleaps.com, as the mail provider builds it: the
# eight digits are the Unix time of submission, the 32 the message id.  Other forms are ours but name no mail.
_ENVELOPE_SENDER = re.compile(
    r"bounce-md(?:_[0-9a-z]{1,20}\.(?P<time>[0-9a-f]{8})\.v1-(?P<id>[0-9a-f]{32}))?[0-9a-z_.~*…\-]{0,80}@m\.makeleaps\.com",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class EnvelopeSender:
    """The envelope sender of one mail of ours, as it stands in Return-Path."""

    address: str
    message_id: str | None = None
    submitted_at: datetime | None = None


def find_envelope_senders(text: str) -> list[EnvelopeSender]:
    """List the envelope senders of ours in *text*, each once, in order of appearance."""
    return list(dict.fromkeys(_read(match) for match in _ENVELOPE_SENDER.finditer(text)))


def mask_envelope_senders(text: str) -> str:
    """Blank out every envelope sender in *text*: its hex digits are no send ID."""
    return _ENVELOPE_SENDER.sub(" ", text)


def _read(match: re.Match[str]) -> EnvelopeSender:
    if match["id"] is None:
        return EnvelopeSender(match.group())
    submitted_at = datetime.fromtimestamp(int(match["time"], 16), UTC)
    return EnvelopeSender(match.group(), match["id"].lower(), submitted_at)
