"""Whatever an endpoint answers can be read, shown and written as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.endpoint import shown, verdict
from mlstack.endpoint.verdict import FAILED, NO_REASON, PREDICTED, REFUSED, Answer, Prediction, Verdict

OWN = '{"error": {"code": "not_an_image", "reason": "it is cut off"}}'
FROM = "from primary with message"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(("predictions", "label", "score", "error")), inner),
)


def of(answer: Answer) -> Verdict:
    return Verdict(photo=Path("a.jpg"), status=PREDICTED, answer=answer)


def test_labels_come_best_first() -> None:
    body = {"predictions": [{"label": "paper", "score": 0}, {"label": "compost", "score": 0.75, "more": 1}]}

    assert verdict.read(json.dumps(body).encode()) == Answer(
        predictions=(Prediction("compost", 0.75), Prediction("paper", 0.0))
    )


@pytest.mark.parametrize(
    "body",
    [
        [0.1, 0.9],
        {"predictions": "none"},
        {"predictions": [{"label": "a"}]},
        {"predictions": [{"label": "a", "score": True}]},
        {"predictions": [{"label": "a", "score": "0.5"}]},
        {"predictions": [{"label": 1, "score": 0.5}]},
        {"predictions": [{"label": "a", "score": 10**400}]},
        {"predictions": [[0.1]]},
        {"results": []},
        None,
        0,
    ],
)
def test_an_answer_of_another_shape_is_kept_as_it_is(body: Any) -> None:  # noqa: ANN401 - any JSON
    assert verdict.read(json.dumps(body).encode()) == Answer(other=body)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", ""),
        (b"a cat, probably", "a cat, probably"),
        ("K\u00fcchenabf\u00e4lle".encode(), "K\u00fcchenabf\u00e4lle"),
        (b"\xff\xfe\x00", "3 bytes of image/x[2J\N{REPLACEMENT CHARACTER}"),
        (b"[" * 100_000, "[" * 100_000),
        (b"[" * 200 + b"]" * 200, "[" * 200 + "]" * 200),
        (b"1" * 5_000, "1" * 5_000),
    ],
)
def test_what_is_no_json_is_text(body: bytes, text: str) -> None:
    assert verdict.read(body, "image/x[2J\x1b") == Answer(other=text)


def test_numbers_that_json_cannot_say_are_text() -> None:
    found = verdict.read(b'{"predictions": [{"label": "a", "score": NaN}, {"label": "b", "score": 1e999}]}')

    assert found.other["predictions"] == [{"label": "a", "score": "NaN"}, {"label": "b", "score": "1e999"}]


@given(body=st.binary() | JSON.map(lambda said: json.dumps(said).encode()), content_type=st.text())
def test_reading_and_showing_never_fails(body: bytes, content_type: str) -> None:
    found = [of(verdict.read(body, content_type))]

    written = json.loads(shown.machine(found, 5).encode(), parse_constant=_never)
    assert len(written) == 1
    assert all(line.isprintable() for line in shown.others(found).splitlines())
    assert shown.table(found, "[t]", 5).row_count >= 1


def _never(constant: str) -> None:
    message = f"{constant} is no JSON"
    raise AssertionError(message)


def test_half_a_character_does_not_stop_the_output() -> None:
    found = [of(verdict.read(b'["\\ud83d"]'))]

    assert json.loads(shown.machine(found, 5).encode())[0]["answer"] == ["\ud83d"]


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        (400, OWN, (REFUSED, "it is cut off")),
        (415, "", (REFUSED, NO_REASON)),
        (500, "Traceback\n  boom", (FAILED, "Traceback boom")),
        (None, f'Received client error (400) {FROM} "{OWN}". See https://x', (REFUSED, "it is cut off")),
        (None, f'Received server error (500) {FROM} "sorry"', (FAILED, f'Received server error (500) {FROM} "sorry"')),
        (None, '{"message": "bad\\ninput"}', (FAILED, "bad input")),
        (None, '{"error": "bad input"}', (FAILED, "bad input")),
        (None, "[" * 100_000, (FAILED, "[" * 300)),
    ],
)
def test_an_error_is_refused_or_failed_for_the_models_own_reason(
    status: int | None, message: str, expected: tuple[str, str]
) -> None:
    assert verdict.refusal(status, message) == expected


@given(status=st.none() | st.integers(), message=st.text() | JSON.map(json.dumps))
def test_every_error_has_a_reason_in_one_line(status: int | None, message: str) -> None:
    found, reason = verdict.refusal(status, message)

    assert found in {REFUSED, FAILED}
    assert reason
    assert reason.isprintable()


@pytest.mark.parametrize(("score", "length"), [(-1, 0), (0, 0), (0.01, 1), (0.5, 6), (1, 12), (2, 12), (1e300, 12)])
def test_a_bar_is_as_long_as_its_score_and_never_longer_than_its_place(score: float, length: int) -> None:
    assert len(shown.bar(score)) == length
