"""What one row says: texts in, a delivery out, or the reason why not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from bot.core.account import account_name
from bot.core.address import comparable, normalise, plain
from bot.core.delivery import Delivery, Method, Status
from bot.core.question import fold
from bot.core.words import JST

_YES = frozenset(map(fold, ("true", "yes", "y", "on", "1", "あり", "有", "有り", "はい", "設定あり", "○")))
_NO = frozenset(
    map(fold, ("false", "no", "n", "off", "0", "なし", "無", "無し", "いいえ", "設定なし", "×", "-"))
)

# Characters.  The first three are in an index of the database together, which takes about 2,700 bytes a row.
_LONGEST = {"send_id": 64, "account": 200, "recipient": 320, "status": 2_000, "message_id": 300}
_LONGEST_TEXT = 100_000  # a server's reply, whole

_PLAIN_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_{|}~.\-]{1,64}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+", re.ASCII
)
_ADDRESS = re.compile(r'(?:"[^"@]*"|[^\s@"<>,;]+)@[^\s@"<>,;]+')
_ROUNDED = re.compile(r"\d+(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_TIME = re.compile(
    r"""(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?
        (?:[ T]+(\d{1,2})[:時](\d{1,2})(?:[:分](\d{1,2})(?:[.,](\d{1,6})\d*)?)?[秒分]?)?
        \s*(Z|UTC|JST|[+-]\d{2}:?\d{2})?""",
    re.VERBOSE | re.IGNORECASE,
)
_YEARS = range(1990, 2200)


class FieldError(ValueError):
    """A field of a row cannot be read; the message is the reason that the operator gets."""


class Rows:
    """Reads the rows of *source*; *labels* and *methods* map folded texts (see question.fold)."""

    def __init__(self, source: str, labels: Mapping[str, Status], methods: Mapping[str, Method]) -> None:
        self._source = source
        self._labels = {**{status.value: status for status in Status}, **labels}
        self._methods = {**{method.value: method for method in Method}, **methods}
        self._rounding = _Rounding()
        # A handful of texts stand in a million rows; what is broken may differ in each.
        self._status = lru_cache(1_000)(self._read_status)
        self._method = lru_cache(1_000)(self._read_method)

    def delivery(  # noqa: PLR0917 - one positional field for each column, as the row has them
        self,
        send_id: str,
        account: str,
        recipient: str,
        status: str,
        method: str = "",
        sent_at: str = "",
        updated_at: str = "",
        document: str = "",
        header_from: str = "",
        password: str = "",
        reply: str = "",
        message_id: str = "",
    ) -> Delivery:
        """Read the fields of columns.FIELDS; raise FieldError."""
        return Delivery(
            send_id=self._send_id(send_id),
            account=_account(account),
            recipient=_recipient(recipient),
            status=self._status(status),
            status_text=status.strip(),
            method=self._method(method) if method else None,
            sent_at=_moment("sent_at", sent_at) if sent_at else None,
            updated_at=_moment("updated_at", updated_at) if updated_at else None,
            document=_limited("document", document) if document else None,
            header_from=_limited("header_from", header_from) if header_from else None,
            password=_password(password) if password else None,
            reply=_limited("reply", reply) if reply else None,
            message_id=_limited("message_id", message_id) if message_id else None,
            source=self._source,
        )

    def _send_id(self, text: str) -> str:
        send_id = text if _is_number(text) else _repaired_send_id(text)
        if self._rounding.suspects(send_id) and not _is_kept_as_text(text):
            raise FieldError(
                f"send_id {shown(text)} looks rounded by a spreadsheet: export again, and import the file as "
                f"it is or with the column formatted as text; if the ID is right, write '{send_id}"
            )
        return send_id

    def _read_status(self, text: str) -> Status:
        status = self._labels.get(fold(text.strip())) or self._labels.get(fold(text.strip(_QUOTED)))
        if status:
            return status
        if not text.strip():
            raise FieldError("status is empty")
        raise FieldError(
            f"status {shown(text)} is not known: use a label of the screen, or {', '.join(Status)}"
        )

    def _read_method(self, text: str) -> Method | None:
        name = fold(text.strip(_QUOTED))
        if name and name not in self._methods:
            raise FieldError(f"method {shown(text)} is not known: use {', '.join(Method)}, or leave it empty")
        return self._methods.get(name)


def shown(text: str) -> str:
    """Return *text* for a reason: short, and with nothing in it that a terminal would obey."""
    return ascii(text[:60]) if not text[:60].isprintable() else f"'{text[:60]}'"


class _Rounding:
    """Tells send IDs that a spreadsheet has rounded: it keeps 15 digits and puts zeros for the rest.

    Different sends become one by that.  But of whole IDs with 19 digits one in 10,000 ends in four zeros too,
    so the neighbours tell: in a rounded file, or a stretch of one, all end like that.  One that does is
    believed, in all its rows, where _APART rows with whole IDs stand before it.  IDs of less than _TOLD
    digits lose so few that rounding looks like chance: they are believed.
    """

    def __init__(self) -> None:
        self._whole = 0  # rows since the last ID that looked rounded
        self._believed = ""

    def suspects(self, send_id: str) -> bool:
        if len(send_id) < _TOLD:
            return False
        if send_id[_KEPT:].strip("0"):
            self._whole += 1
            return False
        if self._whole >= _APART:
            self._believed = send_id
        self._whole = 0
        return send_id != self._believed


_KEPT = 15  # digits of a number that Excel keeps
_TOLD = 19  # digits of a number of which at least four are lost
_APART = 10


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST["send_id"]


def _repaired_send_id(text: str) -> str:
    # Spreadsheets keep long digits whole only as a text: '173… or ="173…"
    digits = plain(text).strip().removeprefix("=").strip("\"'")
    if _is_number(digits):
        return digits
    if _ROUNDED.fullmatch(digits):
        raise FieldError(
            f"send_id {shown(text)} was rounded by a spreadsheet and names no send any more: "
            "export again, and import the file as it is"
        )
    raise FieldError(f"send_id {shown(text)} is not a number of digits" if digits else "send_id is empty")


def _is_kept_as_text(text: str) -> bool:
    return "'" in text or '"' in text


@lru_cache(1_000)
def _account(text: str) -> str:
    account = _limited("account", text)
    if account is None:
        raise FieldError("account is empty")
    return account_name(account)


def _recipient(text: str) -> str:
    if len(text) <= 254 and _PLAIN_ADDRESS.fullmatch(text):
        return text
    repaired = normalise(text).address
    if not repaired:
        raise FieldError("recipient is empty")
    if len(repaired) > _LONGEST["recipient"] or not _ADDRESS.fullmatch(repaired):
        raise FieldError(f"recipient {shown(text)} is not a mail address")
    # How it was written may be why the mail was refused: kept, unless it is filed under something else then.
    written = text.strip()
    return written if comparable(written) == comparable(repaired) else repaired


def _moment(name: str, text: str) -> datetime | None:
    """Read a time; without a zone it is Japanese, as on the screen."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _worded_moment(name, text)
    if moment.year not in _YEARS:
        raise FieldError(f"{name} {shown(text)} is in a year that cannot be meant")
    return (moment if moment.tzinfo else moment.replace(tzinfo=JST)).astimezone(UTC)


def _worded_moment(name: str, text: str) -> datetime:
    match = _TIME.fullmatch(plain(text).strip())
    if match is None:
        raise FieldError(f"{name} {shown(text)} is not a time: write 2026-11-23T09:05:00+09:00")
    *numbers, fraction, zone = match.groups()
    try:
        year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
        return datetime(year, month, day, hour, minute, second, _microseconds(fraction), _zone(zone))
    except ValueError as error:
        raise FieldError(f"{name} {shown(text)} is not a time: {error}") from error


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "0").ljust(6, "0"))


def _zone(text: str | None) -> tzinfo | None:
    """Return the zone that *text* names; None when it says nothing."""
    if text is None or text.upper() == "JST":
        return None
    return UTC if text.upper() in {"Z", "UTC"} else datetime.strptime(text, "%z").tzinfo


@lru_cache(1_000)
def _password(text: str) -> bool | None:
    """Tell whether the mail was sent with a password; the reason never shows what stands there."""
    word = fold(text.strip())
    if word in _YES or word in _NO:
        return word in _YES
    if not word:
        return None
    raise FieldError("password is neither yes nor no: write true or false, never the password itself")


def _limited(name: str, text: str) -> str | None:
    text = text.strip()
    longest = _LONGEST.get(name, _LONGEST_TEXT)
    if len(text) > longest:
        raise FieldError(f"{name} is {len(text):,} characters long; {longest:,} are allowed")
    return text or None


_QUOTED = " \t\r\n　「」『』\"'。."
