"""A page of Markdown as the docs check needs it: its anchors, links, code spans and code blocks."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

HTML_LINK = re.compile(r"""<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
HTML_ANCHOR = re.compile(r"""<\w+\b[^>]*?\b(?:id|name)\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
BREAKS = {"softbreak", "hardbreak"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced code block; ``line`` is that of its first line of code."""

    line: int
    language: str
    code: str


@dataclass(slots=True)
class Page:
    """One page; links and spans come with the line where they stand."""

    path: str
    anchors: set[str] = field(default_factory=set)
    links: list[tuple[int, str]] = field(default_factory=list)
    spans: list[tuple[int, str]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    @classmethod
    def parse(cls, path: str, text: str) -> "Page":
        """Read a page as GitHub would."""
        page = cls(path)
        headings: Counter[str] = Counter()
        previous = ""
        for token in MarkdownIt("commonmark").enable("table").parse(text):
            line = token.map[0] + 1 if token.map else 1
            if token.type == "fence":
                page.blocks.append(Block(line + 1, (token.info.split() or [""])[0].lower(), token.content))
            elif token.type == "html_block":
                page.add_html(line, token.content)
            elif token.type == "inline":
                page.add_inline(line, token.children or [])
                if previous == "heading_open":
                    page.add_heading("".join(_words(token.children or [])), headings)
            previous = token.type
        return page

    def add_heading(self, title: str, seen: "Counter[str]") -> None:
        """Note a heading; one that repeats gets a number, as on GitHub."""
        base = slug(title)
        self.anchors.add(f"{base}-{seen[base]}" if seen[base] else base)
        seen[base] += 1

    def add_inline(self, line: int, tokens: list[Token]) -> None:
        """Note what a paragraph, a heading or a cell holds."""
        for token in tokens:
            match token.type:
                case "link_open":
                    self.links.append((line, str(token.attrs["href"])))
                case "image":
                    self.links.append((line, str(token.attrs["src"])))
                case "code_inline":
                    self.spans.append((line, token.content))
                case "html_inline":
                    self.add_html(line, token.content)
                case kind if kind in BREAKS:
                    line += 1

    def add_html(self, line: int, html: str) -> None:
        """Note the links and anchors of raw HTML."""
        for match in HTML_LINK.finditer(html):
            self.links.append((line + html.count("\n", 0, match.start()), match.group(1)))
        self.anchors.update(HTML_ANCHOR.findall(html))


def slug(title: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-")


def _words(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type in {"text", "code_inline"}:
            yield token.content
        elif token.type in BREAKS:
            yield " "
