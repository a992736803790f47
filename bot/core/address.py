"""A mail address as people really write it, and what had to be repaired.

(RFC 5321 section 4.1.2, RFC 5322 section 3.4, RFC 6068; UAX #15 for the full-width forms.)
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import groupby, islice
from urllib.parse import unquote

# Zero-width and direction marks come along with copy and paste; soft hyphens and BOMs too.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

# In running text "|" parts the two halves of Slack's <mailto:a@b.jp|a@b.jp>, and "/" parts alternatives;
# mailboxes with them died out with X.400.
_ATEXT = r"A-Za-z0-9!#$%&'*+=?^_`{}~.\-"
# The domain may be followed by Japanese at once, but not by a Latin letter with an accent: that is an IDN.
_ASCII_DOMAIN = r"(?>[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)(?![\u00c0-\u024f])"
_UNICODE_DOMAIN = r"(?:[\w\-]{1,63}\.){1,8}[A-Za-z][A-Za-z0-9\-]{1,62}"
# Linear: a run of local-part characters is taken whole, with a domain or without, and never entered again.
_RUN = re.compile(
    rf"""(?:"[^"\\\s@]{{1,62}}"(?=@)|[{_ATEXT}]++)(?P<domain>@(?:{_ASCII_DOMAIN}|{_UNICODE_DOMAIN}))?"""
)
# Around an address: markup, quotes and "=" of logs and JSON, "to=" of links.  Not "prvs=" (BATV) nor the
# "=" inside a VERP address, and not one leading dot: old au addresses have that.
_BEFORE_LOCAL = re.compile(r"[='`{}~*?!&]*(?:(?:to|from|e?mail|address|rcpt|recipient|user)=)?['`]?", re.I)
# A 。 belongs to a domain only if that is written with it from its first dot on; else it ends a sentence.
_IDEOGRAPHIC_DOMAIN = re.compile(r"@[A-Za-z0-9\-]+。[A-Za-z0-9\-。.]+")
_ELLIPSES = str.maketrans("…‥", "  ")  # NFKC would make them dots of the local part


@dataclass(frozen=True, slots=True)
class Normalised:
    """One address, repaired, with the names of the repairs in the order in which they were made."""

    address: str
    changes: tuple[str, ...] = ()


def plain(text: str) -> str:
    """Return *text* as it was meant: full-width forms narrowed, invisible characters gone."""
    return _narrowed(_without_invisible(text))


def normalise(text: str) -> Normalised:
    """Read *text* as one address: full-width, invisible, `mailto:`, display name, brackets are repaired.

    Repairs are those that leave no doubt: a space inside the local part stays, and is a syntax error.
    """
    changes: dict[str, None] = {}
    for _ in range(_ROUNDS):
        before = text
        for name, repair in _REPAIRS:
            repaired = repair(text)
            if repaired != text:
                changes[name] = None
            text = repaired
        if text == before:
            break
    return Normalised(text, tuple(changes))


def find_addresses(text: str) -> list[str]:
    """List the addresses in running *text*, each once, in order of appearance, without their wrapping."""
    found: dict[str, str] = {}
    for run in _RUN.finditer(_readable(text)):
        address = _trimmed(run.group()) if run["domain"] else "@"
        if not address.startswith("@"):
            found.setdefault(comparable(address), address)
    return list(found.values())


def mask_addresses(text: str) -> str:
    """Blank out every address in *text*, so that its digits and words are not read as something else."""
    return _RUN.sub(lambda run: " " if run["domain"] else run.group(), _readable(text))


def comparable(address: str) -> str:
    """Return the form in which two addresses are compared: the store's key.

    RFC 5321 section 2.4 leaves the local part's case to its host; no host that matters tells cases apart.
    """
    return plain(plain(address).casefold()).casefold().strip()


def domain_of(address: str) -> str:
    """Return what stands behind the last ``@``, or an empty string."""
    return address.rpartition("@")[2] if "@" in address else ""


def _readable(text: str) -> str:
    return _IDEOGRAPHIC_DOMAIN.sub(
        lambda domain: domain[0].replace("。", "."), plain(text.translate(_ELLIPSES))
    )


def _trimmed(found: str) -> str:
    local, _, domain = found.rpartition("@")
    return f"{_BEFORE_LOCAL.sub('', local, count=1)}@{domain.strip('-')}"


def _without_invisible(text: str) -> str:
    return INVISIBLE.sub("", text)


def _narrowed(text: str) -> str:
    """NFKC, with 30 combining marks in a row at most (UAX #15-D4): sorting more takes quadratic time."""
    if text.isascii():
        return text
    decomposed = "".join([unicodedata.normalize("NFKD", character) for character in text])
    runs = groupby(decomposed, key=lambda character: unicodedata.combining(character) > 0)
    return unicodedata.normalize(
        "NFKC", "".join("".join(islice(run, 30) if mark else run) for mark, run in runs)
    )


def _without_name(text: str) -> str:
    """Take the address out of ``"Taro" <a@b.jp>``, and out of the older form ``a@b.jp (Taro)``."""
    name, bracket, rest = text.rstrip(_SPACE_AND_COMMA).rpartition("<")
    if bracket and name.strip() and rest.endswith(">") and "@" in rest:
        return rest[:-1].strip()
    address, bracket, comment = text.rstrip().partition(" (")
    return address if bracket and comment.endswith(")") and "@" in address else text


def _without_mailto(text: str) -> str:
    prefix = _MAILTO.match(text)
    if not prefix:
        return text
    # Slack writes <mailto:a@b.jp|a@b.jp>, a link may end in ?subject=… and have its "+" as %2B.
    return unquote(text[prefix.end() :].partition("|")[0].partition("?")[0])


def _unwrapped(text: str) -> str:
    closing = _CLOSING if "@[" in text else _CLOSING + "]"  # the bracket of user@[192.0.2.1] is its own
    text = text.strip(_WRAPPING).rstrip(_AFTER_DOMAIN + closing)
    return text if '"@' in text else text.lstrip('"' + _WRAPPING)


def _with_dots(text: str) -> str:
    local, at, domain = text.rpartition("@")
    return f"{local}{at}{domain.replace('。', '.')}" if at else text


def _without_spaces(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not at:
        return text.strip()
    return f"{local.strip()}@{'.'.join(label.strip() for label in domain.split('.'))}"


_ROUNDS = 8  # one repair may lay another one bare; what needs more than this is no address
_MAILTO = re.compile(r"[\s<]*+(?:mailto:\s*+)++", re.IGNORECASE)
_SPACE_AND_COMMA = " \t\r\n,;"
_CLOSING = ">)}」』】〉》'`\""
_WRAPPING = "<([{「『【〈《'`,;:、。 \t\r\n"  # before an address; a dot or a quotation mark may be its own
_AFTER_DOMAIN = ",;:、。.!? \t\r\n"
_REPAIRS = (
    ("invisible-removed", _without_invisible),
    ("full-width-narrowed", _narrowed),
    ("display-name-removed", _without_name),
    ("mailto-removed", _without_mailto),
    ("wrapping-removed", _unwrapped),
    ("dots-narrowed", _with_dots),
    ("spaces-removed", _without_spaces),
)
