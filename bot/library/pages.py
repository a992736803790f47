"""The pages, knowledge/<lang>/*.md: TOML front matter, Jinja2, CommonMark; foreign values go round both.

A value that is put in stands in the text as a token while Jinja2 and CommonMark do their work, and takes its
place in the finished page.  So it can neither format nor link nor start a list, whatever it holds; and a page
is parsed once for each way through its conditions, not for each reader.
"""

from __future__ import annotations

import itertools
import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from jinja2 import (
    Environment,
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateSyntaxError,
    meta,
    pass_context,
)
from jinja2.runtime import Context, Undefined

from bot.core.address import INVISIBLE
from bot.core.answer import Page
from bot.core.delivery import (
    OUR_ENVELOPE_DOMAIN,
    OUR_HEADER_DOMAIN,
    OUR_HEADER_FROM,
    Delivery,
    Method,
    Status,
)
from bot.core.section import Section
from bot.core.words import Words
from bot.library.markdown import UnfitError, read_parts, with_texts
from bot.library.shelfmark import Defects, line_of, parse_toml, read_text

_SEEN = Delivery(
    send_id="1734479364211706503",
    account="A",
    recipient="keiri@example.co.jp",
    status=Status.PENDING,
    method=Method.SECURE_SEND,
    sent_at=datetime(2026, 1, 5, tzinfo=UTC),
    header_from="billing@example.com",
)
_BARE = Delivery(send_id="2", account="A", recipient="a@example.jp", status=Status.SENT)

# What a page may speak of, besides `labels` (status → label) and `language`.  The first value is told when
# nobody says otherwise; every combination of the values that a page uses is tried when the library is opened.
# To add one: name it here with typical values, and fill it in where the desk gathers its variables.
VARIABLES: Mapping[str, tuple[object, ...]] = {
    "delivery": (None, _SEEN, _BARE),
    "deliveries": ((), (_SEEN, _BARE)),
    "method": (None, *Method),  # of the delivery, else from the asker's words
    "own_domain": (False, True),  # True only when the mail carried the customer's own domain
    "password": (None, True, False),  # None: nobody said
    "header_from": (OUR_HEADER_FROM, ""),  # what the recipient sees; empty when it is not known
    "envelope_domain": (OUR_ENVELOPE_DOMAIN,),
    "header_domain": (OUR_HEADER_DOMAIN,),  # of header_from; empty when that is
    "found": (False, True),  # False: the page goes by what the asker wrote, or is general
    "missing": ((), ("1734479364211706503", "a@example.jp")),  # what was asked for and is not to be seen
    "overdue": (False, True),
    "patience": (timedelta(hours=24),),
    "waiting": (None, timedelta(hours=30)),  # how long it has been pending
}
_DEFAULTS = {name: values[0] for name, values in VARIABLES.items()}
_GIVEN = {"labels", "language", "_values"}
# Every section has its page; the last one is told to an asker when a person takes over.
NEEDED = (*Section, "handed-over")

_FRONT_MATTER = re.compile(r"\A\+\+\+\n(.*?)\n\+\+\+\n", re.DOTALL)
_TOKEN = re.compile("\ue000([0-9]+)\ue001")
# Control characters (line breaks among them), separators, halves of characters, and the token's own marks.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ue000\ue001]+")
_LONGEST_VALUE = 320  # characters: the longest address (RFC 5321 section 4.5.3.1); no page quotes more


@dataclass(frozen=True, slots=True)
class _Source:
    """One page as it is kept: *used* are the variables that its templates name."""

    file: Path
    title: Template
    summary: Template
    body: Template
    used: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The pages of one language."""

    words: Words
    labels: Mapping[Status, str]
    sources: Mapping[str, _Source]

    def page(self, name: str, variables: Mapping[str, object]) -> Page:
        """Return the page *name* filled with *variables*."""
        if unknown := variables.keys() - VARIABLES.keys():
            raise TypeError(f"no page speaks of {', '.join(sorted(unknown))}; see VARIABLES")
        values: list[str] = []
        given = {"labels": self.labels, "language": self.words.language, "_values": values}
        context = {**_DEFAULTS, **variables, **given}
        source = self.sources[name]
        title, summary = (" ".join(t.render(context).split()) for t in (source.title, source.summary))
        parts = read_parts(source.body.render(context))
        put_in = partial(_TOKEN.sub, lambda token: values[int(token[1])])
        return Page(name, put_in(title), put_in(summary), with_texts(parts, put_in))


def read_shelf(
    folder: Path, words: Words, labels: Mapping[Status, str], defects: Defects, *, trial: bool
) -> Shelf:
    """Read the pages in *folder*; the *trial* fills each with everything that it may be told."""
    files = {file.stem: file for file in sorted(folder.glob("*.md"))}
    for name in NEEDED:
        if name not in files:
            defects.add(folder / f"{name}.md", "is missing; every language has the same pages")
    texts = {name: read_text(file, defects) for name, file in files.items()}
    environment = _environment(_templates(files, texts, defects), files, words, labels)
    sources = dict(_sources(environment, files, defects))
    shelf = Shelf(words, labels, sources)
    for name, source in sources.items() if trial else ():
        _try(shelf, name, source, texts, defects)
    return shelf


def _templates(files: Mapping[str, Path], texts: Mapping[str, str], defects: Defects) -> dict[str, str]:
    """Take the pages apart; a body keeps the lines above it, empty, so that its lines are the file's."""
    templates: dict[str, str] = {}
    for name, text in texts.items():
        for line in _swallowed_breaks(text):
            defects.add(files[name], "the line break after %} is swallowed; put the tag elsewhere", line=line)
        if name.startswith("_"):  # a fragment that pages include: no page, no front matter
            templates[name] = text
            continue
        front = _FRONT_MATTER.match(text)
        matter = parse_toml(front[1], files[name], defects, above=1) if front else {}
        if not (isinstance(matter.get("title"), str) and isinstance(matter.get("summary"), str)):
            defects.add(
                files[name], "needs title and summary between +++ lines at its very beginning", line=1
            )
            continue
        above = text[: front.end()].count("\n") if front else 0
        templates[name] = "\n" * above + text[front.end() if front else 0 :]
        templates |= {f"{name}/title": matter["title"], f"{name}/summary": matter["summary"]}
    return templates


