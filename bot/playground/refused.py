"""What Slack says when it will not."""

from __future__ import annotations

from collections.abc import Sequence


class Refused(Exception):  # noqa: N818 - it is an answer, not a fault of the stand-in
    """Slack would not do this: *error* is its name for the reason, *messages* say where and why."""

    def __init__(self, error: str, messages: Sequence[str] = (), **more: str) -> None:
        super().__init__(f"{error}: {'; '.join(messages)}" if messages else error)
        self.error = error
        self.messages = list(messages)
        self.more = more  # further fields of the answer: needed, provided
