"""Writes tiles as one HTML page that loads nothing, runs no script but its own, and shows every name as text."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from mlstack.vision.gallery.marks import Mark
from mlstack.vision.gallery.tiles import Tile

UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Letters that would turn a line around, break it, or cannot be written in UTF-8."""


def page(tiles: Sequence[Tile], *, title: str, made: str, note: str = "") -> str:
    """The whole page; ``made`` says when, ``note`` what else its foot says."""
    style, script, layout = (_source(name) for name in ("page.css", "page.js", "page.html"))
    parts = {
        "policy": _policy(style, script),
        "title": html.escape(_seen(title)),
        "made": html.escape(made),
        "note": f" {html.escape(note)}" if note else "",
        "style": style,
        "script": script,
        "tiles": _data([machine(tile) for tile in tiles]),
    }
    # In one pass, so that what a part contains is never taken for a place of the next one.
    return re.sub(r"\{\{ (\w+) \}\}", lambda place: parts[place[1]], layout)


def machine(tile: Tile) -> dict[str, Any]:
    """One tile as the page's script reads it."""
    record, picture = tile.record, tile.picture
    return {
        "key": _seen(record.key),
        "object": _seen(record.object),
        "status": _seen(record.status),
        "reason": _seen(record.reason),
        "notes": [_seen(note) for note in tile.notes],
        "when": _seen(record.updated_at[:19].replace("T", " ")),
        "video": record.media == "video",
        "flagged": tile.flagged,
        "picture": {"uri": picture.uri, "width": picture.width, "height": picture.height} if picture else None,
        "marks": [_mark(one) for one in tile.marks],
    }


def _mark(mark: Mark) -> dict[str, Any]:
    box = mark.box
    return {
        "analysis": mark.analysis,
        "name": _seen(mark.name),
        "confidence": round(mark.confidence, 2),
        "box": [round(one, 5) for one in (box.left, box.top, box.width, box.height)] if box else None,
        "span": [round(one, 1) for one in mark.span] if mark.span else None,
    }


def _seen(text: str) -> str:
    return UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def _data(value: Any) -> str:  # noqa: ANN401 - what JSON can say
    """JSON that no HTML parser can take for markup, whatever it contains."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _policy(style: str, script: str) -> str:
    rules: Mapping[str, str] = {
        "default-src": "'none'",
        "img-src": "data:",
        "style-src": f"'{_hash(style)}'",
        "script-src": f"'{_hash(script)}'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode('ascii')}"


def _source(name: str) -> str:
    return files("mlstack.vision.gallery").joinpath(name).read_text(encoding="utf-8")
