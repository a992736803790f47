"""What people write, and what they mean by it: knowledge/<lang>/phrases.toml."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bot.core.question import MEANINGS, Phrase, fold
from bot.library.shelfmark import Defects, line_of, parse_toml, read_text

_KEYS = {"means", "any", "examples"}
_SHORTEST = 2  # characters: phrases are looked up by their first two


def read_phrases(file: Path, defects: Defects) -> tuple[Phrase, ...]:
    """Read *file*: tables ``[[phrase]]`` with ``means``, ``any`` and ``examples``, which are tests."""
    text = read_text(file, defects)
    tables = parse_toml(text, file, defects).get("phrase", [])
    return tuple(phrase for table in tables for phrase in _phrases(table, text, file, defects))


def merged(groups: Iterable[Sequence[Phrase]], defects: Defects) -> tuple[Phrase, ...]:
    """Put *groups* together, each phrase once; the same words cannot mean two things of one kind."""
    meanings: dict[tuple[str, str], str] = {}
    for phrase in itertools.chain.from_iterable(groups):
        other = meanings.setdefault((phrase.text, phrase.kind), phrase.means)
        if other != phrase.means:
            file = defects.folder / "<lang>" / "phrases.toml"
            defects.add(file, f"{phrase.text!r} means {other} and {phrase.means}; take it out of one")
    return tuple(Phrase(text, means) for (text, _), means in meanings.items())


def _phrases(table: dict[str, Any], text: str, file: Path, defects: Defects) -> Iterator[Phrase]:
    means = table.get("means", "")
    at = line_of(text, f'means = "{means}"')
    if means not in MEANINGS:
        defects.add(file, f"means = {means!r} is none of: {', '.join(sorted(MEANINGS))}", line=at)
    if extra := table.keys() - _KEYS:
        defects.add(file, f"unknown {', '.join(sorted(extra))}; a phrase has means, any, examples", line=at)
    for written in table.get("any", []):
        phrase = Phrase(fold(written), means)
        if flaw := _flaw(phrase):
            defects.add(file, f"{written!r} {flaw}", line=line_of(text, f'"{written}"'))
        yield phrase


def _flaw(phrase: Phrase) -> str | None:
    parts = phrase.text.split("...")
    if any(part.count("{") != part.count("}") for part in parts):
        return "has braces that do not match, or dots between them; write it as two phrases"
    if any(len(beginning) < _SHORTEST for beginning in phrase.beginnings):
        return "can begin with fewer than two characters; say more"
    return None
