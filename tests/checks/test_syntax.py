"""What is an address, and what is not."""

from __future__ import annotations

import pytest

from bot.checks.kit import Form
from bot.checks.syntax import read


@pytest.mark.parametrize(
    ("text", "form", "domain"),
    [
        ("taro@example.co.jp", Form.VALID, "example.co.jp"),
        ("Taro+Tag@Example.JP", Form.VALID, "example.jp"),
        ("o'brien@example.ie", Form.VALID, "example.ie"),
        ("taro@printer.local", Form.VALID, "printer.local"),
        ("taro@example.test", Form.VALID, "example.test"),
        ("taro@example.invalid", Form.VALID, "example.invalid"),
        ("taro@例え.jp", Form.VALID, "xn--r8jz45g.jp"),
        ("taro@xn--r8jz45g.jp", Form.VALID, "xn--r8jz45g.jp"),
        ("taro@straße.example", Form.VALID, "xn--strae-oqa.example"),
        ("a..b@docomo.ne.jp", Form.LEGACY_CARRIER, "docomo.ne.jp"),
        (".a@ezweb.ne.jp", Form.LEGACY_CARRIER, "ezweb.ne.jp"),
        ("a.@DOCOMO.ne.jp", Form.LEGACY_CARRIER, "docomo.ne.jp"),
        ("a..b..@t.vodafone.ne.jp", Form.LEGACY_CARRIER, "t.vodafone.ne.jp"),
        ("a.b@docomo.ne.jp", Form.VALID, "docomo.ne.jp"),
        ("user@[192.0.2.1]", Form.ADDRESS_LITERAL, None),
        ("user@[IPv6:2001:db8::1]", Form.ADDRESS_LITERAL, None),
        ('"a b"@example.jp', Form.QUOTED_LOCAL, "example.jp"),
        ('"a@b"@example.jp', Form.QUOTED_LOCAL, "example.jp"),
        ('"a..b"@docomo.ne.jp', Form.QUOTED_LOCAL, "docomo.ne.jp"),
        ("太郎@example.jp", Form.SMTPUTF8, "example.jp"),
        (f"{'a' * 65}@example.jp", Form.LONG_LOCAL, "example.jp"),
    ],
)
def test_an_address_is_known_by_its_form(text: str, form: Form, domain: str | None) -> None:
    subject = read(text)

    assert (subject.form, subject.domain, subject.flaw) == (form, domain, None)


@pytest.mark.parametrize(
    ("text", "part", "domain"),
    [
        ("", "empty", None),
        (" 　\u200b", "empty", None),
        ("taro", "no-at", None),
        ("@example.jp", "local", "example.jp"),
        ("taro yamada@example.jp", "local", "example.jp"),
        ("a@b@example.jp", "local", "example.jp"),
        ("a..b@example.jp", "local", "example.jp"),
        (".a@example.jp", "local", "example.jp"),
        ("a.@notdocomo.ne.jp", "local", "notdocomo.ne.jp"),
        ("a.@docomo.ne.jp.example", "local", "docomo.ne.jp.example"),
        (".@docomo.ne.jp", "local", "docomo.ne.jp"),
        ("a\x00b@example.jp", "local", "example.jp"),
        ("a b@[192.0.2.1]", "local", None),
        ("taro@", "domain", None),
        ("taro@localhost", "domain", None),
        ("taro@192.0.2.1", "domain", None),
        ("taro@[192.0.2.999]", "domain", None),
        ("taro@-example.jp", "domain", None),
        ("taro@exa mple.jp", "domain", None),
        ("taro@example..jp", "domain", None),
        ("taro@\ud800.jp", "domain", None),
        (f"taro@{'a' * 64}.jp", "domain", None),
        (f"taro@{'a.' * 127}jp", "domain", None),
        (f"{'a' * 250}@example.jp", "too-long", "example.jp"),
        (f"taro@{'例え.' * 24}jp", "domain", None),
        (f"{'a' * 40_000}@example.jp", "too-long", None),
        (f"taro@{'a.' * 20_000}jp", "too-long", None),
    ],
)
def test_what_is_no_address_says_which_part_is_wrong(text: str, part: str, domain: str | None) -> None:
    subject = read(text)

    assert (subject.form, subject.flaw, subject.domain) == (Form.NOT_AN_ADDRESS, part, domain)


def test_what_is_shown_of_a_subject_is_short_and_can_be_seen() -> None:
    subject = read("\x1b[31m\u202e" + "a" * 40_000)

    assert subject.written.startswith("\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}a")
    assert len(subject.written) == len(subject.address) == 321


def test_the_repairs_are_kept_for_show() -> None:
    subject = read("山田　<ｔａｒｏ＠example。jp>")

    assert subject.written == "山田　<ｔａｒｏ＠example。jp>"
    assert subject.address == "taro@example.jp"
    assert subject.changes == ("full-width-narrowed", "display-name-removed", "dots-narrowed")
