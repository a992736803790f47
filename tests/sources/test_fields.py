"""What a field may say, and what is said of one that cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.core.address import comparable
from bot.core.delivery import Delivery, Method, Status
from bot.sources.columns import FIELDS
from bot.sources.fields import FieldError, Rows
from tests.sources.exports import LABELS, METHODS, REJECTED, SUPPRESSED

GOOD = dict.fromkeys(FIELDS, "") | {
    "send_id": "1734479364211706503",
    "account": "A",
    "recipient": "a@x.example",
    "status": "sent",
}


def read(**said: str) -> Delivery:
    return Rows("import:test", LABELS, METHODS).delivery(**(GOOD | said))


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("sent", Status.SENT),
        ("REJECTED", Status.REJECTED),
        ("suppressed", Status.SUPPRESSED),
        ("pending", Status.PENDING),
        ("送信済み", Status.SENT),
        ("「送付済み」", Status.SENT),
        (" 送信結果待ち\n", Status.PENDING),
        (REJECTED, Status.REJECTED),
        (f"{SUPPRESSED}。", Status.SUPPRESSED),
    ],
)
def test_a_status_is_a_label_an_error_message_or_our_own_word(text: str, status: Status) -> None:
    assert read(status=text).status is status
    assert read(status=text).status_text == text.strip()


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("", None),
        (" ", None),
        ("secure_send", Method.SECURE_SEND),
        ("セキュア送信", Method.SECURE_SEND),
        ("ｾｷｭｱ送信", Method.SECURE_SEND),
        ("client_inbox", Method.CLIENT_INBOX),
        ("取引先受信箱へ送信", Method.CLIENT_INBOX),
    ],
)
def test_a_method_is_what_the_screen_or_we_call_it(text: str, method: Method | None) -> None:
    assert read(method=text).method is method


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T00:05:00Z",
        "2026-11-23T00:05:00+00:00",
        "2026-11-23T09:05:00+09:00",
        "2026-11-23T09:05:00+0900",
        "2026-11-23 09:05:00",
        "2026-11-23 9:05",
        "2026-11-23T09:05",
        "2026/11/23 9:05",
        "2026/11/23 9:05:00",
        "２０２６/１１/２３ ９:０５",
        "2026.11.23 9:05 JST",
        "2026年11月23日 9時5分",
        " 2026-11-23 09:05:00.000 ",
        "2026/11/23 00:05 UTC",
    ],
)
def test_a_time_without_a_zone_is_japanese(text: str) -> None:
    moment = read(sent_at=text).sent_at

    assert moment == datetime(2026, 11, 23, 0, 5, tzinfo=UTC)
    assert moment.tzinfo is UTC


def test_a_time_keeps_its_fraction_and_a_date_is_its_first_minute() -> None:
    assert read(sent_at="2026/1/2 3:04:05.25").sent_at == datetime(2026, 1, 1, 18, 4, 5, 250_000, tzinfo=UTC)
    assert read(updated_at="2026/1/2").updated_at == datetime(2026, 1, 1, 15, tzinfo=UTC)
    assert read(sent_at="").sent_at is None


@pytest.mark.parametrize("text", ["あり", "TRUE", "1", "yes", "有", "設定あり", "○"])
def test_a_password_is_there_in_many_words(text: str) -> None:
    assert read(password=text).password is True


@pytest.mark.parametrize("text", ["なし", "false", "0", "No", "無", "×", "-"])
def test_a_password_is_not_there_in_many_words(text: str) -> None:
    assert read(password=text).password is False


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a@x.example", "a@x.example"),
        ("A.B+c@X.Example", "A.B+c@X.Example"),
        ("経理 <a@x.example>", "a@x.example"),
        ("mailto:a@x.example", "a@x.example"),
        (" a@x.example ", "a@x.example"),
        ("ａ@x.example", "ａ@x.example"),  # how it was written may be why it was refused
        ("a..b.@docomo.ne.jp", "a..b.@docomo.ne.jp"),
        ('"a b"@x.example', '"a b"@x.example'),
        ("経理@日本語.jp", "経理@日本語.jp"),
        ("a@localhost", "a@localhost"),
    ],
)
def test_a_recipient_is_an_address_as_people_write_it(text: str, kept: str) -> None:
    assert read(recipient=text).recipient == kept


def test_a_repaired_recipient_is_found_by_the_address_that_is_meant() -> None:
    assert comparable(read(recipient="ａ＠x。example").recipient) == "a@x.example"


@pytest.mark.parametrize("text", ["'17344", '="17344"', " 17344 ", "１７３４４", '"17344"'])
def test_a_send_id_that_a_spreadsheet_keeps_as_text_is_whole(text: str) -> None:
    assert read(send_id=text).send_id == "17344"


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("send_id", "", "send_id is empty"),
        ("send_id", "1.73448E+18", "was rounded by a spreadsheet"),
        ("send_id", "1E+18", "was rounded by a spreadsheet"),
        ("send_id", "12a", "not a number of digits"),
        ("send_id", "-1", "not a number of digits"),
        ("send_id", "一", "not a number of digits"),
        ("send_id", "9" * 65, "not a number of digits"),
        ("account", " ", "account is empty"),
        ("account", "A" * 201, "account is 201 characters long; 200 are allowed"),
        ("recipient", "", "recipient is empty"),
        ("recipient", "a@", "not a mail address"),
        ("recipient", "@x.example", "not a mail address"),
        ("recipient", "a@x.example, b@x.example", "not a mail address"),
        ("recipient", "a" * 400 + "@x.example", "not a mail address"),
        ("status", "", "status is empty"),
        ("status", "謎", "status '謎' is not known: use a label of the screen, or rejected"),
        ("status", "\x1b[31mred", "status '\\x1b[31mred' is not known"),
        ("method", "郵送", "method '郵送' is not known: use secure_send, client_inbox"),
        ("sent_at", "46349.378", "is not a time: write 2026-11-23T09:05:00+09:00"),
        ("sent_at", "yesterday", "sent_at 'yesterday' is not a time"),
        ("updated_at", "2026/2/30 9:05", "updated_at '2026/2/30 9:05' is not a time: day is out of range"),
        ("sent_at", "2026-11-23 25:00", "is not a time"),
        ("sent_at", "0001-01-01T00:00:00+09:00", "in a year that cannot be meant"),
        ("sent_at", "2026/1/2 3:04+99:99", "is not a time"),
        ("reply", "x" * 100_001, "reply is 100,001 characters long"),
    ],
)
def test_what_cannot_be_read_says_why(field: str, text: str, reason: str) -> None:
    with pytest.raises(FieldError) as caught:
        read(**{field: text})

    assert reason in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_password_that_stands_in_the_file_is_never_shown() -> None:
    with pytest.raises(FieldError) as caught:
        read(password="hunter2")

    assert "hunter2" not in str(caught.value)