def _swallowed_breaks(text: str) -> Iterator[int]:
    """List the lines of text that end with a tag: what follows would be joined to them."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.rstrip().endswith("%}") and re.sub(r"\{%.*?%\}", "", line).strip():
            yield number


def _environment(
    templates: Mapping[str, str], files: Mapping[str, Path], words: Words, labels: Mapping[Status, str]
) -> Environment:
    def load(name: str) -> tuple[str, str, None] | None:
        file = files.get(name.partition("/")[0])
        return (templates[name], str(file), None) if name in templates else None

    return Environment(  # noqa: S701  what is made is no HTML, and values go round it
        loader=FunctionLoader(load),
        undefined=StrictUndefined,
        finalize=_put_in(words, labels),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        cache_size=-1,
    )


def _put_in(words: Words, labels: Mapping[Status, str]) -> Callable[[Context, object], str]:
    @pass_context
    def put_in(context: Context, value: object) -> str:
        """Keep *value* for later and return its token."""
        if isinstance(value, Undefined):
            return str(value)  # raises what is wrong
        values: list[str] = context["_values"]
        values.append(_harmless(_worded(value, words, labels)))
        return f"\ue000{len(values) - 1}\ue001"

    return put_in


def _worded(value: object, words: Words, labels: Mapping[Status, str]) -> str:
    match value:
        case None:
            raise ValueError("None is put in: ask first with {% if … %}")
        case datetime():
            return words.moment(value)
        case timedelta():
            return words.period(value)
        case Status():
            return labels[value]
        case Method():
            return words.say(f"method.{value}")
    return str(value)


def _harmless(text: str) -> str:
    line = _UNPRINTABLE.sub(" ", INVISIBLE.sub("", text))
    return f"{line[:_LONGEST_VALUE]}…" if len(line) > _LONGEST_VALUE else line


def _sources(
    environment: Environment, files: Mapping[str, Path], defects: Defects
) -> Iterator[tuple[str, _Source]]:
    for name, file in files.items():
        if name.startswith("_"):
            continue
        try:
            named = frozenset().union(*(_named(environment, part) for part in _parts_of(name)))
            title, summary, body = map(environment.get_template, _parts_of(name))
        except TemplateSyntaxError as error:
            defects.add(Path(error.filename or file), error.message or "syntax error", line=error.lineno)
        except TemplateError as error:
            if not defects:  # else its front matter is missing, which was said
                defects.add(file, f"{error} cannot be included; name a fragment of this folder")
        else:
            unknown = sorted(named - VARIABLES.keys() - _GIVEN)
            for variable in unknown:
                defects.add(file, f"{variable} is no variable of pages; they have {', '.join(VARIABLES)}")
            if not unknown:
                yield name, _Source(file, title, summary, body, named)


def _parts_of(name: str) -> tuple[str, str, str]:
    return f"{name}/title", f"{name}/summary", name


def _named(environment: Environment, name: str) -> frozenset[str]:
    """Return the variables that the template *name* and what it includes speak of."""
    assert environment.loader  # noqa: S101  _environment gave it one
    source, filename, _ = environment.loader.get_source(environment, name)
    tree = environment.parse(source, name, filename)
    included = [part for part in meta.find_referenced_templates(tree) if part]
    return frozenset(meta.find_undeclared_variables(tree)).union(
        *(_named(environment, part) for part in included)
    )


def _try(shelf: Shelf, name: str, source: _Source, texts: Mapping[str, str], defects: Defects) -> None:
    """Render the page with every combination of what it speaks of."""
    used = sorted(source.used & VARIABLES.keys())
    for values in itertools.product(*(VARIABLES[variable] for variable in used)):
        try:
            shelf.page(name, dict(zip(used, values, strict=True)))
        except UnfitError as error:
            near = _TOKEN.split(error.near)[0].splitlines()[:1]
            defects.add(source.file, str(error), line=line_of(texts[name], near[0]) if near else None)
        except (TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            frames = [
                frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".md")
            ]
            file = Path(frames[-1].filename) if frames else source.file
            defects.add(file, f"{error}; mend the expression", line=frames[-1].lineno if frames else None)
