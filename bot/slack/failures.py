"""What went wrong with a call of the Web API, by Slack's own name for it."""

from __future__ import annotations

from datetime import timedelta

from slack_sdk.errors import SlackApiError


def code_of(error: SlackApiError) -> str:
    """Return Slack's error code, or the HTTP status where the answer was none of Slack's."""
    data = error.response.data
    code = data.get("error") if isinstance(data, dict) else None
    return str(code or error.response.status_code)


def retry_after(error: SlackApiError) -> timedelta | None:
    """Return how long Slack wants us to wait, if it said so."""
    seconds = error.response.headers.get("Retry-After")
    return timedelta(seconds=float(seconds)) if seconds else None


_PASSING = {"fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable"}


def is_passing(error: SlackApiError) -> bool:
    """Tell whether the same call may well succeed later: a fault or a limit of Slack's, no refusal."""
    return not isinstance(error.response.data, dict) or code_of(error) in _PASSING
