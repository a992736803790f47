"""Every phrase table carries its own tests: the examples in knowledge/<lang>/phrases.toml."""

import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.delivery import Method, Status
from bot.core.diagnosis import diagnose
from bot.core.question import Question, read_question
from bot.core.section import Section
from bot.core.words import Language
from bot.library import KNOWLEDGE, Library

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def examples() -> list[tuple[Language, str, str]]:
    return [
        (language, table["means"], example)
        for language in Language
        for table in tomllib.loads((KNOWLEDGE / language / "phrases.toml").read_text("utf-8"))["phrase"]
        for example in table["examples"]
    ]


EXAMPLES = examples()


def says(question: Question, means: str) -> bool:
    """Tell whether *question* was read as *means*, and as nothing more."""
    kind, _, name = means.partition(":")
    unstated = question.stated is None
    match kind:
        case "status":
            return question.stated is Status(name)
        case "section":
            return unstated and question.topic is Section(name)
        case "method":
            return question.method is Method(name)
        case "condition":
            return getattr(question, name) is True
        case "elsewhere":
            return unstated and question.topic is Section.OUT_OF_SCOPE
    return unstated and question.topic is None and not (question.own_domain or question.password)


@pytest.mark.parametrize(("language", "means", "example"), EXAMPLES)
def test_an_example_is_read_as_its_table_says(
    library: Library, language: Language, means: str, example: str
) -> None:
    question = read_question(example, library.phrases)

    assert says(question, means), question
    assert question.language in {language, None}


@pytest.mark.parametrize("language", Language)
def test_there_are_examples_for_everything_that_can_be_meant(language: Language) -> None:
    meant = {means for spoken, means, _ in EXAMPLES if spoken is language}
    expected = {f"status:{status}" for status in Status} | {f"method:{method}" for method in Method}
    expected |= {f"section:{section}" for section in Section if section is not Section.NOT_FOUND}

    assert expected - meant == set()
    assert sum(spoken is language for spoken, _, _ in EXAMPLES) >= 120


@pytest.mark.parametrize("status", Status)
def test_the_label_of_the_screen_tells_its_status_in_any_sentence(library: Library, status: Status) -> None:
    label = library.label(status)

    for text in (label, f"「{label}」と出ました", f"It shows {label}, why?", f" {label}。"):
        assert read_question(text, library.phrases).stated is status


# What decides when several things are said.
@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("送信済みなのに届かない", Section.SENT),  # a status told outranks "did not arrive"
        ("迷惑メールに入っていて届かない", Section.SENT),
        ("届かないのでサポートと話したい", Section.SUPPORT),  # a wish outranks its occasion
        ("届かないので送信元アドレスを教えて", Section.SENDER),
        (
            "ログインできず、請求書が届いたか分からない",
            Section.STATUS,
        ),  # out of scope: only if nothing else is said
        ("送信結果待ちから送信済みに変わったのに届かない", Section.SENT),
        ("メールドメイン指定で送ったメールが届かない", Section.STATUS),
        ("パスワード再設定のメールが届かない", Section.OUT_OF_SCOPE),  # a mail of another kind
        ("The mail was not sent because it bounced before", Section.SUPPRESSED),
        ("My contact at the client says the invoice never arrived", Section.STATUS),
        ("Does it support tax rates?", Section.OUT_OF_SCOPE),
        ("Our customer called: the quote is missing", Section.STATUS),
        ("", Section.HELP),
        ("???", Section.HELP),
    ],
)
def test_the_more_specific_thing_said_decides(library: Library, text: str, section: Section) -> None:
    question = read_question(text, library.phrases)

    assert diagnose(question, (), (), now=NOW, patience=timedelta(hours=24)).section is section
