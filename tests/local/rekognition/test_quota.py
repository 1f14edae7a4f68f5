"""A quota is a number of calls in any second, not in a second of the clock."""

import pytest

from mlstack.local.rekognition.failure import RekognitionError
from mlstack.local.rekognition.quota import Quota


def test_quota_frees_a_call_one_second_after_it_was_made() -> None:
    now = [0.0]
    quota = Quota(clock=lambda: now[0])
    quota.change(b'{"calls_per_second": {"DetectLabels": 2}}')

    quota.take("DetectLabels")
    now[0] = 0.9
    quota.take("DetectLabels")
    with pytest.raises(RekognitionError, match="Provisioned rate exceeded"):
        quota.take("DetectLabels")
    now[0] = 1.0
    quota.take("DetectLabels")
    with pytest.raises(RekognitionError):
        quota.take("DetectLabels")
    quota.take("DetectFaces")


def test_quota_gives_the_services_own_errors_as_often_as_asked() -> None:
    quota = Quota()
    quota.change(b'{"server_errors": {"DetectLabels": 1}}')

    with pytest.raises(RekognitionError) as failed:
        quota.take("DetectLabels")
    quota.take("DetectLabels")

    assert (failed.value.code, failed.value.status) == ("InternalServerError", 500)
    assert quota.limits.server_errors == {"DetectLabels": 0}


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b'{"unknown": 1}', b'{"video_jobs": "x"}', b'{"calls_per_second": {"a": "x"}}']
)
def test_quota_that_makes_no_sense_changes_nothing(body: bytes) -> None:
    quota = Quota()

    with pytest.raises(ValueError, match=r".+"):
        quota.change(body)

    assert quota.limits.video_jobs == 20
