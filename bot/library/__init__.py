"""The library: what a person reads is fetched here, from knowledge/, checked as a whole when it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.core.answer import Page
from bot.core.delivery import Method, Status
from bot.core.question import Phrase
from bot.core.words import Language, Words
from bot.library.labels import Labels, read_labels
from bot.library.pages import Shelf, read_shelf
from bot.library.phrases import merged, read_phrases
from bot.library.shelfmark import Defects
from bot.library.wording import compare_words, read_words

KNOWLEDGE = Path(__file__).resolve().parent.parent.parent / "knowledge"


class LibraryError(Exception):
    """knowledge/ cannot be used; the message names every defect: file, line, what is wrong, the cure."""


@dataclass(frozen=True, slots=True)
class Library:
    """Everything in knowledge/, read and checked.

    *phrases* are those of all languages together, because questions mix them.
    """

    phrases: tuple[Phrase, ...]
    _labels: Labels
    _words: Mapping[Language, Words]
    _shelves: Mapping[Language, Shelf]

    @classmethod
    def open(cls, folder: Path = KNOWLEDGE, *, trial: bool = True) -> Library:
        """Read *folder*; raise LibraryError, which names all that is wrong with it.

        The *trial* fills every page with everything that it may be told; it takes longer than all the rest.
        """
        defects = Defects(folder)
        labels = read_labels(folder / "labels.toml", defects)
        words = {language: read_words(folder, language, defects) for language in Language}
        compare_words(words, defects)
        phrases = [read_phrases(folder / language / "phrases.toml", defects) for language in Language]
        everything = merged([labels.phrases, *phrases], defects)
        # Pages put words and labels in: with those broken, every page would be blamed too.
        shelves = {} if defects else _shelves(folder, words, labels, defects, trial=trial)
        if defects:
            raise LibraryError(str(defects))
        return cls(everything, labels, words, shelves)

    @property
    def labels(self) -> Mapping[str, Status]:
        """Return what files call the statuses, folded: labels, synonyms, error messages, our own names."""
        return self._labels.statuses

    @property
    def methods(self) -> Mapping[str, Method]:
        """Return what files call the sending methods, folded."""
        return self._labels.methods

    def label(self, status: Status) -> str:
        """Return *status* as the screen words it, verbatim."""
        return self._labels.verbatim[status]

    def words(self, language: Language) -> Words:
        """Return the words of *language*."""
        return self._words[language]

    def page(self, name: str, language: Language, **variables: object) -> Page:
        """Return the page *name*, filled with *variables*: any of pages.VARIABLES.

        Raise KeyError for a page and TypeError for a variable that there is not: defects, never an asker's.
        """
        return self._shelves[language].page(name, variables)


def _shelves(
    folder: Path, words: Mapping[Language, Words], labels: Labels, defects: Defects, *, trial: bool
) -> dict[Language, Shelf]:
    return {
        language: read_shelf(folder / language, words[language], labels.verbatim, defects, trial=trial)
        for language in Language
    }
