"""Which column of an export is which field."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.core.question import fold

# Field → the names that its column may have, the surest first; width, case, spaces and hyphens do not count.
# To accept another name, add it here.  取引先 is not among them: that is whom the mail goes to, an account is
# who sends it.
NAMES: dict[str, tuple[str, ...]] = {
    "send_id": ("send_id", "送付ID", "送信ID", "送付番号", "送信番号", "公開送付ID"),
    "account": ("account", "アカウント", "アカウント名", "会社名", "自社名", "送付元会社名", "company"),
    "recipient": (
        "recipient",
        "宛先メールアドレス",
        "送付先メールアドレス",
        "送信先メールアドレス",
        "宛先",
        "送付先",
        "送信先",
        "受信者",
        "メールアドレス",
        "email",
        "to",
    ),
    "status": ("status", "ステータス", "送付ステータス", "送信ステータス", "送付状況", "送信状況", "状態"),
    "method": ("method", "送付方法", "送信方法", "方法"),
    "sent_at": ("sent_at", "送信日時", "送付日時", "送信日", "送付日"),
    "updated_at": ("updated_at", "更新日時", "最終更新日時", "ステータス更新日時", "更新日"),
    "document": ("document", "書類", "書類名", "文書名", "件名", "タイトル", "subject"),
    "header_from": (
        "header_from",
        "送信元メールアドレス",
        "差出人メールアドレス",
        "送信元",
        "差出人",
        "from",
    ),
    "password": ("password", "パスワード", "パスワード設定", "パスワード保護"),
    "reply": ("reply", "応答", "サーバー応答", "エラー内容", "エラー詳細", "エラーメッセージ"),
    "message_id": ("message_id", "メッセージID"),
}
FIELDS = tuple(NAMES)
REQUIRED = FIELDS[:4]


def spelled(name: str) -> str:
    """Return the form in which names of columns are compared."""
    return re.sub(r"[\s_\-.・()\[\]:]+", "", fold(name))


_FIELD_OF = {spelled(name): field for field, names in NAMES.items() for name in names}
_RANK = {spelled(name): rank for names in NAMES.values() for rank, name in enumerate(names)}


def field_of(name: str) -> str | None:
    """Return the field that a column called *name* holds, if any."""
    return _FIELD_OF.get(spelled(name))


def positions(header: Sequence[str]) -> dict[str, int]:
    """Find the column of each field in *header*; of two that fit, the one with the surer name."""
    found: dict[str, int] = {}
    for position, name in enumerate(header):
        field = field_of(name)
        if field and (field not in found or _RANK[spelled(name)] < _RANK[spelled(header[found[field]])]):
            found[field] = position
    return found


def missing(found: Sequence[str] | dict[str, int]) -> str | None:
    """Say which required columns are not among *found*, and how they may be called."""
    absent = [field for field in REQUIRED if field not in found]
    return "; ".join(f"no column {field} (or {', '.join(NAMES[field][1:])})" for field in absent) or None
