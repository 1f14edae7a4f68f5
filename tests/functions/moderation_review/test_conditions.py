"""What goes over the wire when the function must not hit anything newer, whatever SDK Lambda carries."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from moderation_review import copying, handler
from tests.functions.moderation_review.lab import HELD, Lab

KEY = "photos/cat.jpg"
CONDITIONS = ("IfMatch", "IfNoneMatch")
Sent = list[tuple[str, Mapping[str, str]]]


@pytest.fixture(params=["this SDK", "an SDK that knows no such condition"])
def sent(request: pytest.FixtureRequest, lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sent]:  # noqa: ARG001 (S3 must be there)
    """Every write of the function as S3 sees it: the operation and its headers."""
    s3 = handler.s3()
    seen: Sent = []
    for operation in ("CompleteMultipartUpload", "CopyObject", "DeleteObject"):
        shape: Any = s3.meta.service_model.operation_model(operation).input_shape
        for name in CONDITIONS if request.param != "this SDK" else ():
            monkeypatch.delitem(shape.members, name, raising=False)

    def look(request: Any, event_name: str, **_: object) -> None:  # noqa: ANN401 (botocore's has no type)
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        seen.append((event_name.rpartition(".")[2], headers))

    s3.meta.events.register_first("before-send.s3", look)
    yield seen
    s3.meta.events.unregister("before-send.s3", look)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def headers(sent: Sent, operation: str) -> list[Mapping[str, str]]:
    """The headers of every request of an operation."""
    return [told for name, told in sent if name == operation]


def approved(lab: Lab, content: bytes = b"bad") -> dict[str, Any]:
    """An object that went into quarantine and came back."""
    flagged = lab.upload(KEY, content)
    lab.step("act", flagged)
    lab.approve(flagged)
    return flagged


def test_the_copy_back_demands_a_free_key_and_the_copy_away_does_not(lab: Lab, sent: Sent) -> None:
    flagged = approved(lab)

    away, back = headers(sent, "CopyObject")
    assert (away.get("if-none-match"), back["if-none-match"]) == (None, "*")
    assert {one["x-amz-copy-source-if-match"] for one in (away, back)} == {f'"{flagged["version"]}"'}


def test_every_deletion_names_the_content_that_it_means(lab: Lab, sent: Sent) -> None:
    flagged = approved(lab)

    assert [one["if-match"] for one in headers(sent, "DeleteObject")] == [f'"{flagged["version"]}"'] * 2
    assert lab.held() == {}


def test_a_copy_back_in_parts_demands_a_free_key_when_it_is_completed(
    lab: Lab, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PART", 1000)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 1)

    approved(lab, b"x" * 3000)

    assert [one.get("if-none-match") for one in headers(sent, "CompleteMultipartUpload")] == [None, "*"]


def test_the_conditions_are_signed(lab: Lab, sent: Sent) -> None:
    approved(lab)

    assert "if-none-match" in headers(sent, "CopyObject")[1]["authorization"]
    assert all("if-match" in one["authorization"] for one in headers(sent, "DeleteObject"))


def test_a_deletion_whose_condition_does_not_hold_is_refused_by_s3(lab: Lab, sent: Sent) -> None:
    flagged = lab.upload(KEY)
    lab.step("act", flagged)
    [held] = lab.held()
    lab.meanwhile = {"DeleteObject": lambda: lab.s3.put_object(Bucket=HELD, Key=held, Body=b"another")}

    lab.approve(flagged)

    assert headers(sent, "DeleteObject")[-1]["if-match"] == f'"{flagged["version"]}"'
    assert lab.held() == {held: b"another"}
