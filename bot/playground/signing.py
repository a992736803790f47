"""Slack's request signature, v0. (docs: "Verifying requests from Slack")"""

from __future__ import annotations

import hashlib
import hmac


def signature(secret: str, timestamp: int, body: str) -> str:
    """Return the value of X-Slack-Signature for *body* sent at *timestamp*, seconds of the epoch."""
    base = f"v0:{timestamp}:{body}".encode()
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def signed_headers(secret: str, timestamp: int, body: str) -> dict[str, str]:
    """Return the two headers by which the bot knows that a request is from Slack."""
    return {
        "X-Slack-Request-Timestamp": str(timestamp),
        "X-Slack-Signature": signature(secret, timestamp, body),
    }
