"""The short words by name, knowledge/<lang>/words.toml: read, and compared between the languages."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.core.delivery import Method, Status
from bot.core.diagnosis import STEPS, Actor
from bot.core.finding import Verdict
from bot.core.words import Language, Words
from bot.library.shelfmark import Defects, line_of, parse_toml, read_text

# What Slack takes in such a place (https://docs.slack.dev/reference/block-kit), in characters.
_LONGEST = {
    re.compile(r"button\..*|menu\..*"): 75,
    re.compile(r"(.*\.dialog|details)\.title|.*dialog\.(cancel|close|submit)"): 24,
    re.compile(r"home\.title|card\.title"): 150,
}
# What the core names by itself; every other name is looked for by tests of whoever says it.
NEEDED = frozenset(
    [f"status.{name}" for name in Status]
    + [f"method.{name}" for name in Method]
    + [f"verdict.{name}" for name in Verdict]
    + [f"who.{name}" for name in Actor]
    + [f"next.{step.what}" for steps in STEPS.values() for step in steps]
    + ["next.support-takes-over", "next.correct-address", "next.send-again-corrected"]
    + ["format.moment", "format.list-separator", "period.days", "period.hours", "period.minutes"]
)


def read_words(folder: Path, language: Language, defects: Defects) -> Words:
    """Read the words of *language* below *folder*."""
    file = folder / language / "words.toml"
    text = read_text(file, defects)
    texts: dict[str, str] = {}
    for name, value in _flat(parse_toml(text, file, defects)):
        if isinstance(value, str) and value:
            texts[name] = value
            for flaw in _flaws(name, value):
                defects.add(file, f"{name} {flaw}", line=line_of(text, name))
        else:
            defects.add(file, f"{name} is no text; put it in quotation marks", line=line_of(text, name))
    for name in sorted(NEEDED - texts.keys()) if text else []:
        defects.add(file, f"{name} is missing; write it in every language")
    return Words(language, texts)


def compare_words(words: Mapping[Language, Words], defects: Defects) -> None:
    """Find what is said in one language only, or with other placeholders."""
    everything = {name for some in words.values() for name in some.texts}
    for language, some in words.items():
        file = defects.folder / language / "words.toml"
        for name in sorted(everything - some.texts.keys() if some.texts else ()):
            defects.add(file, f"{name} is missing; another language has it")
    for name in sorted(everything):
        compared = {language: _comparable(some.texts.get(name)) for language, some in words.items()}
        found = {language: names for language, names in compared.items() if names is not None}
        if len(set(found.values())) > 1:
            shown = ", ".join(f"{language} {sorted(names)}" for language, names in found.items())
            file = defects.folder / "<lang>" / "words.toml"
            defects.add(file, f"{name} has different placeholders: {shown}; they must be the same")


def placeholders(text: str) -> frozenset[str]:
    """Return the names in braces in *text*.  Raise ValueError for unbalanced braces."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def _comparable(text: str | None) -> frozenset[str] | None:
    try:
        return None if text is None else placeholders(text)
    except ValueError:
        return None  # reported when it was read


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _flaws(name: str, text: str) -> Iterator[str]:
    try:
        odd = [field for field in placeholders(text) if not field.isidentifier()]
    except ValueError as error:
        yield f"has odd braces ({error}); write {{{{ for a brace that is text"
        return
    if odd:
        yield f"has the placeholder {{{odd[0]}}}; a placeholder is a plain name"
    limits = [limit for pattern, limit in _LONGEST.items() if pattern.fullmatch(name)]
    if limits and len(text) > min(limits):
        yield f"has {len(text)} characters; Slack takes {min(limits)} there"
