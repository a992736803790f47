from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.delivery import Method, Status
from bot.core.question import MOST_SUBJECTS, MOST_TEXT, Phrase, Question, fold, read_question
from bot.core.section import Section
from bot.core.words import Language

ID = "1734479364211706503"
PHRASES = tuple(
    Phrase(fold(text), means)
    for text, means in {
        "送信済み": "status:sent",
        "拒否されました": "status:rejected",
        "拒否されたこと…送信されませんでした": "status:suppressed",
        "拒否されたこと": "section:suppressed",
        "{bounced|came back}": "status:rejected",
        "pending": "status:pending",
        "from pending": "nothing",
        "迷惑メール": "section:sent",
        "{not|never} … {arrive|arrived}": "section:status",
        "届か": "section:status",
        "sender": "section:sender",
        "セキュア送信": "method:secure_send",
        "from our own domain": "section:sender",
        "own domain": "condition:own_domain",
        "password mail": "condition:password",
        "notice@makeleaps.com": "elsewhere",
        "support@makeleaps.com": "section:support",
        "bounce-md": "section:sender",
    }.items()
)


def read(text: str, phrases: Sequence[Phrase] = PHRASES) -> Question:
    return read_question(text, phrases)


@pytest.mark.parametrize(
    ("text", "send_ids"),
    [
        (ID, (ID,)),
        (f"送信ID:{ID}が届かない", (ID,)),
        ("１７３４４７９３６４２１１７０６５０３", (ID,)),
        (f"{ID}, {ID} と 2734479364211706503", (ID, "2734479364211706503")),
        (f"9{ID}", ()),
        (ID[:-1], ()),
        (f"{ID}@example.jp", ()),
    ],
)
def test_a_send_id_is_a_run_of_exactly_so_many_digits(text: str, send_ids: tuple[str, ...]) -> None:
    assert read(text).send_ids == send_ids


def test_the_pattern_of_send_ids_is_a_setting() -> None:
    assert read_question("S-42 は?", PHRASES, send_id_pattern=r"S-\d+").send_ids == ("S-42",)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("keiri@example.co.jp に届かない", ("keiri@example.co.jp",)),
        ("ｋｅｉｒｉ＠ｅｘａｍｐｌｅ．ｃｏ．ｊｐ", ("keiri@example.co.jp",)),
        ("<mailto:a@example.jp|a@example.jp>", ("a@example.jp",)),
        ("山田 <a@example.jp>、b@example.jp", ("a@example.jp", "b@example.jp")),
        ("bounce@makeleaps.com から来ない", ()),
        ("From: x@other.jp\nTo: a@example.jp\nSubject: y\n\nb@example.jp", ("a@example.jp",)),
    ],
)
def test_addresses_are_those_of_recipients(text: str, addresses: tuple[str, ...]) -> None:
    assert read(text).addresses == addresses


def test_beyond_so_many_subjects_the_rest_is_counted() -> None:
    text = " ".join(f"a{number}@example.jp" for number in range(MOST_SUBJECTS + 3))

    assert len(read(text).addresses) == MOST_SUBJECTS
    assert read(text).left_out == 3


