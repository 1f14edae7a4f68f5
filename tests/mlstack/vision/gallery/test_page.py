"""The page as text: one file, its own scripts only, and no name that an HTML parser could take for markup."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.vision.gallery.marks import Mark
from mlstack.vision.gallery.page import machine, page
from tests.mlstack.vision.gallery.album import DOG, picture, record, shown

HOSTILE = [
    "</script><img src=x onerror=alert(1)>",
    "<!--<script>",
    "]]>",
    "{{ tiles }}{{ script }}",
    "\u2028\u2029\u202egpj.exe",
    "\ud800",
    "\x00\x1b[2J",
    "' onmouseover='alert(1)",
    '"><svg onload=alert(1)>',
    "&lt;b&gt;",
    "\\u003c/script\\u003e",
]


class Parts(HTMLParser):
    """What a browser would make of the page: its elements, and the text of its scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] and self.tags[-1] in {"script", "style", "title"}:
            self.texts.append((self.tags[-1], data))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_from_outside_adds_no_element_and_no_attribute(name: str) -> None:
    harmless = Parts(page([shown("a.jpg", DOG)], title="Dogs", made="today"))
    tile = replace(shown(name, Mark("labels", name, 99.0)), record=record(name, name, reason=name), notes=(name,))

    hostile = Parts(page([tile], title=name, made="today"))

    assert hostile.tags == harmless.tags
    assert len(hostile.attributes) == len(harmless.attributes)


@given(st.text(max_size=60))
def test_a_name_reads_in_the_page_as_it_is_but_for_what_cannot_be_seen(name: str) -> None:
    text = page([shown(name)], title="", made="")

    [data] = re.findall(r'<script id="tiles" type="application/json">(.*?)</script>', text, re.DOTALL)

    [tile] = json.loads(data)
    assert len(tile["key"]) == len(name)
    assert all(read in (letter, "\N{REPLACEMENT CHARACTER}") for read, letter in zip(tile["key"], name, strict=True))
    assert data.isascii()
    assert "<" not in data


def test_the_policy_allows_the_pages_own_script_and_style_and_nothing_else() -> None:
    text = page([shown("a.jpg", DOG)], title="Dogs", made="today")

    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)

    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    own = {
        tag: f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
        for tag, source in re.findall(r"<(script|style)>(.*?)</\1>", text, re.DOTALL)
    }
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": own["style"],
        "script-src": own["script"],
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_the_page_names_no_address_to_load_from() -> None:
    parts = Parts(page([shown("a.jpg", DOG)], title="Dogs", made="today"))

    loaded = [value for name, value in parts.attributes if name in {"src", "href", "srcset", "action", "data"}]

    assert loaded == ["data:,"]


def test_the_same_tiles_make_the_same_page() -> None:
    first, second = (page([shown("a.jpg", DOG)], title="Dogs", made="today") for _ in range(2))

    assert first == second


def test_a_page_of_any_names_can_be_written() -> None:
    assert page([shown("\ud800")], title="\udfff", made="").encode()


def test_a_tile_without_a_picture_says_why() -> None:
    tile = replace(shown("a.jpg"), picture=None, notes=("no picture: it is gone",))

    assert machine(tile)["picture"] is None
    assert machine(tile)["notes"] == ["no picture: it is gone"]
    assert machine(shown("a.jpg"))["picture"]["uri"] == picture().uri
