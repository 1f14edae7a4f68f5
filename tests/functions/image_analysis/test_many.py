"""A thousand images, faults at random, functions side by side: nothing is lost and nothing is counted twice."""

import json
import random
from collections import Counter
from dataclasses import dataclass

import pytest
from botocore.exceptions import ReadTimeoutError

from shared.analyses import ANALYSES
from tests.functions.image_analysis.lab import ROUTES, Lab, names_of
from tests.functions.image_analysis.pictures import jpeg
from tests.functions.image_analysis.stage import Stage, latencies
from tests.functions.shared.cloud import Answer, Fault, raising, refusing
from tests.functions.shared.timeline import CrashError

KINDS: tuple[tuple[Answer, bool], ...] = (
    (refusing("ThrottlingException"), False),
    (refusing("InternalError", 500), False),
    (refusing("AccessDenied", 403), False),
    (raising(ReadTimeoutError(endpoint_url="https://aws")), False),
    (raising(ReadTimeoutError(endpoint_url="https://aws")), True),
    (raising(CrashError()), False),
    (raising(CrashError()), True),
    (raising(RuntimeError("a bug")), False),
)
CHANCE = 0.02
ROUTE_OF = ("photos/", "three/", "photos/", "three/", None)
"""Of each fifth image; the last is no image at all."""
Bill = Counter[tuple[str, str]]
"""Calls by key and operation."""


@dataclass
class Dice:
    """Strikes at random, as if it were all faults at once."""

    random: random.Random

    def __iter__(self) -> "Dice":
        """Be the list of faults."""
        return self

    def __next__(self) -> Fault:
        """Roll for one call."""
        if self.random.random() >= CHANCE:
            raise StopIteration
        answer, after = self.random.choice(KINDS)
        return Fault(answer=answer, after=after)


def billed(lab: Lab) -> Bill:
    return Counter(
        (call.parameters["Image"]["S3Object"]["Name"], call.operation)
        for call in lab.cloud.effects
        if call.service == "rekognition"
    )


def lost(lab: Lab) -> Bill:
    """The answers that were paid for and never stored: hidden from the function, or not taken by S3."""
    bill: Bill = Counter()
    for call, after in lab.cloud.struck:
        if call.service == "rekognition" and after:
            bill[call.parameters["Image"]["S3Object"]["Name"], call.operation] += 1
        if call.operation == "PutObject" and not after:
            told = json.loads(call.parameters["Body"])
            bill[told["object"].removeprefix("s3://media/"), ANALYSES[told["analysis"]].operation] += 1
    return bill


def upload(lab: Lab, images: int) -> dict[str, tuple[str, str | None]]:
    """Key and route of each message."""
    picture, bodies = jpeg(), {}
    for number in range(images):
        route = ROUTE_OF[number % len(ROUTE_OF)]
        key = f"{route or 'photos/'}{number:04}.jpg"
        bodies[lab.upload(key, picture if route else b"x")] = (key, route)
    return bodies


def redrive_until_done(lab: Lab, stage: Stage, bodies: list[str], functions: int) -> int:
    """Let the stage work, and send its dead letters back as a person does; how many there were."""
    count, left = 0, bodies
    while left:
        stage.work(left, functions)
        parked = lab.parked()
        assert all(reason.strip() for _, reason in parked)
        left = [body for body, _ in parked]
        count += len(left)
    return count


@pytest.mark.parametrize(("seed", "functions", "images"), [(1, 1, 200), (2, 8, 400), (3, 40, 400)])
def test_images_struck_at_random_are_each_analysed_and_none_is_billed_twice(
    lab: Lab, caplog: pytest.LogCaptureFixture, seed: int, functions: int, images: int
) -> None:
    caplog.set_level("CRITICAL")
    dice = random.Random(seed)  # noqa: S311 (the same run every time)
    bodies, stage = upload(lab, images), Stage(lab)
    lab.cloud.faults = Dice(dice)  # type: ignore[assignment]  # read in order, like a list
    latencies(lab, dice)

    parked = redrive_until_done(lab, stage, list(bodies), functions)

    paid, excused = billed(lab), lost(lab)
    wanted = Counter((key, analysis) for key, route in bodies.values() for analysis in ROUTES.get(route or "", ()))
    items = lab.hand("Scan", TableName="results")["Items"]
    told = {(event["key"], event["status"]) for event in lab.events()}
    assert stage.crashes > 0
    assert parked > 0
    for body, (key, route) in bodies.items():
        refused = ("refused", "not a JPEG or PNG: the content is unknown")
        assert lab.status(body) == (("analysed", None) if route else refused)
        assert (key, lab.status(body)[0]) in told
    assert {(key, ANALYSES[analysis].operation) for key, analysis in wanted} == set(paid)
    assert all(paid[call] <= 1 + excused[call] for call in paid)
    found = Counter((item["key"], item["analysis"]) for item in items if item["kind"] == "finding")
    assert found == Counter({one: len(names_of(one[1])) for one in wanted})
