"""A local AWS of these tests' own: they let time pass, which no other test expects."""

from collections.abc import Iterator

import pytest

from mlstack.local.aws import LocalAws


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_ACCESS_KEY_ID", raising=False)
        patch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
        started = LocalAws.start(tmp_path_factory.mktemp("apart"))
    with started as aws:
        yield aws
