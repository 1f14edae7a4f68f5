"""A stage that knows faces, with a Rekognition whose requests and answers botocore's models have checked."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import boto3
import pytest

from mlstack import account, deployment
from mlstack.account import Account
from tests.mlstack.vision.faces.rekognition import Rekognition
from tests.mlstack.vision.results_lab import DOCUMENTS, MEDIA, TABLE, Lab, outcome

JPEG = b"\xff\xd8\xff\xe0 a photo"
ROUTES = {"photos/": ["people"], "people/": ["enrolment"], "staff/": ["enrolment", "labels"]}


@cache
def client(service: str) -> Any:  # noqa: ANN401 (boto3 makes its clients' types at run time)
    """Clients for all tests, because making one takes longer than a test."""
    return boto3.client(cast("Any", service))


class Stage:
    """The stage: its outputs, its table and buckets, its faces, and its queues."""

    def __init__(self, lab: Lab, rekognition: Rekognition) -> None:
        self.lab = lab
        self.rekognition = rekognition
        self.sqs = client("sqs")
        urls = {name: self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("Queue", "DeadLetterQueue")}
        self.outputs = {
            "CollectionId": "sandbox-faces",
            "EnrolmentPrefix": "people/",
            "MediaBucketName": MEDIA,
            "ResultsBucketName": DOCUMENTS,
            "ResultsTableName": TABLE,
            "Routes": json.dumps(ROUTES),
            **{f"{name}Url": url for name, url in urls.items()},
        }

    def enrolled(self, person: str, name: str = "1.jpg", *, faces: int = 1, prefix: str = "people/") -> str:
        """A photo that was enrolled; gives its key."""
        key = f"{prefix}{person}/abc/{name}"
        version = self.lab.picture(key, JPEG)
        document = self.lab.document(f"vision/enrolment/{person}-{name}.json", {"FaceRecords": []})
        self.rekognition.add(person, faces)
        top = [(person, 99.0)] * min(faces, 1)
        self.lab.record(key, version, analyses={"enrolment": outcome(document, *top)})
        if faces:
            self.lab.finding(key, "enrolment", person, 99.0, version)
        return key

    def seen(self, key: str, *people: str) -> str:
        """A photo by others in which people were found; gives its version."""
        version = self.lab.picture(key, JPEG)
        document = self.lab.document(f"vision/people/{key}.json", {"FaceMatches": list(people)})
        self.lab.record(key, version, analyses={"people": outcome(document, *((name, 95.0) for name in people))})
        for name in people:
            self.lab.finding(key, "people", name, 95.0, version)
        return version

    def everything(self) -> str:
        """All that the stage keeps, as text."""
        items = self.lab.dynamodb.scan(TableName=TABLE)["Items"]
        keys = [
            one["Key"]
            for bucket in (MEDIA, DOCUMENTS)
            for listed in [self.lab.s3.list_object_versions(Bucket=bucket)]
            for one in (*listed.get("Versions", ()), *listed.get("DeleteMarkers", ()))
        ]
        return json.dumps([items, keys, sorted(self.rekognition.faces.values())])


@pytest.fixture
def stage(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage that knows nobody."""
    rekognition = Rekognition(client("rekognition"))
    made = Stage(lab, rekognition)
    clients = {"dynamodb": lab.dynamodb, "s3": lab.s3}
    chosen = Account(shown="the lab", is_local=True, client=lambda name: clients.get(name) or client(name))
    monkeypatch.setattr(account, "choose", lambda *_: chosen)
    monkeypatch.setattr(deployment, "outputs", lambda *_: made.outputs)
    monkeypatch.setattr("mlstack.vision.faces.forget.time.sleep", lambda _: None)
    with rekognition:
        yield made
    for name in ("Queue", "DeadLetterQueue"):
        made.sqs.delete_queue(QueueUrl=made.outputs[f"{name}Url"])


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A file that begins as a JPEG does."""
    path = tmp_path / "a.jpg"
    path.write_bytes(JPEG)
    return path
