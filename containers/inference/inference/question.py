"""What a request's body asks: one picture, or several in a JSON document."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from inference.refusal import RefusalError

JSON = "application/json"
# The bytes decide what a picture is; its declared type is often wrong. An SDK that is told no type sends octet-stream.
PICTURES = frozenset({
    "", "image/jpeg", "image/jpg", "image/png", "application/x-image", "application/octet-stream",
})  # fmt: skip
FORMS = '{"image": "<base64>"} or {"images": ["<base64>", ...]}'


@dataclass(frozen=True, slots=True)
class Question:
    """The pictures of a request, in their order."""

    pictures: Sequence[bytes | RefusalError]
    """The bytes, or why one among several is no picture."""
    several: bool
    """Whether the answer is a list, which one of a single picture can be too."""


def read(content_type: str, body: bytes, *, max_images: int) -> Question:
    """Take a body apart; raise RefusalError."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in PICTURES:
        return Question([body], several=False)
    if kind != JSON:
        reason = f"send a picture as image/jpeg, image/png or application/x-image, or {FORMS} as {JSON}"
        raise RefusalError(415, "wrong_content_type", reason)
    match _document(body):
        case {"image": str(text), **others} if not others:
            picture = _decoded(text)
            if isinstance(picture, RefusalError):
                raise picture
            return Question([picture], several=False)
        case {"images": [*texts], **others} if not others:
            if not 1 <= len(texts) <= max_images:
                raise RefusalError(422, "wrong_number", f"images must hold 1 to {max_images} pictures")
            return Question([_decoded(text) for text in texts], several=True)
        case _:
            raise RefusalError(422, "wrong_document", f"the JSON document must be {FORMS}, and nothing else")


def _document(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RefusalError(400, "not_json", "the body is not JSON in UTF-8, or nested too deeply") from error


def _refuse_constant(_name: str) -> NoReturn:
    """NaN and Infinity, which Python's reader takes and JSON does not have."""
    raise ValueError


def _decoded(text: object) -> bytes | RefusalError:
    try:
        if isinstance(text, str):
            return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        pass
    return RefusalError(422, "not_base64", "a picture in JSON must be a text in base64, without line breaks")
