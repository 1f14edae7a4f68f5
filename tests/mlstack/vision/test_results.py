"""What the functions wrote comes back with its types, in order and complete."""

from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from mlstack import deployment
from mlstack.errors import UserError
from mlstack.vision.results import Named, Outcome, Results
from tests.mlstack.vision.results_lab import TABLE, Lab, outcome

URI = "s3://media/photos/a.jpg"


def test_findings_come_best_first_from_the_least_confidence_on(lab: Lab) -> None:
    for key, confidence in (("low", 79.99), ("least", 80), ("best", 99.5), ("middle", 90.1)):
        lab.finding(key, "labels", "Dog", confidence)

    found = list(lab.results.findings("labels", "Dog", least=80))

    assert [(one.key, one.confidence) for one in found] == [("best", 99.5), ("middle", 90.1), ("least", 80.0)]


def test_a_name_is_found_in_capitals_or_not_and_only_in_its_analysis(lab: Lab) -> None:
    lab.finding("straße.jpg", "text", "Große Straße", 90)
    lab.finding("other.jpg", "labels", "Große Straße", 90)

    found = list(lab.results.findings("text", "GROSSE STRASSE"))

    assert [(one.key, one.name) for one in found] == [("straße.jpg", "Große Straße")]


def test_only_what_was_found_since_then_is_found(lab: Lab) -> None:
    lab.finding("old", "labels", "Dog", 99, updated_at="2026-11-19T23:59:59.999+00:00")
    lab.finding("new", "labels", "Dog", 90, updated_at="2026-11-20T00:00:00.000+00:00")

    found = list(lab.results.findings("labels", "Dog", since="2026-11-20T00:00:00+00:00"))

    assert [one.key for one in found] == ["new"]


def test_findings_of_many_pages_all_come(lab: Lab) -> None:
    large = "x" * 300_000  # a page of DynamoDB's has a megabyte
    for number in range(9):
        lab.finding(f"{number}.jpg", "labels", "Dog", 90 + number, padding=large)

    found = list(lab.results.findings("labels", "Dog"))

    assert [one.confidence for one in found] == [float(confidence) for confidence in range(98, 89, -1)]


def test_a_finding_in_a_video_says_where(lab: Lab) -> None:
    lab.finding("a.mp4", "labels", "Dog", 90, media="video", first_ms=0, last_ms=2500)

    [found] = lab.results.findings("labels", "Dog")

    assert (found.media, found.first_ms, found.last_ms) == ("video", 0, 2500)


def test_a_record_comes_with_its_analyses(lab: Lab) -> None:
    lab.record("photos/a.jpg", width=800, height=600, analyses={"labels": outcome("s3://documents/d", ("Dog", 98.5))})

    record = lab.results.record(URI, "1")

    assert record
    assert (record.key, record.status, record.width, record.height) == ("photos/a.jpg", "analysed", 800, 600)
    assert record.analyses == {
        "labels": Outcome(status="found", document="s3://documents/d", count=1, top=(Named("Dog", 98.5),))
    }


def test_a_record_that_has_not_come_far_is_read_as_well(lab: Lab) -> None:
    lab.put({"object": URI, "entry": "1", "kind": "record", "status": "working"})

    record = lab.results.record(URI, "1")

    assert record
    assert (record.status, record.analyses, record.width) == ("working", {}, 0)


def test_an_object_that_nobody_saw_has_no_record(lab: Lab) -> None:
    assert lab.results.record(URI, "1") is None


def test_records_of_a_status_come_newest_first(lab: Lab) -> None:
    lab.record("old", status="refused", rank=1_700_000_000, reason="too large")
    lab.record("new", status="refused", rank=1_800_000_000)
    lab.record("other", status="analysed", rank=1_900_000_000)

    found = list(lab.results.records("refused"))

    assert [(one.key, one.reason) for one in found] == [("new", ""), ("old", "too large")]


def test_the_findings_of_a_record_are_those_of_its_version_and_nothing_else(lab: Lab) -> None:
    lab.record("photos/a.jpg", "1")
    lab.finding("photos/a.jpg", "labels", "Dog", 90, "1")
    lab.finding("photos/a.jpg", "labels", "Cat", 90, "12")
    lab.put({"object": URI, "entry": "1#review", "kind": "review", "finding": "review#pending", "rank": 99})

    found = list(lab.results.findings_of(lab.read("photos/a.jpg")))

    assert [one.name for one in found] == ["Dog"]


def test_the_items_of_any_key_of_the_index_can_be_read(lab: Lab) -> None:
    lab.put({"object": URI, "entry": "1#review", "kind": "review", "finding": "review#pending", "rank": 99})

    assert [item["entry"] for item in lab.results.listed("review#pending")] == ["1#review"]


def test_a_document_is_read_whatever_its_key_has_in_it(lab: Lab) -> None:
    uri = lab.document("vision/labels/a b?c#d.json", {"Labels": []})

    assert lab.results.document(uri)["response"] == {"Labels": []}


def test_a_document_that_is_gone_is_told(lab: Lab) -> None:
    with pytest.raises(ClientError, match="NoSuchKey"):
        lab.results.document("s3://documents/gone")


def test_a_stage_finds_its_table_by_its_outputs(lab: Lab) -> None:
    assert Results.find(lab.account, "sandbox").table == TABLE


def test_a_stage_without_a_table_of_results_is_told_to_deploy_again(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployment, "outputs", lambda *_: {"LabelsTableName": "old"})

    with pytest.raises(UserError, match="deploy it once more"):
        Results.find(replace(lab.account, shown="an old account"), "sandbox")
