"""CommonMark, as far as a chat can show it: paragraphs, headings, flat lists, bold, code. (https://spec.commonmark.org)"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.core.answer import Heading, Items, Line, Paragraph, Part, Span

# HTML and tables are understood so that they can be refused, not shown as if they were meant to be text.
_MARKDOWN = MarkdownIt("commonmark").enable("table")


class UnfitError(ValueError):
    """The text has something that a page cannot have; *near* is a piece of it."""

    def __init__(self, what: str, near: str = "") -> None:
        super().__init__(what)
        self.near = near


@lru_cache(maxsize=4096)
def read_parts(text: str) -> tuple[Part, ...]:
    """Read *text* as the parts of a page; raise UnfitError."""
    return tuple(map(_part, SyntaxTreeNode(_MARKDOWN.parse(text)).children))


def with_texts(parts: tuple[Part, ...], change: Callable[[str], str]) -> tuple[Part, ...]:
    """Return *parts* with the text of every span changed by *change*."""

    def changed(line: Line) -> Line:
        return tuple(Span(change(span.text), span.bold, span.code) for span in line)

    return tuple(
        Items(tuple(map(changed, part.lines)), part.numbered)
        if isinstance(part, Items)
        else type(part)(changed(part.line))
        for part in parts
    )


def _part(node: SyntaxTreeNode) -> Part:
    match node.type:
        case "paragraph":
            return Paragraph(_line(node))
        case "heading":
            return Heading(_line(node))
        case "bullet_list" | "ordered_list":
            lines = tuple(map(_item, node.children))
            return Items(lines, numbered=node.type == "ordered_list")
    raise _unfit(node)


def _item(node: SyntaxTreeNode) -> Line:
    first, *rest = node.children or [node]
    if first.type != "paragraph":
        raise _unfit(first)
    if rest:
        raise _unfit(rest[0])
    return _line(first)


def _line(node: SyntaxTreeNode) -> Line:
    spans: list[Span] = []
    for child in node.children[0].children if node.children else []:
        for span in _spans(child):
            if spans and (spans[-1].bold, spans[-1].code) == (span.bold, span.code):
                spans[-1] = replace(span, text=spans[-1].text + span.text)
            else:
                spans.append(span)
    return tuple(replace(span, text=_joined(span.text)) for span in spans)


def _spans(node: SyntaxTreeNode) -> list[Span]:
    match node.type:
        case "text":
            if mark := next((mark for mark in "*`" if mark in node.content), None):
                # CommonMark takes no mark between a bracket and a letter: 「**x**」は, not **「x」**は.
                raise UnfitError(f"{mark} stays visible: move the mark inside the brackets", node.content)
            return [Span(node.content)]
        case "code_inline":
            return [Span(node.content, code=True)]
        case "softbreak":
            return [Span("\n")]
        case "strong":
            return [replace(span, bold=True) for child in node.children for span in _spans(child)]
    raise _unfit(node)


def _joined(text: str) -> str:
    """Join the lines of a paragraph: with a space in English, with nothing in Japanese."""
    first, *rest = text.split("\n")
    for line in rest:
        japanese = first[-1:] > "\u2e80" or line[:1] > "\u2e80"
        first = first + line if japanese or not first or not line else f"{first} {line}"
    return first


def _unfit(node: SyntaxTreeNode) -> UnfitError:
    what = node.type.replace("_", " ")
    near = next((n.content for n in node.walk() if n.type in {"text", "html_block", "html_inline"}), "")
    return UnfitError(f"{what}: a page has paragraphs, headings, flat lists, **bold** and `code`", near)
