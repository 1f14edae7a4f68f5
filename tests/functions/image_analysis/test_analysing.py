"""One image, analysis by analysis: each answer is kept before the next question, and none is asked for twice."""

from datetime import timedelta

import pytest

from image_analysis.analysing import Image, Laboratory, UnfinishedError, analyse
from image_analysis.image_header import Header
from image_analysis.settings import settings
from shared import clients, clock
from shared.come_again import ComeAgainError
from shared.documents import Documents
from shared.ledger import FOUND, REFUSED, Ledger, Outcome
from shared.object_version import ObjectVersion
from shared.pace import Pace
from tests.functions.image_analysis.lab import RESULTS, Lab
from tests.functions.image_analysis.pictures import jpeg
from tests.functions.shared.cloud import Fault, refusing
from tests.functions.shared.rekognition import answer

NAMES = ("labels", "faces", "moderation")


@pytest.fixture
def thing(lab: Lab) -> ObjectVersion:
    return ObjectVersion.from_message(lab.upload("three/a.jpg", jpeg()))


@pytest.fixture
def laboratory(thing: ObjectVersion) -> Laboratory:
    ledger = Ledger(table=clients.table("results"), owner="one")
    ledger.claim(thing, NAMES, now=clock.now(), until=clock.now() + timedelta(minutes=1))
    return Laboratory(
        rekognition=clients.rekognition(),
        documents=Documents(clients.s3(), RESULTS),
        ledger=ledger,
        pace=Pace(clients.table("pace")),
        settings=settings(),
    )


def image(*, seen_before: bool = False, width: int = 100, seconds: float = 60) -> Image:
    until = clock.now() + timedelta(seconds=seconds)
    return Image(header=Header("JPEG", width, 100), seen_before=seen_before, until=until)


def asked(lab: Lab) -> list[str]:
    return [call.operation for call in lab.cloud.calls if call.service == "rekognition"]


def test_every_answer_is_kept_before_the_next_question(lab: Lab, thing: ObjectVersion, laboratory: Laboratory) -> None:
    outcomes: dict[str, Outcome] = {}

    analyse(thing, NAMES, outcomes, laboratory, image())

    kept = ["PutObject", "BatchWriteItem", "UpdateItem"]
    after = [lab.operations()[place + 1 : place + 4] for place, name in enumerate(lab.operations()) if "Detect" in name]
    assert after == [kept, kept, kept]
    assert {name: one["status"] for name, one in outcomes.items()} == dict.fromkeys(NAMES, FOUND)


def test_outcome_that_is_there_is_not_asked_for(lab: Lab, thing: ObjectVersion, laboratory: Laboratory) -> None:
    outcomes: dict[str, Outcome] = {"labels": {"status": FOUND}, "moderation": {"status": REFUSED, "reason": "r"}}

    analyse(thing, NAMES, outcomes, laboratory, image())

    assert asked(lab) == ["DetectFaces"]
    assert outcomes["moderation"] == {"status": REFUSED, "reason": "r"}


@pytest.mark.parametrize(
    ("seen_before", "questions"), [(True, ["DetectFaces"]), (False, ["DetectLabels", "DetectFaces"])]
)
def test_stored_answer_is_used_where_an_earlier_delivery_may_have_stored_it(
    lab: Lab, thing: ObjectVersion, laboratory: Laboratory, questions: list[str], *, seen_before: bool
) -> None:
    laboratory.documents.put(thing, "labels", answer("DetectLabels", {}))
    outcomes: dict[str, Outcome] = {}

    analyse(thing, ("labels", "faces"), outcomes, laboratory, image(seen_before=seen_before))

    assert asked(lab) == questions
    assert outcomes["labels"]["count"] == 2
    assert lab.count("GetObject") == (2 if seen_before else 0)


def test_shape_that_one_analysis_refuses_is_no_matter_to_the_others(
    lab: Lab, thing: ObjectVersion, laboratory: Laboratory
) -> None:
    outcomes: dict[str, Outcome] = {}

    analyse(thing, NAMES, outcomes, laboratory, image(width=10_001))

    assert asked(lab) == ["DetectFaces"]
    assert {name: one["status"] for name, one in outcomes.items()} == {
        "labels": REFUSED,
        "faces": FOUND,
        "moderation": REFUSED,
    }


def test_missing_permissions_are_told_together_after_everything_else_is_done(
    lab: Lab, thing: ObjectVersion, laboratory: Laboratory
) -> None:
    denied = refusing("AccessDeniedException")
    lab.cloud.faults = [Fault(operation=name, answer=denied) for name in ("DetectLabels", "DetectModerationLabels")]
    outcomes: dict[str, Outcome] = {}

    with pytest.raises(UnfinishedError) as unfinished:
        analyse(thing, NAMES, outcomes, laboratory, image())

    assert list(outcomes) == ["faces"]
    assert str(unfinished.value) == (
        "labels: DetectLabels: AccessDeniedException: said AWS; "
        "moderation: DetectModerationLabels: AccessDeniedException: said AWS"
    )


def test_analyses_that_find_no_time_come_again_with_what_is_done(
    lab: Lab, thing: ObjectVersion, laboratory: Laboratory
) -> None:
    lab.cloud.wait = lambda call, _done: lab.timeline.sleep(10 if call.service == "rekognition" else 0)
    outcomes: dict[str, Outcome] = {}

    with pytest.raises(ComeAgainError):
        analyse(thing, NAMES, outcomes, laboratory, image(seconds=45))

    assert list(outcomes) == ["labels", "faces"]
    assert set(
        lab.hand("GetItem", TableName="results", Key={"object": thing.uri, "entry": thing.version})["Item"]["analyses"]
    ) == {
        "labels",
        "faces",
    }
