"""Is it an address at all? (RFC 5321 section 4.1.2, RFC 5322 section 3.4.1, RFC 6531)"""

from __future__ import annotations

import re
import unicodedata

import email_validator
from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from bot.checks.kit import Form, Lookups, Subject
from bot.core.address import normalise
from bot.core.finding import Finding, Verdict

# The library's documented switch.  Whether example.test or printer.local takes mail is for the DNS to say.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

# Mobile carriers of Japan.  Until 2009 some gave out addresses that break the RFC, such as
# a..b@docomo.ne.jp; they live on and are never dropped, though many servers refuse to send to them.
_CARRIERS = (
    "docomo.ne.jp",
    "ezweb.ne.jp",
    "au.com",
    "softbank.ne.jp",
    "i.softbank.jp",
    "vodafone.ne.jp",
    "disney.ne.jp",
    "ymobile.ne.jp",
    "willcom.com",
    "pdx.ne.jp",
)
_LONGEST = 254  # octets (RFC 5321 section 4.5.3.1.3: a path of 256, less its angle brackets)
_LONGEST_LOCAL = 64  # octets (section 4.5.3.1.1)
_LONGEST_READ = 1000  # characters; beyond that nobody meant an address, and nothing is validated
_SHOWN = 320  # characters


async def check(subject: Subject, _lookups: Lookups) -> Finding:
    """Say what the written form amounts to, as `read` found it."""
    if subject.flaw:
        facts = {"address": subject.address, "part": subject.flaw}
        return Finding("syntax", Verdict.FAIL, subject.form, facts)
    verdict = Verdict.OK if subject.form is Form.VALID else Verdict.WARN
    return Finding("syntax", verdict, subject.form, {"address": subject.address})


def read(text: str) -> Subject:
    """Read *text* as one address, whatever it is.

    What is wrong with it is named by its part: ``empty``, ``no-at``, ``domain``, ``local``, ``too-long``.
    """
    normalised = normalise(text)
    local, at, domain = normalised.address.rpartition("@")
    ascii_domain, form, flaw = None, Form.NOT_AN_ADDRESS, "no-at" if normalised.address else "empty"
    if at and len(normalised.address) > _LONGEST_READ:
        flaw = "too-long"
    elif at:
        ascii_domain = _ascii_domain(domain)
        form = _form(local, ascii_domain or "")
        flaw = _flaw(local, ascii_domain, form)
    return Subject(
        written=_shown(text),
        address=_shown(normalised.address),
        changes=normalised.changes,
        form=Form.NOT_AN_ADDRESS if flaw else form,
        flaw=flaw or None,
        domain=None if _is_literal(ascii_domain) else ascii_domain,
    )


def _flaw(local: str, ascii_domain: str | None, form: Form) -> str:
    if ascii_domain is None:
        return "domain"
    if len(f"{local}@{ascii_domain}".encode(errors="replace")) > _LONGEST:
        return "too-long"
    return "local" if form is Form.NOT_AN_ADDRESS else ""


def _ascii_domain(domain: str) -> str | None:
    """Return *domain* in A-labels (or an address literal in its brackets), None if it is no domain."""
    validated = _validated("x", domain)
    return validated.ascii_domain.lower() if validated else None


def _form(local: str, ascii_domain: str) -> Form:
    validated = _validated(local, "example.com")
    if validated is None:
        return Form.LEGACY_CARRIER if _is_legacy(local, ascii_domain) else Form.NOT_AN_ADDRESS
    if _is_literal(ascii_domain):
        return Form.ADDRESS_LITERAL
    if local.startswith('"'):
        return Form.QUOTED_LOCAL
    if validated.smtputf8:
        return Form.SMTPUTF8
    return Form.LONG_LOCAL if len(local) > _LONGEST_LOCAL else Form.VALID


def _is_legacy(local: str, ascii_domain: str) -> bool:
    carrier = any(f".{ascii_domain}".endswith(f".{name}") for name in _CARRIERS)
    mended = re.sub(r"\.+", ".", local).strip(".")
    return carrier and mended != local and _validated(mended, ascii_domain) is not None


def _validated(local: str, domain: str) -> ValidatedEmail | None:
    # No DNS: the library's own check takes a SERVFAIL for success.
    try:
        return validate_email(
            f"{local}@{domain}",
            check_deliverability=False,
            allow_domain_literal=True,
            allow_quoted_local=True,
            allow_smtputf8=True,
        )
    except EmailNotValidError:
        return None


def _is_literal(ascii_domain: str | None) -> bool:
    return bool(ascii_domain) and str(ascii_domain).startswith("[")


def _shown(text: str) -> str:
    """Return *text* fit to be shown: shortened, and what cannot be seen as a mark that can."""
    shown = "".join(_seen(character) for character in text[:_SHOWN])
    return f"{shown}…" if len(text) > _SHOWN else shown


def _seen(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"
