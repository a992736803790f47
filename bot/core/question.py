"""A question: whatever the words say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import TypeVar

from bot.core.address import comparable, domain_of, find_addresses, mask_addresses, plain
from bot.core.delivery import OUR_ENVELOPE_DOMAIN, OUR_HEADER_DOMAIN, Method, Status
from bot.core.section import Section
from bot.core.smtp import EnvelopeSender, find_envelope_senders, mask_envelope_senders
from bot.core.words import Language

SEND_ID_PATTERN = r"\d{19}"  # what MakeLeaps uses; a setting
MOST_SUBJECTS = 10  # more than that in one question is a list, not a question
MOST_TEXT = 40_000  # characters; Slack's own limit for a message
MOST_WORDS = 4_000  # characters; whoever has not said by then what they mean has pasted something
MOST_BETWEEN = 30  # characters that three dots in a phrase stand for

# What a phrase may mean.  A status is *told* ("it says sent"), a section is merely *spoken of* ("the spam
# folder").  "elsewhere" is out of scope whatever else is said: the recipient asks, a mail of another kind is
# meant.  "nothing" takes the meaning from what it contains: "from pending to", "forgot my password".
MEANINGS = frozenset(
    [f"status:{status}" for status in Status]
    + [f"section:{section}" for section in Section]
    + [f"method:{method}" for method in Method]
    + ["condition:own_domain", "condition:password", "elsewhere", "nothing"]
)

# Of several sections spoken of, the first in this order is the question, the others are its occasion: whoever
# wants a person or names the sender wants that, and "it did not arrive" goes with everything.
_TOPICS = (
    Section.SUPPORT,
    Section.SENDER,
    Section.SUPPRESSED,
    Section.REJECTED,
    Section.PENDING,
    Section.SENT,
    Section.STATUS,
    Section.OUT_OF_SCOPE,
    Section.HELP,
)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something people write, and what it means: one of MEANINGS.

    *text* is folded (see `fold`); it begins and ends at the border of a Latin word.  In it ``{a|b}`` stands
    for either, and three dots for at most MOST_BETWEEN characters of the same sentence.
    """

    text: str
    means: str

    @property
    def kind(self) -> str:
        """Return what the meaning is about: phrases of one kind outrank each other, see `_meanings`."""
        name = self.means.partition(":")[0]
        return name if name in {"method", "condition", "nothing"} else "topic"

    @property
    def beginnings(self) -> frozenset[str]:
        """Return the first two characters of all that the phrase stands for; by them it is found."""
        found = {""}
        for choices in _pieces(self.text.partition("...")[0]):
            found = {(start + choice)[:2] for start in found for choice in choices}
        return frozenset(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a text asks about.  *language* is None when the words say nothing of it."""

    text: str
    language: Language | None = None
    send_ids: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    envelope_senders: tuple[EnvelopeSender, ...] = ()
    stated: Status | None = None  # the status that the asker tells
    topic: Section | None = None  # the section that the words name; with a status told, that one's
    method: Method | None = None
    own_domain: bool = False
    password: bool = False
    left_out: int = 0  # subjects beyond MOST_SUBJECTS

    @property
    def names_a_mail(self) -> bool:
        """Tell whether there is anything to look up; an envelope sender without an ID names none."""
        named = any(sender.message_id for sender in self.envelope_senders)
        return bool(self.send_ids or self.addresses or named)


def read_question(
    text: str, phrases: Sequence[Phrase], *, send_id_pattern: str = SEND_ID_PATTERN
) -> Question:
    """Read *text*: IDs, addresses and pasted headers first; what is left of it is words."""
    text = text[:MOST_TEXT]
    readable = plain(text)
    unmarked = mask_envelope_senders(readable)
    senders = find_envelope_senders(readable)
    send_ids = _send_ids(mask_addresses(unmarked), send_id_pattern)
    addresses = _recipients(unmarked)
    words = _words(mask_addresses(unmarked), send_id_pattern)
    # Our own addresses are no recipients; they are words: "is bounce@makeleaps.com you?"
    ours = [*filter(_is_ours, find_addresses(unmarked)), *(sender.address for sender in senders)]
    lexicon = _lexicon(tuple(phrases))
    meanings = _meanings(fold(" ".join([words[:MOST_WORDS], *ours[:MOST_SUBJECTS]])), lexicon)
    stated = _stated(meanings)
    return Question(
        text=text,
        language=_language(words, lexicon),
        send_ids=tuple(send_ids[:MOST_SUBJECTS]),
        addresses=tuple(addresses[:MOST_SUBJECTS]),
        envelope_senders=tuple(senders[:MOST_SUBJECTS]),
        stated=stated,
        topic=Section.of(stated) if stated else _topic(meanings),
        method=next(_named(meanings, Method), None),
        own_domain="condition:own_domain" in meanings,
        password="condition:password" in meanings,
        left_out=max(0, len(send_ids) - MOST_SUBJECTS) + max(0, len(addresses) - MOST_SUBJECTS),
    )


def fold(text: str) -> str:
    """Fold *text* so that spellings of the same words meet: width, case, quotes, spaces beside Japanese."""
    unquoted = _QUOTES.sub("", plain(text))
    folded = re.sub(r"\s+", " ", unquoted).casefold()
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", folded).strip()


_QUOTES = re.compile("[\"'`´‘’“”]")


def _send_ids(text: str, pattern: str) -> list[str]:
    found = re.finditer(rf"(?<![0-9])(?:{pattern})(?![0-9])", text, re.ASCII)
    return list(dict.fromkeys(match.group() for match in found))


# Which header lines of a pasted mail name its recipients; From and its like name us.
_RECIPIENT_LINE = re.compile(
    r"^(?:to|cc|delivered-to|x-original-to|envelope-to|宛先)[ \t]*[::](.*)$", re.I | re.M
)
_HEADER_LINE = re.compile(r"^[A-Za-z][A-Za-z0-9\-]{1,40}:[ \t]", re.M)


def _has_headers(text: str) -> bool:
    """Tell whether *text* holds pasted headers; one line such as "Status: sent" is a sentence."""
    return len(_HEADER_LINE.findall(text)) >= 3


def _recipients(text: str) -> list[str]:
    if _has_headers(text):
        text = "\n".join(_RECIPIENT_LINE.findall(text))
    return [address for address in find_addresses(text) if not _is_ours(address)]


def _is_ours(address: str) -> bool:
    return domain_of(comparable(address)) in {OUR_ENVELOPE_DOMAIN, OUR_HEADER_DOMAIN}


def _words(text: str, send_id_pattern: str) -> str:
    """Return *text* without its links, IDs and header names: what a person worded."""
    without_links = re.sub(r"https?://\S{1,2000}|<[@#!][^>]{1,200}>", " ", text)
    without_headers = _HEADER_LINE.sub(" ", without_links) if _has_headers(text) else without_links
    return re.sub(rf"(?<![0-9])(?:{send_id_pattern})(?![0-9])", " ", without_headers, flags=re.ASCII)


_Name = TypeVar("_Name", bound=StrEnum)


def _stated(meanings: Sequence[str]) -> Status | None:
    """Choose the status told; the words for "suppressed" always speak of an earlier rejection too."""
    told = list(_named(meanings, Status))
    if "elsewhere" in meanings or not told:
        return None
    return Status.SUPPRESSED if Status.SUPPRESSED in told else told[0]


def _topic(meanings: Sequence[str]) -> Section | None:
    if "elsewhere" in meanings:
        return Section.OUT_OF_SCOPE
    named = set(_named(meanings, Section))
    return next((topic for topic in _TOPICS if topic in named), None)


def _named(meanings: Iterable[str], names: type[_Name]) -> Iterator[_Name]:
    kind = f"{names.__name__.lower()}:"
    return (names(meaning.removeprefix(kind)) for meaning in meanings if meaning.startswith(kind))


def _meanings(folded: str, lexicon: _Lexicon) -> list[str]:
    """List what the words mean, each once, in the order in which it is first said.

    A longer phrase outranks what it contains, if they are of one kind: "sent from our own domain" names a
    topic, and a condition inside it.  "nothing" outranks all kinds.
    """
    found: list[str] = []
    furthest: dict[str, int] = {}
    for _, end, phrase in sorted(_matches(folded, lexicon), key=lambda match: (match[0], -match[1])):
        if end > max(furthest.get(phrase.kind, 0), furthest.get("nothing", 0)):
            found.append(phrase.means)
            furthest[phrase.kind] = end
    return list(dict.fromkeys(found))


def _matches(folded: str, lexicon: _Lexicon) -> Iterator[tuple[int, int, Phrase]]:
    for start in range(len(folded)):
        for phrase in lexicon.index.get(folded[start : start + 2], ()):
            if match := _pattern(phrase.text).match(folded, start):
                yield start, match.end(), phrase


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """Phrases by their first two characters, so that a thousand cost no more than a few; Japanese labels."""

    index: Mapping[str, Sequence[Phrase]]
    labels: re.Pattern[str] | None


@lru_cache(maxsize=4)
def _lexicon(phrases: tuple[Phrase, ...]) -> _Lexicon:
    index: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        for beginning in phrase.beginnings:
            index.setdefault(beginning, []).append(phrase)
    told = {phrase.text for phrase in phrases if phrase.means.startswith(("status:", "method:"))}
    literal = [text for text in told if _JAPANESE.match(text) and not _CHOICE_OR_GAP.search(text)]
    labels = "|".join(map(re.escape, sorted(literal, key=len, reverse=True)))
    return _Lexicon(index, re.compile(labels) if labels else None)


_CHOICE_OR_GAP = re.compile(r"\{([^{}]*)\}|\.\.\.")
# Not in the middle of a Latin word or a number.
_BORDER = "(?:(?<![a-z0-9])|(?![a-z0-9]))"
_GAP = rf" ?{_BORDER}(?:(?!\.(?: |$))[^!?。\n]){{0,{MOST_BETWEEN}}}?{_BORDER} ?"


@cache  # by what phrases there are: a thousand or two, each compiled when it is first needed
def _pattern(phrase: str) -> re.Pattern[str]:
    """Compile *phrase*; a match takes no more steps than MOST_BETWEEN to the power of its gaps."""
    parts = [part.strip(" ") for part in phrase.split("...")]
    return re.compile(_BORDER + _GAP.join(map(_choices, parts)) + _BORDER)


def _choices(part: str) -> str:
    groups = (sorted(choices, key=len, reverse=True) for choices in _pieces(part))
    return "".join(f"(?:{'|'.join(map(re.escape, choices))})" for choices in groups)


def _pieces(part: str) -> Iterator[list[str]]:
    """Take *part* of a phrase apart: a list of choices for each stretch; plain text is the only one."""
    for number, piece in enumerate(re.split(r"\{([^{}]*)\}", part)):
        if piece or number % 2:
            yield piece.split("|") if number % 2 else [piece]


_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々]")
_HIRAGANA = re.compile(r"[\u3041-\u3096]")
_ENGLISH_WORD = re.compile(r"[A-Za-z]{2,}")
_QUOTED = re.compile(r"「[^」]{0,80}」|『[^』]{0,80}』")
# Only a sentence in English has these; names of products, firms and people are in any sentence.
_ENGLISH_GRAMMAR = re.compile(
    r"""(?<![a-z])(?:the|an?|is|are|was|were|be|been|am|do|does|did|has|have|had|not|no|never|i|it|its|my|me|we|our
    |im|dont|doesnt|didnt|isnt|wasnt|havent|hasnt|cant|wont|you|your|they|their|them|he|she|to|of|on|in|at|for|from|with|by|and|but|or|if|so|that|this|there|what
    |why|how|where|when|who|which|can|could|should|will|would|please)(?![a-z])""",
    re.IGNORECASE | re.VERBOSE,
)


def _language(words: str, lexicon: _Lexicon) -> Language | None:
    """Judge by the asker's own words: a label copied from the screen is Japanese in any question."""
    quoted_none = fold(_QUOTED.sub(" ", words))
    own_words = lexicon.labels.sub(" ", quoted_none) if lexicon.labels else quoted_none
    english = len(_ENGLISH_WORD.findall(own_words))
    if _JAPANESE.search(own_words):
        # Japanese names stand in English sentences, English terms in Japanese ones: grammar decides.
        grammar = len(_ENGLISH_GRAMMAR.findall(own_words))
        return Language.EN if grammar > len(_HIRAGANA.findall(own_words)) else Language.JA
    if english >= 2:
        return Language.EN
    if _JAPANESE.search(words):
        return Language.JA
    return Language.EN if english else None
