"""Images are read, judged and refused as Rekognition does it, and the answers have AWS's shapes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from mlstack.local.aws import LocalAws
from mlstack.local.rekognition.detection import DETECTIONS
from mlstack.local.rekognition.image import LARGEST, Picture
from mlstack.local.rekognition.request import answer_shape
from tests.local.rekognition.conftest import PNG, Put

FULL: dict[str, dict[str, Any]] = {
    "DetectFaces": {"Attributes": ["ALL"]},
    "DetectLabels": {"Features": ["GENERAL_LABELS", "IMAGE_PROPERTIES"]},
    "DetectProtectiveEquipment": {
        "SummarizationAttributes": {"MinConfidence": 80, "RequiredEquipmentTypes": ["FACE_COVER"]}
    },
}


@pytest.mark.parametrize("operation", sorted(DETECTIONS))
@pytest.mark.parametrize("key", ["plain.png", "moderation-example.png", "no-face.png"])
def test_an_answer_has_the_shape_that_aws_documents(operation: str, key: str) -> None:
    answer = DETECTIONS[operation](Picture(PNG, key), FULL.get(operation, {}))

    shape = answer_shape(operation)
    broken = ParamValidator().validate(answer, shape)
    assert broken.generate_report() == ""
    assert answer.keys() <= shape.members.keys()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "InvalidImageFormatException"),
        (b"GIF89a", "InvalidImageFormatException"),
        (PNG + bytes(LARGEST), "ImageTooLargeException"),
    ],
)
def test_an_object_that_is_no_fit_image_is_refused(local_aws: LocalAws, put: Put, body: bytes, code: str) -> None:
    image = put("odd", body)

    with pytest.raises(ClientError) as refused:
        local_aws.client("rekognition").detect_labels(Image=image)

    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_object_that_is_not_there_is_refused_in_awss_words(local_aws: LocalAws, put: Put) -> None:
    image = put("there.png")
    image["S3Object"]["Name"] = "gone.png"

    with pytest.raises(ClientError, match=r"InvalidS3ObjectException.*Unable to get object metadata from S3"):
        local_aws.client("rekognition").detect_faces(Image=image)


def test_a_version_is_read_where_one_is_asked_for(local_aws: LocalAws, put: Put) -> None:
    image = put("there.png")
    image["S3Object"]["Version"] = "no-such-version"

    with pytest.raises(ClientError, match="InvalidS3ObjectException"):
        local_aws.client("rekognition").detect_faces(Image=image)


def test_bytes_of_more_than_five_megabytes_are_refused(local_aws: LocalAws) -> None:
    with pytest.raises(ClientError, match=r"ValidationException.*5242880"):
        local_aws.client("rekognition").detect_text(Image={"Bytes": PNG + bytes(5 * 1024 * 1024)})


def test_only_an_image_whose_key_says_so_is_unsafe(local_aws: LocalAws, put: Put) -> None:
    rekognition = local_aws.client("rekognition")

    harmless = rekognition.detect_moderation_labels(Image=put("a.png"))["ModerationLabels"]
    unsafe = rekognition.detect_moderation_labels(Image=put("x/moderation-example.png"), MinConfidence=90)

    assert harmless == []
    assert [label["ParentName"] for label in unsafe["ModerationLabels"]][-1] == ""
    assert min(label["Confidence"] for label in unsafe["ModerationLabels"]) >= 90


def test_labels_are_narrowed_as_asked(local_aws: LocalAws, put: Put) -> None:
    rekognition, image = local_aws.client("rekognition"), put("a.png")

    def names(**asked: object) -> list[str]:
        return [label["Name"] for label in rekognition.detect_labels(Image=image, **asked)["Labels"]]

    assert names() == ["Mobile Phone", "Person", "People"]
    assert names(MaxLabels=1) == ["Mobile Phone"]
    assert names(MinConfidence=99.9) == ["Mobile Phone"]
    assert names(Settings={"GeneralLabels": {"LabelInclusionFilters": ["People"]}}) == ["People"]
    assert names(Settings={"GeneralLabels": {"LabelExclusionFilters": ["People"]}}) == ["Mobile Phone", "Person"]


def test_people_who_do_not_wear_what_is_required_are_named(local_aws: LocalAws, put: Put) -> None:
    def judged(*required: str) -> tuple[list[int], list[int]]:
        asked = {"MinConfidence": 80, "RequiredEquipmentTypes": [*required]}
        found = local_aws.client("rekognition").detect_protective_equipment(
            Image=put("a.png"), SummarizationAttributes=asked
        )
        return found["Summary"]["PersonsWithRequiredEquipment"], found["Summary"]["PersonsWithoutRequiredEquipment"]

    assert judged("FACE_COVER") == ([0], [])
    assert judged("FACE_COVER", "HAND_COVER") == ([], [0])


def test_calls_beyond_the_quota_are_throttled_and_not_billed(
    local_aws: LocalAws, put: Put, limits: Callable[..., dict[str, Any]]
) -> None:
    image, rekognition = put("a.png"), local_aws.client("rekognition")
    limits(calls_per_second={"RecognizeCelebrities": 1})

    with ThreadPoolExecutor(4) as threads, pytest.raises(ClientError, match="ProvisionedThroughputExceededException"):
        list(threads.map(lambda _: rekognition.recognize_celebrities(Image=image), range(8)))

    counts = local_aws.report()["rekognition"]["RecognizeCelebrities"]
    assert counts["billed"] >= 1
    assert counts["throttled"] >= 1
    assert counts["calls"] == counts["billed"] + counts["throttled"] + counts["refused"]


def test_a_quota_that_does_not_exist_is_refused(local_aws: LocalAws) -> None:
    before = local_aws.rekognition_limits()

    with pytest.raises(OSError, match="400"):
        local_aws.rekognition_limits(calls_per_minute=1)

    assert local_aws.rekognition_limits() == before
