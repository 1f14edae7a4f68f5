"""The bench's own parts: functions in threads against Rekognition on a port, and the calls that an image takes."""

from bench import function, throughput


def test_functions_in_threads_lose_no_image_and_pay_none_twice() -> None:
    done = throughput.measure(60, functions=30, per_second=50)

    assert (done.lost, done.twice) == (0, 0)
    assert done.throttled <= 30  # how long it takes depends on the machine; `make bench` measures that


def test_image_takes_four_calls_and_five_for_each_analysis() -> None:
    calls = [function.own_time(prefix, 2).calls for prefix in ("photos/", "four/")]

    assert calls == [4 + 5, 4 + 5 * 4]
