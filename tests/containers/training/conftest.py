"""One model, trained once for all tests that only look at it."""

import pytest

from tests.containers.training.training_lab import Ended, Job

EPOCHS = 12


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, Ended]:
    """A job that has trained the smallest network on the project's data set, and what it said."""
    job = Job.make(tmp_path_factory.mktemp("trained") / "ml", epochs=str(EPOCHS), checkpoint_limit="2")

    ended = job.run()

    assert ended.code == 0, ended.said
    return job, ended
