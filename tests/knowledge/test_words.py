import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.checks import CHECKS
from bot.checks.kit import Form, Outcome
from bot.core.address import _REPAIRS
from bot.core.case import Cause
from bot.core.delivery import Method, Status
from bot.core.question import fold
from bot.core.words import Language
from bot.library import Library
from bot.library.wording import placeholders

FLAWS = ("empty", "no-at", "domain", "local", "too-long")
INCONCLUSIVE = [outcome for outcome in Outcome if not outcome.conclusive]
CODES: dict[str, list[str]] = {
    "normalise": ["as-written", "repaired"],
    "syntax": list(Form),
    "domain": ["exists", "nxdomain", "alias-nxdomain", *INCONCLUSIVE],
    "mx": [
        *(
            "mx",
            "implicit-mx",
            "null-mx",
            "null-mx-beside-others",
            "no-mail-route",
            "mx-is-ip",
            "mx-is-cname",
        ),
        *("mx-dangling", "mx-partly-dangling", "mx-private", "mx-partly-private", "mx-unseen"),
        *INCONCLUSIVE,
    ],
}
# The facts that every finding of a check has, whatever its code.
FACTS = {
    "normalise": {"address"},
    "syntax": {"address"},
    "domain": {"domain"},
    "mx": {"domain", "hosts", "dangling", "private", "literal", "unseen", "aliases"},
}
MORE_FACTS = {"repaired": {"input", "changes"}, "not-an-address": {"part"}, "alias-nxdomain": {"target"}}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("check", CHECKS)
def test_every_finding_has_words_that_its_facts_fill(
    library: Library, check: str, language: Language
) -> None:
    words = library.words(language)
    for code in CODES[check]:
        facts = FACTS[check] | MORE_FACTS.get(code, set())
        said = words.say(f"finding.{check}.{code}", **dict.fromkeys(facts, "VALUE"))

        assert said
    assert words.say(f"finding.{check}.not-checked", address="", domain="")
    assert words.knows(f"check.{check}")


@pytest.mark.parametrize("language", Language)
def test_what_the_core_names_has_words(library: Library, language: Language) -> None:
    names = [f"change.{name}" for name, _ in _REPAIRS]
    names += [f"part.{name}" for name in FLAWS]
    names += [f"card.cause.{cause}" for cause in Cause]

    assert [name for name in names if not library.words(language).knows(name)] == []


def test_both_languages_have_the_same_names_with_the_same_placeholders(library: Library) -> None:
    ja, en = (library.words(language).texts for language in Language)

    assert ja.keys() == en.keys()
    assert [name for name in ja if placeholders(ja[name]) != placeholders(en[name])] == []


@pytest.mark.parametrize(
    ("language", "moment", "hour", "hours", "days"),
    [
        (Language.JA, "2026/01/05 10:30 JST", "1時間", "30時間", "3日"),
        (Language.EN, "2026-01-05 10:30 JST", "1 hour", "30 hours", "3 days"),
    ],
)
def test_times_are_worded_in_japanese_time(
    *, library: Library, language: Language, moment: str, hour: str, hours: str, days: str
) -> None:
    words = library.words(language)

    assert words.moment(datetime(2026, 1, 5, 1, 30, tzinfo=UTC)) == moment
    assert words.period(timedelta(hours=1)) == hour
    assert words.period(timedelta(hours=30)) == hours
    assert words.period(timedelta(days=3)) == days


@pytest.mark.parametrize(
    ("status", "label"),
    [
        (Status.REJECTED, "メールが宛先のシステムで拒否されました"),
        (
            Status.SUPPRESSED,
            "受信側のシステムによって拒否されたことがあるメールアドレスのため、メールは送信されませんでした",
        ),
        (Status.SENT, "送信済み"),
        (Status.PENDING, "送信結果待ち"),
    ],
)
def test_labels_are_those_of_the_screen_to_the_letter(library: Library, status: Status, label: str) -> None:
    assert library.label(status) == label
    assert library.labels[fold(label)] is status
    assert library.labels[fold(f"{label}")] is status
    assert library.labels[status.value] is status


@pytest.mark.parametrize(
    ("text", "status"),
    [("送付済", Status.SENT), ("送信 済み", Status.SENT), ("ｿｳｼﾝ", None), ("Sent", Status.SENT)],
)
def test_files_may_use_synonyms(library: Library, text: str, status: Status | None) -> None:
    assert library.labels.get(fold(text)) is status


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("セキュア送信", Method.SECURE_SEND),
        ("Secure Send", Method.SECURE_SEND),
        ("取引先受信箱へ送信", Method.CLIENT_INBOX),
        ("client_inbox", Method.CLIENT_INBOX),
    ],
)
def test_methods_are_known_by_label_and_name(library: Library, text: str, method: Method) -> None:
    assert library.methods[fold(text)] is method


@pytest.mark.parametrize("language", Language)
def test_no_word_is_markup(library: Library, language: Language) -> None:
    texts = library.words(language).texts
    bare = {name: re.sub(r"\{\w+\}", "", text) for name, text in texts.items()}

    assert [name for name, text in bare.items() if re.search(r"[*_`<]|&\w+;", text)] == []
