"""Exports for tests: a header and rows as text, written in any encoding."""

from __future__ import annotations

from pathlib import Path

from bot.core.delivery import Delivery, Method, Status
from bot.core.question import fold
from bot.sources.columns import FIELDS
from bot.sources.send_history import BadRow, read

REJECTED = "メールが宛先のシステムで拒否されました"
SUPPRESSED = "受信側のシステムによって拒否されたことがあるメールアドレスのため、メールは送信されませんでした"
LABELS = {
    fold(text): status
    for text, status in {
        "送信済み": Status.SENT,
        "送付済み": Status.SENT,
        "送信結果待ち": Status.PENDING,
        REJECTED: Status.REJECTED,
        SUPPRESSED: Status.SUPPRESSED,
    }.items()
}
METHODS = {fold("セキュア送信"): Method.SECURE_SEND, fold("取引先受信箱へ送信"): Method.CLIENT_INBOX}
HEADER = ",".join(FIELDS)
SHORT = "send_id,account,recipient,status\n"


def write(folder: Path, text: str | bytes, *, name: str = "history.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def rows(path: Path) -> tuple[list[Delivery], list[BadRow]]:
    """Return the good and the bad rows of *path*."""
    read_rows = [*read(path, LABELS, METHODS)]
    good = [row for row in read_rows if isinstance(row, Delivery)]
    return good, [row for row in read_rows if isinstance(row, BadRow)]
