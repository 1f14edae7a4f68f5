"""Whatever the body: pictures, or a reason that repeats nothing of it."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import question
from inference.question import Question
from inference.refusal import RefusalError

MOST = 3
JSON = "application/json"


def read(body: bytes, content_type: str = JSON) -> Question:
    return question.read(content_type, body, max_images=MOST)


def refusal(body: bytes, content_type: str = JSON) -> RefusalError:
    with pytest.raises(RefusalError) as refused:
        read(body, content_type)
    return refused.value


def document(**parts: object) -> bytes:
    return json.dumps(parts).encode()


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "content_type",
    ["image/jpeg", "image/png", "image/jpg", "IMAGE/PNG", "image/png; q=1", "application/x-image",
     "application/octet-stream", ""],
)  # fmt: skip
def test_question_of_a_picture_is_its_bytes(content_type: str) -> None:
    assert read(b"any bytes", content_type) == Question([b"any bytes"], several=False)


@pytest.mark.parametrize(
    "content_type",
    ["image/webp", "image/gif", "text/plain", "text/csv", "application/x-npy", "multipart/form-data; boundary=a",
     "application/jsonlines", "*/*", "image/*", "\xff\x00"],
)  # fmt: skip
def test_question_of_another_kind_is_refused_and_told_what_to_send(content_type: str) -> None:
    refused = refusal(b"x", content_type)

    assert (refused.status, refused.code) == (415, "wrong_content_type")
    assert "image/jpeg" in refused.reason


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=utf-8", "Application/JSON"])
def test_question_in_json_holds_one_picture_or_several(content_type: str) -> None:
    one = read(document(image=text(b"a")), content_type)
    several = read(document(images=[text(b"a"), text(b"")]), content_type)

    assert one == Question([b"a"], several=False)
    assert several == Question([b"a", b""], several=True)


def test_question_of_several_keeps_what_is_wrong_in_its_place() -> None:
    found = read(document(images=[text(b"a"), "***", None])).pictures

    assert found[0] == b"a"
    assert [one.code for one in found[1:] if isinstance(one, RefusalError)] == ["not_base64"] * 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "not_json"),
        (b"{", 400, "not_json"),
        (b"\xff\xfe{", 400, "not_json"),
        (b"\x00", 400, "not_json"),
        ('{"image": "YQ=="}'.encode("utf-16"), 400, "not_json"),
        (b'{"image": NaN}', 400, "not_json"),
        (b'{"image": -Infinity}', 400, "not_json"),
        (b"9" * 5000, 400, "not_json"),
        (b"[" * 200_000, 400, "not_json"),
        (b'{"a":' * 200_000, 400, "not_json"),
        (b'{"image": "YQ=="} {}', 400, "not_json"),
        (b"null", 422, "wrong_document"),
        (b'"YQ=="', 422, "wrong_document"),
        (b'["YQ=="]', 422, "wrong_document"),
        (b"{}", 422, "wrong_document"),
        (b'{"Image": "YQ=="}', 422, "wrong_document"),
        (b'{"image": "YQ==", "top_k": 3}', 422, "wrong_document"),
        (b'{"image": "YQ==", "images": ["YQ=="]}', 422, "wrong_document"),
        (b'{"image": ["YQ=="]}', 422, "wrong_document"),
        (b'{"image": null}', 422, "wrong_document"),
        (b'{"images": "YQ=="}', 422, "wrong_document"),
        (b'{"images": {"0": "YQ=="}}', 422, "wrong_document"),
        (b'{"images": []}', 422, "wrong_number"),
        (b'{"images": ["", "", "", ""]}', 422, "wrong_number"),
        (b'{"image": "YQ="}', 422, "not_base64"),
        (b'{"image": "Y Q=="}', 422, "not_base64"),
        (b'{"image": "YQ==\\n"}', 422, "not_base64"),
        (b'{"image": "data:image/png;base64,YQ=="}', 422, "not_base64"),
        ('{"image": "é"}'.encode(), 422, "not_base64"),
        (b'{"image": "\\ud800"}', 422, "not_base64"),
    ],
)
def test_question_that_is_none_is_refused_with_its_reason(body: bytes, status: int, code: str) -> None:
    refused = refusal(body)

    assert (refused.status, refused.code) == (status, code)


JSONS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(st.sampled_from(["image", "images"]), st.text()), inner)
    ),
    max_leaves=8,
)


@given(st.one_of(st.binary(), st.text().map(str.encode), JSONS.map(lambda value: json.dumps(value).encode())))
def test_question_of_any_bytes_is_read_or_refused(body: bytes) -> None:
    try:
        found = read(body)
    except RefusalError as refused:
        found, status = Question([refused], several=False), refused.status
    else:
        status = 200

    assert 200 <= status < 500
    assert 1 <= len(found.pictures) <= MOST


@given(st.lists(st.binary(), min_size=1, max_size=MOST))
def test_question_gives_back_every_byte_of_every_picture(contents: list[bytes]) -> None:
    assert read(document(images=[text(content) for content in contents])).pictures == contents
