"""A send history is read however the screen, Excel or a script wrote it; a bad row spoils no other."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.delivery import Delivery, Status
from bot.sources.lines import LONGEST
from bot.sources.send_history import SendHistory, SourceError
from tests.sources.exports import HEADER, LABELS, METHODS, SHORT, rows, write

JAPANESE = (
    "送付ID,会社名,宛先,ステータス,送付方法,書類\r\n"
    "1,株式会社青空,a@x.example,送信済み,セキュア送信,請求書①\r\n"
)


@pytest.mark.parametrize(
    ("encoding", "bom"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("cp932", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
    ],
)
def test_every_usual_encoding_is_read(tmp_path: Path, encoding: str, bom: bytes) -> None:
    good, bad = rows(write(tmp_path, bom + JAPANESE.encode(encoding)))

    assert bad == []
    assert [(d.account, d.status_text, d.document) for d in good] == [("株式会社青空", "送信済み", "請求書①")]


@pytest.mark.parametrize(
    "header",
    [
        "send_id,account,recipient,status",
        "送付ID,会社名,宛先,ステータス",
        "送信ID,アカウント,送付先メールアドレス,送付状況",
        "Send ID,ACCOUNT,E-mail,Status",
        " 送付ＩＤ , 会社名 ,メールアドレス, ステータス ",
        '"send-id","account","to","status"',
    ],
)
def test_columns_are_known_by_their_usual_names(tmp_path: Path, header: str) -> None:
    good, bad = rows(write(tmp_path, f"{header}\n1,A,a@x.example,sent\n"))

    assert bad == []
    assert good == [
        Delivery(
            send_id="1",
            account="A",
            recipient="a@x.example",
            status=Status.SENT,
            status_text="sent",
            source="import:history.csv",
        )
    ]


def test_of_two_columns_that_fit_the_surer_name_wins(tmp_path: Path) -> None:
    text = "メールアドレス,send_id,account,宛先,status\nme@x.example,1,A,you@x.example,sent\n"
    (good,), _ = rows(write(tmp_path, text))

    assert good.recipient == "you@x.example"


def test_columns_that_nobody_knows_are_passed_over(tmp_path: Path) -> None:
    good, bad = rows(write(tmp_path, "備考,status,recipient,account,send_id\nx,sent,a@x.example,A,1\n"))

    assert (good[0].send_id, good[0].status, bad) == ("1", Status.SENT, [])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_line_ends_and_delimiters_are_found_out(tmp_path: Path, end: str, delimiter: str) -> None:
    lines = [SHORT.strip(), "1,A,a@x.example,sent", "", "2,A,b@x.example,送信結果待ち", ",,,", ""]
    good, bad = rows(write(tmp_path, end.join(lines).replace(",", delimiter)))

    assert [d.send_id for d in good] == ["1", "2"]
    assert bad == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("told", ["sep={}", "SEP={}", '"sep={}"', "\nsep={}"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_may_be_told_in_the_first_line(
    tmp_path: Path, delimiter: str, told: str, end: str
) -> None:
    lines = [told.format(delimiter), SHORT.strip().replace(",", delimiter)]
    row = delimiter.join(("1", "A", "a@x.example", "sent"))
    good, (bad,) = rows(write(tmp_path, end.join([*lines, row, "bad"])))

    assert [d.account for d in good] == ["A"]
    assert bad.line == 4 + told.count("\n")


def test_quoted_fields_may_hold_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    reply = '550 5.1.1 "nobody", try\r\nanother'
    quoted = reply.replace('"', '""')
    text = f'{HEADER}\n1,A,a@x.example,rejected,,,,,,,"{quoted}",\n2,A,b@x.example,sent,,,,,,,,\n3\n'
    good, bad = rows(write(tmp_path, text))

    assert [d.reply for d in good] == [reply, None]
    assert [(row.line, row.raw) for row in bad] == [(5, ("3", *[""] * 11))]


def test_empty_fields_at_the_end_of_a_line_may_be_left_out_or_too_many(tmp_path: Path) -> None:
    good, bad = rows(write(tmp_path, f"{HEADER}\n1,A,a@x.example,sent\n2,A,a@x.example,sent,,,,,,,,,,,\n"))

    assert (len(good), bad) == (2, [])


def test_a_bad_row_names_its_file_line_and_reason_and_the_others_go_in(tmp_path: Path) -> None:
    text = SHORT + "1,A,a@x.example,sent\n2,A,nobody,sent\n3,A,c@x.example,sent\n"
    path = write(tmp_path, text)
    good, (bad,) = rows(path)

    assert [d.send_id for d in good] == ["1", "3"]
    assert str(bad) == f"{path}:3: recipient 'nobody' is not a mail address"
    assert bad.raw == ("2", "A", "nobody", "sent")


def test_more_fields_than_the_header_has_are_a_bad_row(tmp_path: Path) -> None:
    _, (bad,) = rows(write(tmp_path, SHORT + "1,A,a@x.example,sent,more\n"))

    assert bad.reason == "5 fields where the header has 4"
    assert bad.raw == ("1", "A", "a@x.example", "sent", "more")


@pytest.mark.parametrize(
    "broken",
    [
        '2,A,"b@x.example,sent',  # a quote that nobody closes swallows what follows
        '"2,A,b@x.example,sent',
        '2,A,"b@x.example"x,sent',
    ],
)
def test_a_torn_quote_spoils_its_line_only(tmp_path: Path, broken: str) -> None:
    text = f'{SHORT}1,A,a@x.example,sent\n{broken}\n3,A,c@x.example,sent\n4,"A",d@x.example,sent\n'
    good, bad = rows(write(tmp_path, text))

    assert [d.send_id for d in good] == ["1", "3", "4"]
    assert [row.line for row in bad] == [3]
    assert bad[0].reason.startswith("is not a row of a table")


def test_a_torn_quote_before_many_rows_loses_none_of_them(tmp_path: Path) -> None:
    many = "".join(f"{number},A,a@x.example,sent\n" for number in range(10_000))
    good, bad = rows(write(tmp_path, f'{SHORT}1,"A,a@x.example,sent\n{many}'))

    assert len(good) == 10_000
    assert [row.line for row in bad] == [2]


WHOLE = [str(1734479364211706503 + 7919 * number) for number in range(500)]
ROUNDED = [f"{round(int(send_id), -4)}" for send_id in WHOLE]
LONE = "1734479364211700000"


@pytest.mark.parametrize(
    ("sends", "suspected"),
    [
        (ROUNDED, ROUNDED),
        (WHOLE, []),
        ([*WHOLE[:10], LONE, LONE, *WHOLE[10:20], LONE], []),  # one in 10,000 ends like that by itself
        ([*WHOLE[:10], LONE, WHOLE[10], LONE, WHOLE[11], *ROUNDED[30:40]], ROUNDED[30:40]),
        ([*WHOLE, LONE, *ROUNDED[30:]], ROUNDED[30:]),  # whole and rounded files, joined
        ([LONE, *WHOLE], [LONE]),
        ([f"'{LONE}", f'="{LONE}"'], []),  # kept as text, or mended by hand
        (["1734479364211700", "100000000000000000", "1000"], []),  # not long enough to tell
        (["17344793642117000000"], ["17344793642117000000"]),
    ],
)
def test_send_ids_that_a_spreadsheet_rounded_do_not_go_in(
    tmp_path: Path, sends: list[str], suspected: list[str]
) -> None:
    text = SHORT + "".join(f"{send_id},A,a@x.example,sent\n" for send_id in sends)
    good, bad = rows(write(tmp_path, text))

    assert [row.raw[0] for row in bad] == suspected
    assert all("looks rounded by a spreadsheet" in row.reason for row in bad)
    assert len(good) == len(sends) - len(suspected)


def test_a_nul_byte_spoils_its_row_only(tmp_path: Path) -> None:
    text = SHORT + "1,A,a@x.example,sent\n2,A\x00,b@x.example,sent\n3,A,c@x.example,sent\n"
    good, (bad,) = rows(write(tmp_path, text))

    assert [d.send_id for d in good] == ["1", "3"]
    assert "NUL byte" in bad.reason


@pytest.mark.parametrize("byte", [b"\xff", b"\xa0", b"\x81"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_a_byte_that_is_broken_in_both_encodings_spoils_its_row_only(
    tmp_path: Path, encoding: str, byte: bytes
) -> None:
    head = f"{SHORT}1,株式会社青空,a@x.example,送信済み\n".encode(encoding)
    text = (
        head + b"2,A" + byte + b",b@x.example,sent\n" + "3,みどり商店,c@x.example,送信済み\n".encode(encoding)
    )
    good, (bad,) = rows(write(tmp_path, text))

    assert [(d.send_id, d.account) for d in good] == [("1", "株式会社青空"), ("3", "みどり商店")]
    assert bad.line == 3
    assert "broken both as UTF-8 and as CP932" in bad.reason


def test_a_character_on_the_border_of_two_chunks_is_whole(tmp_path: Path) -> None:
    padding = "x" * ((1 << 20) - len(SHORT) - 3)
    text = f"{SHORT}{padding}\n1,株式会社青空,a@x.example,sent\n"
    good, _ = rows(write(tmp_path, text, encoding="cp932"))

    assert [d.account for d in good] == ["株式会社青空"]


@pytest.mark.parametrize("length", [200_000, LONGEST + 10, 3 * LONGEST])
def test_a_very_long_line_spoils_itself_only(tmp_path: Path, length: int) -> None:
    text = f"{SHORT}1,A,a@x.example,sent\n2,{'x' * length},b@x.example,sent\n3,A,c@x.example,sent\n"
    good, (bad,) = rows(write(tmp_path, text))

    assert [d.send_id for d in good] == ["1", "3"]
    assert bad.line == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no column send_id"),
        ("sep=;", "no column send_id"),
        (f"sep=;\n{SHORT}", "no column send_id"),
        ("\n\n", "no column send_id"),
        ("1,A,a@x.example,sent\n", "no column send_id (or 送付ID,"),
        ("send_id,account,status\n", "no column recipient (or 宛先メールアドレス,"),
        ("送付ID,取引先,宛先,ステータス\n", "no column account (or アカウント,"),
        ('[{"send_id": "1"}]', "one JSON list"),
        (b"\x00\x01\x02PNG", "no column send_id"),
    ],
)
def test_a_file_that_is_no_send_history_says_what_it_lacks(
    tmp_path: Path, text: str | bytes, reason: str
) -> None:
    path = write(tmp_path, text)

    with pytest.raises(SourceError) as caught:
        SendHistory(path, LABELS, METHODS)
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)


@pytest.mark.parametrize("name", ["nothing.csv", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        SendHistory(tmp_path / name, LABELS, METHODS)


def test_how_far_it_has_got_is_told_in_bytes(tmp_path: Path) -> None:
    path = write(tmp_path, SHORT + "1,A,a@x.example,sent\n" * 50_000)
    with SendHistory(path, LABELS, METHODS) as history:
        iterator = iter(history)
        next(iterator)
        early = history.position
        rest = sum(1 for _ in iterator)
        late = history.position

    assert early < history.size // 2
    assert (rest, late) == (49_999, history.size)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='1A@x.,"\n\r\t;\\送\x00{}[]', max_size=200).map(str.encode),
    )
)
def test_whatever_follows_the_header_is_read_or_reported(tmp_path: Path, garbage: bytes) -> None:
    path = write(tmp_path, SHORT.encode() + garbage + b"\n9,A,z@x.example,sent\n")
    good, bad = rows(path)

    assert all(row.reason and row.line > 1 for row in bad)
    assert good or bad
