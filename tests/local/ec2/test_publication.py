"""A wish for a newer image names its line."""

import pytest

from mlstack.local.ec2.publication import wanted


def test_a_wish_is_the_name_of_a_parameter() -> None:
    assert wanted(b'{"parameter": "/aws/x"}') == "/aws/x"
    assert wanted(b"") is None
    assert wanted(b"null") is None


@pytest.mark.parametrize("body", [b"{}", b"[]", b'"x"', b'{"parameter": 1}', b'{"parameter": null}', b"{"])
def test_what_is_no_wish_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"parameter|Expecting"):
        wanted(body)