@pytest.mark.parametrize(
    ("text", "stated", "topic"),
    [
        ("送信済みなのに届かない", Status.SENT, Section.SENT),
        ("「送 信 済 み」", Status.SENT, Section.SENT),
        ("迷惑メールに入る", None, Section.SENT),  # spoken of, not told
        ("拒否されたことがあるため送信されませんでした", Status.SUPPRESSED, Section.SUPPRESSED),
        (
            "拒否されました。拒否されたことがあるため送信されませんでした",
            Status.SUPPRESSED,
            Section.SUPPRESSED,
        ),
        (
            "拒否されたことがある。送信されませんでした",
            None,
            Section.SUPPRESSED,
        ),  # dots end with the sentence
        ("It BOUNCED!", Status.REJECTED, Section.REJECTED),
        ("trebounced", None, None),  # Latin phrases keep to a word's border
        ("it did not, sadly, arrive", None, Section.STATUS),
        ("it did not. Arrived?", None, None),
        ("not " + "x" * 31 + " arrive", None, None),
        ("it went from pending to nowhere", None, None),
        ("mails of notice@makeleaps.com never arrived", None, Section.OUT_OF_SCOPE),
        ("it bounced: notice@makeleaps.com", None, Section.OUT_OF_SCOPE),
        ("write to support@makeleaps.com?", None, Section.SUPPORT),
        ("bounce-md~~@m.makeleaps.com", None, Section.SENDER),
        ("届かない。sender?", None, Section.SENDER),
        ("まったく別の話", None, None),
    ],
)
def test_words_tell_a_status_or_speak_of_a_section(
    text: str, stated: Status | None, topic: Section | None
) -> None:
    question = read(text)

    assert (question.stated, question.topic) == (stated, topic)


def test_phrases_of_different_kinds_do_not_outrank_each_other() -> None:
    question = read("セキュア送信 from our own domain, the password mail")

    assert question.method is Method.SECURE_SEND
    assert question.own_domain
    assert question.password
    assert question.topic is Section.SENDER


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("届きません", Language.JA),
        ("It did not arrive", Language.EN),
        ("「送信済み」 but nothing came", Language.EN),
        ("Status is 送信済み", Language.EN),
        ("My client at さくら商事 did not get the invoice", Language.EN),
        ("statusがpendingのままです", Language.JA),
        ("MakeLeaps API 料金", Language.JA),
        ("送信済み", Language.JA),
        (f"送信済み {ID}", Language.JA),
        ("pending", Language.EN),
        (ID, None),
        ("a@example.jp", None),
        ("", None),
    ],
)
def test_the_language_is_that_of_the_askers_own_words(text: str, language: Language | None) -> None:
    assert read(text).language is language


HEADERS = """Return-Path: <bounce-md_30850192.6950a1b2.v1-0123456789abcdef0123456789abcdef@m.makeleaps.com>
From: Sample <bounce@makeleaps.com>
To: keiri@example.co.jp
Subject: invoice"""


def test_pasted_headers_name_a_mail_by_its_envelope_sender() -> None:
    question = read(HEADERS)

    assert question.names_a_mail
    assert question.envelope_senders[0].message_id == "0123456789abcdef0123456789abcdef"
    assert question.addresses == ("keiri@example.co.jp",)
    assert question.send_ids == ()


def test_an_envelope_sender_without_its_id_names_no_mail() -> None:
    assert not read("bounce-md~~@m.makeleaps.com とは").names_a_mail


def test_a_single_line_with_a_colon_is_no_header() -> None:
    assert read("Status: bounced").stated is Status.REJECTED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ｾｷｭｱ送信", "セキュア送信"),
        ("Didn’t", "didnt"),
        ('says "sent"', "says sent"),
        ("From の アドレス", "fromのアドレス"),
        ("a\n\tb", "a b"),
        ("送\u200b信", "送信"),
    ],
)
def test_spellings_of_the_same_words_fold_together(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text(max_size=300))
def test_any_text_at_all_is_read(text: str) -> None:
    assert read(text).text == text


@pytest.mark.parametrize(
    "piece", ["送信", "not ", "a@", "拒否されたこと", "1" * 19, "<", "「", "To: ", "= \n"]
)
def test_the_longest_message_of_repetitions_is_read(piece: str) -> None:
    assert len(read(piece * MOST_TEXT).text) == MOST_TEXT


def test_a_pattern_with_groups_of_its_own_finds_whole_ids() -> None:
    question = read_question("id 12-345678 and 98-765432", (), send_id_pattern=r"(\d\d)-(\d{6})")

    assert question.send_ids == ("12-345678", "98-765432")
