"""JSON lines say the same as tables; numbers stay the digits that were written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.core.delivery import Method, Status
from tests.sources.exports import rows, write

LINE = '{"send_id": "1", "account": "A", "recipient": "a@x.example", "status": "sent"}'


@pytest.mark.parametrize("name", ["history.jsonl", "history.ndjson", "history.txt"])
def test_json_lines_are_known_by_what_they_are(tmp_path: Path, name: str) -> None:
    good, bad = rows(write(tmp_path, f"\n{LINE}\r\n\n{LINE}", name=name))

    assert (len(good), bad) == (2, [])


def test_every_field_is_read_by_either_name(tmp_path: Path) -> None:
    said = {
        "送付ID": "1734479364211706503",
        "会社名": "株式会社青空",
        "宛先": "a@x.example",
        "ステータス": "送信結果待ち",
        "送付方法": "取引先受信箱へ送信",
        "sent_at": None,
        "password": True,
        "reply": "",
    }
    (good,), _ = rows(write(tmp_path, json.dumps(said, ensure_ascii=False)))

    assert (good.send_id, good.status, good.method) == (
        "1734479364211706503",
        Status.PENDING,
        Method.CLIENT_INBOX,
    )
    assert (good.sent_at, good.password, good.reply) == (None, True, None)


def test_a_send_id_that_is_a_number_keeps_all_its_digits(tmp_path: Path) -> None:
    (good,), _ = rows(write(tmp_path, LINE.replace('"1"', "1734479364211706503")))

    assert good.send_id == "1734479364211706503"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "is not JSON"),
        (LINE + LINE, "is not JSON"),
        ("[1]", "is not a JSON object"),
        ('"text"', "is not a JSON object"),
        ("1", "is not a JSON object"),
        ("{}", "send_id is missing (or 送付ID,"),
        (LINE.replace('"a@x.example"', '["a@x.example"]'), "recipient is a list or an object"),
        (LINE.replace('"1"', "1.73448e18"), "rounded by a spreadsheet"),
        (LINE.replace('"1"', "NaN"), "send_id 'NaN'"),
        (LINE.replace('"A"', '"A\\u0000"'), "account has characters that are none"),
        (LINE.replace('"A"', '"\\ud800"'), "account has characters that are none"),
        ('{"send_id": ' + "[" * 100_000, "is not JSON"),
        ('{"send_id": ' + "9" * 10_000 + "}", "account is missing"),
    ],
)
def test_a_bad_line_is_reported_and_the_others_go_in(tmp_path: Path, line: str, reason: str) -> None:
    good, (bad,) = rows(write(tmp_path, f"{LINE}\n{line}\n{LINE}\n"))

    assert len(good) == 2
    assert (bad.line, bad.raw) == (2, (line,))
    assert reason in bad.reason
