"""The services in memory, on which the slow tests run, answer as moto does."""

import itertools
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.findings import gather, items, store
from shared.ledger import LeaseLostError, Ledger
from shared.object_version import ObjectVersion
from shared.pace import Pace
from tests.functions.shared.memory import Objects, RefusalError, Tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_s3 import S3Client

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
EXAMPLES = itertools.count()
ANALYSES = st.sampled_from(("labels", "faces"))
OUTCOME = st.sampled_from(
    ({"status": "found", "count": 2, "top": [{"name": "Café", "confidence": 1}]}, {"status": "refused"})
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("claim", "note", "analysed", "refused", "failed", "released", "slot", "pause", "store")),
        st.sampled_from(("one", "two")),
        st.integers(0, 100),
        ANALYSES,
        OUTCOME,
    ),
    min_size=1,
    max_size=12,
)
Step = tuple[str, str, int, str, dict[str, Any]]


def step(results: "Table", pace: "Table", thing: ObjectVersion, did: Step) -> object:
    """Take one step and tell what came of it."""
    what, owner, seconds, analysis, outcome = did
    now = NOW + timedelta(seconds=seconds)
    ledger, paces = Ledger(table=results, owner=owner, keep=timedelta(days=seconds % 3)), Pace(pace)
    ways: dict[str, Callable[[], object]] = {
        "claim": lambda: ledger.claim(thing, [analysis], now=now, until=now + timedelta(seconds=30)),
        "note": lambda: ledger.note(thing, analysis, outcome, now=now),
        "analysed": lambda: ledger.analysed(thing, now=now, found={"width": seconds}),
        "refused": lambda: ledger.refused(thing, now=now, reason="r", analyses={analysis: outcome}),
        "failed": lambda: ledger.failed(thing, now=now, reason="r"),
        "released": lambda: ledger.released(thing, now=now, reason="r", attempts=seconds % 4),
        "slot": lambda: paces.slot(thing.key, per_second=0.1, now=seconds, latest=seconds + 20),
        "pause": lambda: paces.pause(thing.key, until=seconds),
        "store": lambda: store(
            results, items(thing, analysis, gather([("A", seconds), ("a", 1.0)]), media="image", shared={})
        ),
    }
    try:
        return ways[what]()
    except LeaseLostError:
        return LeaseLostError
    except ClientError as error:
        return error.response["Error"]["Code"]


def kept(table: "Table") -> list[dict[str, Any]]:
    return sorted(table.scan()["Items"], key=str)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example has its own key
@given(steps=STEPS)
def test_tables_in_memory_do_what_those_of_moto_do(
    results: "Table", pace_table: "Table", in_memory: "Callable[[str], Table]", steps: Sequence[Step]
) -> None:
    thing = ObjectVersion(bucket="media", key=f"{next(EXAMPLES)}", size=1, etag="e")
    real, fake = (results, pace_table), (in_memory("results"), in_memory("pace"))

    told = [(step(*real, thing, did), step(*fake, thing, did)) for did in steps]

    assert [one for one, _ in told] == [other for _, other in told]
    assert kept(real[0]) == kept(fake[0])
    assert kept(real[1]) == kept(fake[1])


@pytest.mark.parametrize("versioned", [True, False])
@pytest.mark.usefixtures("aws")
def test_objects_in_memory_do_what_those_of_moto_do(s3_client: "S3Client", *, versioned: bool) -> None:
    s3, fake = s3_client, Objects({"media"} if versioned else set())
    s3.create_bucket(Bucket="media")
    s3.put_bucket_versioning(
        Bucket="media", VersioningConfiguration={"Status": "Enabled" if versioned else "Suspended"}
    )
    asked: list[dict[str, Any]] = [
        {"Key": "a"},
        {"Key": "a", "Range": "bytes=2-3"},
        {"Key": "a", "Range": "bytes=2-900"},
        {"Key": "a", "Range": "bytes=900-901"},
        {"Key": "a", "IfMatch": '"0"'},
        {"Key": "b"},
    ]

    def answers(put: Callable[..., Any], get: Callable[..., Any]) -> list[object]:
        first = put(Bucket="media", Key="a", Body=b"first")
        version = {"VersionId": first["VersionId"]} if versioned else {}
        etag = {"IfMatch": first["ETag"]}
        put(Bucket="media", Key="a", Body=b"second")
        told: list[object] = [first["ETag"]]
        for one in [*asked, {"Key": "a", **version}, {"Key": "a", **version, **etag}]:
            try:
                told.append(get(Bucket="media", **one)["Body"].read())
            except ClientError as error:
                told.append(error.response["Error"]["Code"])
            except RefusalError as refusal:
                told.append(refusal.answer["Error"]["Code"])
        return told

    real = answers(s3.put_object, s3.get_object)
    faked = answers(lambda **one: fake.put_object(one), lambda **one: fake.get_object(one))

    assert faked == real
    assert len(set(map(str, faked))) >= 6


def test_tables_in_memory_take_what_boto3_can_send_and_no_more() -> None:
    tables = Tables()

    with pytest.raises(TypeError, match="float"):
        tables.batch_write_item(
            {"RequestItems": {"results": [{"PutRequest": {"Item": {"object": "a", "entry": "b", "rank": 1.5}}}]}}
        )
