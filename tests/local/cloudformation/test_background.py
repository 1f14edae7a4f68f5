"""A long operation outlives the request that asked for it; a short one is over when it is answered."""

from threading import Event

from mlstack.local.cloudformation import background


def test_short_work_is_done_when_it_returns() -> None:
    done: list[str] = []

    background.run(lambda: done.append("done"))

    assert done == ["done"]


def test_long_work_goes_on_after_it_returned() -> None:
    go, done = Event(), Event()

    def work() -> None:
        go.wait(10)
        done.set()

    background.run(work, patience_s=0)
    before = done.is_set()
    go.set()

    assert not before
    assert done.wait(10)
