"""A library with defects does not open, and says all that is wrong with it."""

import shutil
from pathlib import Path

import pytest

from bot.library import KNOWLEDGE, Library, LibraryError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KNOWLEDGE, tmp_path / "knowledge"))


def refusal(folder: Path) -> str:
    with pytest.raises(LibraryError) as refused:
        Library.open(folder)
    return str(refused.value)


def change(folder: Path, name: str, old: str, new: str) -> None:
    file = folder / name
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


BODY = "+++\ntitle = 'T'\nsummary = 'S.'\n+++\n"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("no front matter", "ja/help.md:1: needs title and summary"),
        ("+++\ntitle = 1\nsummary = 'S'\n+++\n", "ja/help.md:1: needs title and summary"),
        ("+++\ntitle = 'T\n+++\nx", "ja/help.md:2: not TOML"),
        (BODY + "{% if %}", "ja/help.md:5: "),
        (BODY + "- a{% if found %}b{% endif %}\n- c", "ja/help.md:5: the line break after"),
        (BODY + "\n{{ recipient }}", "recipient is no variable of pages"),
        (BODY + "\n\n{{ delivery.recipent }}", "ja/help.md:7: "),
        (BODY + "{{ waiting }}", "ja/help.md:5: None is put in"),
        (BODY + "{% include '_nothing' %}", "_nothing"),
        (BODY + "text\n\n![picture](y)", "ja/help.md:7: image"),
        (BODY + "[text](https://example.jp)", "link"),
        (BODY + "<https://example.jp>", "link"),
        (BODY + "a <b>word</b>", "html inline"),
        (BODY + "<div>\nx\n</div>", "html block"),
        (BODY + "| a |\n|---|\n| b |", "table"),
        (BODY + "- a\n  - b", "bullet list"),
        (BODY + "- # a", "heading"),
        (BODY + "> a", "blockquote"),
        (BODY + "```\na\n```", "fence"),
        (BODY + "a *b* c", "em"),
        (BODY + "あ**「い」**う", "ja/help.md:5: * stays visible"),
    ],
)
def test_a_page_with_a_defect_is_named_with_its_line(folder: Path, body: str, complaint: str) -> None:
    (folder / "ja" / "help.md").write_text(body, "utf-8")

    assert complaint in refusal(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "complaint"),
    [
        ("en/words.toml", 'button.yes = "Yes"\n', "", "en/words.toml: button.yes is missing"),
        ("en/words.toml", 'button.yes = "Yes"', 'button.yes = ""', "button.yes is no text"),
        ("en/words.toml", 'who.asker = "You"', "who.asker = 1", "who.asker is no text"),
        ("en/words.toml", "Source: {source}", "Source: {origin}", "answer.source has different placeholders"),
        ("en/words.toml", "Source: {source}", "Source: {source.x}", "a placeholder is a plain name"),
        ("en/words.toml", "Source: {source}", "Source: {source", "odd braces"),
        ("ja/words.toml", 'button.yes = "はい"', f'button.yes = "{"は" * 76}"', "Slack takes 75"),
        ("ja/words.toml", 'next.wait = "', 'next.weight = "', "next.wait is missing"),
        ("ja/words.toml", "period.days = ", "period.days = = ", "not TOML"),
        ("labels.toml", 'label = "送信済み"', "", "[status.sent] has no label"),
        ("labels.toml", "[status.sent]", "[status.gone]\n[status.sent]", "there is no such status"),
        ("labels.toml", '"送信済"', '"送信結果待ち"', "stands for sent and for pending"),
        ("ja/phrases.toml", '"section:help"', '"section:halp"', "ja/phrases.toml:"),
        ("ja/phrases.toml", '"配信済み"', '"済"', "fewer than two characters"),
        ("ja/phrases.toml", '"配信済み"', '"配信{済|…済み}"', "braces that do not match"),
        (
            "ja/phrases.toml",
            '"配信済み"',
            '"メールは送信されませんでした"',
            "status:suppressed and status:sent",
        ),
        ("ja/phrases.toml", "any = [", "some = []\nany = [", "unknown some"),
    ],
)
def test_a_defect_in_words_labels_or_phrases_is_named(
    folder: Path, name: str, old: str, new: str, complaint: str
) -> None:
    change(folder, name, old, new)

    assert complaint in refusal(folder)


def test_all_defects_are_named_at_once(folder: Path) -> None:
    (folder / "en" / "sent.md").unlink()
    (folder / "ja" / "help.md").write_text("nothing", "utf-8")
    (folder / "ja" / "support.md").write_bytes(b"+++\n\xff")

    said = refusal(folder)

    assert "knowledge/en/sent.md: is missing" in said
    assert "knowledge/ja/help.md:1: needs title" in said
    assert "knowledge/ja/support.md: byte 4 is not UTF-8" in said


def test_a_folder_that_is_not_there_is_a_library_error(tmp_path: Path) -> None:
    assert "cannot be read" in refusal(tmp_path / "nowhere")


def test_pages_saved_by_windows_editors_are_read(folder: Path) -> None:
    file = folder / "ja" / "help.md"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))

    assert Library.open(folder).phrases
