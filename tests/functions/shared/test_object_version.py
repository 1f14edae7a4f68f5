"""The event is read letter for letter, or refused with ValueError and nothing else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.object_version import ObjectVersion

KEYS = st.text(min_size=1, max_size=300).filter(lambda key: len(key.encode()) <= 1024)
BUCKETS = st.from_regex(r"[a-z0-9][a-z0-9-]{1,20}[a-z0-9]", fullmatch=True)
VERSIONS = st.from_regex(r"[A-Za-z0-9._-]{1,40}", fullmatch=True).filter(lambda version: version != "null")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def message(**changed: object) -> str:
    """S3's example event of the user guide, with some members of `object` changed."""
    event = {
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "111122223333",
        "time": "2021-11-12T00:00:00Z",
        "region": "ca-central-1",
        "resources": ["arn:aws:s3:::amzn-s3-demo-bucket1"],
        "detail": {
            "version": "0",
            "bucket": {"name": "amzn-s3-demo-bucket1"},
            "object": {
                "key": "example-key",
                "size": 5,
                "etag": "b1946ac92492d2347c6235b4d2611184",
                "version-id": "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
                "sequencer": "617f08299329d189",
            }
            | changed,
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "123456789012",
            "source-ip-address": "1.2.3.4",
            "reason": "PutObject",
        },
    }
    return json.dumps(event)


def without(name: str) -> str:
    event = json.loads(message())
    del event["detail"]["object"][name]
    return json.dumps(event)


def test_event_of_the_user_guide_is_read() -> None:
    thing = ObjectVersion.from_message(message())

    assert thing == ObjectVersion(
        bucket="amzn-s3-demo-bucket1",
        key="example-key",
        size=5,
        etag="b1946ac92492d2347c6235b4d2611184",
        version_id="IYV3p45BT0ac8hjHg1houSdS1a.Mro8e",
    )
    assert thing.uri == "s3://amzn-s3-demo-bucket1/example-key"
    assert thing.version == "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e"


@pytest.mark.parametrize("body", [without("version-id"), *(message(**{"version-id": no}) for no in (None, "", "null"))])
def test_object_without_a_version_of_its_own_is_told_apart_by_its_etag(body: str) -> None:
    thing = ObjectVersion.from_message(body)

    assert thing.version_id is None
    assert thing.version == "b1946ac92492d2347c6235b4d2611184"


@pytest.mark.parametrize(
    "key",
    [
        "photos/two words.jpg",
        "photos/a+b.jpg",
        "photos/100%.jpg",
        "photos/a%2Fb%20c.jpg",
        "photos/käse.jpg",
        "photos/ka\u0308se.jpg",
        "photos/🦊.jpg",
        "photos/写真.jpg",
        "photos/line\nbreak\r.jpg",
        "photos/nul\x00.jpg",
        "../../etc/passwd",
        "/leading.jpg",
        "trailing  ",
        " ",
        "a//b/./c",
        'quote"\\.jpg',
        "x" * 1024,
        "é" * 512,
    ],
)
def test_key_is_kept_letter_for_letter(key: str) -> None:
    thing = ObjectVersion.from_message(message(key=key))

    assert thing.key == key
    assert thing.uri == f"s3://amzn-s3-demo-bucket1/{key}"


@given(key=KEYS, size=st.integers(0, 50 * 2**40), etag=VERSIONS, version=VERSIONS)
def test_any_key_size_etag_and_version_survive_the_event(key: str, size: int, etag: str, version: str) -> None:
    thing = ObjectVersion.from_message(message(key=key, size=size, etag=etag, **{"version-id": version}))

    assert (thing.key, thing.size, thing.etag, thing.version_id) == (key, size, etag, version)


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "not JSON",
        "{",
        "null",
        "true",
        "0",
        "-1.5e400",
        "NaN",
        '"detail"',
        "[]",
        '["detail"]',
        "{}",
        '{"detail": null}',
        '{"detail": "object"}',
        '{"detail": {"object": []}}',
        '{"detail": {"object": {}, "bucket": {}}}',
        '{"detail": {"bucket": {"name": "media"}, "object": "key"}}',
        '{"detail": {"bucket": "name", "object": {"key": "a", "size": 1, "etag": "e"}}}',
        '{"Records": [{"s3": {"bucket": {"name": "media"}, "object": {"key": "a", "size": 1, "eTag": "e"}}}]}',
        '{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "media"}',
        "[" * 200_000,
        '{"detail":' * 100_000,
        "9" * 100_000,
        "\ufeff{}",
    ],
)
def test_message_that_is_no_event_of_s3_is_a_value_error(body: str) -> None:
    with pytest.raises(ValueError, match="not an S3 Object Created event"):
        ObjectVersion.from_message(body)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("size", (None, "5", "five", -1, True, 5.0, float("inf"), float("nan"), [], 10**40)),
        ("key", (None, "", 7, ["a"], {"a": 1}, "\ud800", "x" * 1025, "é" * 513)),
        ("etag", (None, "", 7, [], "a\r\nb", "ä", "e" * 901)),
        ("version-id", (7, [], {}, False, "a\nb", "ü", "v" * 901)),
    ],
)
def test_member_of_the_wrong_kind_is_a_value_error(name: str, values: tuple[object, ...]) -> None:
    for value in values:
        body = message(**{name: value})

        with pytest.raises(ValueError, match="not an S3 Object Created event"):
            ObjectVersion.from_message(body)


@pytest.mark.parametrize("name", ["key", "size", "etag"])
def test_missing_member_is_a_value_error_that_names_it(name: str) -> None:
    body = without(name)

    with pytest.raises(ValueError, match=name):
        ObjectVersion.from_message(body)


@given(body=st.text() | JSON.map(json.dumps) | JSON.map(lambda value: json.dumps({"detail": value})))
def test_arbitrary_message_raises_nothing_but_value_error(body: str) -> None:
    with pytest.raises(ValueError, match="not an S3 Object Created event"):
        ObjectVersion.from_message(body)


@given(name=st.sampled_from(("key", "size", "etag", "version-id", "sequencer")), value=JSON)
def test_arbitrary_member_gives_a_usable_object_or_a_value_error(name: str, value: Any) -> None:  # noqa: ANN401 (any JSON)
    try:
        thing = ObjectVersion.from_message(message(**{name: value}))
    except ValueError:
        return

    assert thing.size >= 0
    assert 0 < len(thing.key.encode()) <= 1024
    assert thing.version
    assert len(thing.digest) == 64


@given(
    one=st.tuples(BUCKETS, KEYS, VERSIONS),
    other=st.tuples(BUCKETS, KEYS, VERSIONS),
    shared=st.sets(st.sampled_from(range(3))),
)
def test_digest_tells_object_versions_apart_and_nothing_else(
    one: tuple[str, str, str], other: tuple[str, str, str], shared: set[int]
) -> None:
    other = (
        one[0] if 0 in shared else other[0],
        one[1] if 1 in shared else other[1],
        one[2] if 2 in shared else other[2],
    )
    digests = [
        ObjectVersion(bucket=bucket, key=key, size=size, etag="e", version_id=version).digest
        for size, (bucket, key, version) in enumerate((one, other))
    ]

    assert (digests[0] == digests[1]) == (one == other)


def test_digest_is_a_name_for_any_store() -> None:
    thing = ObjectVersion(bucket="media", key="../😀 %", size=1, etag="e")

    assert thing.digest.isalnum()
    assert thing.digest.isascii()
    assert len(thing.digest) == 64


@given(key=KEYS, size=st.integers(0, 50 * 2**40), etag=VERSIONS, version=st.none() | VERSIONS)
def test_message_of_an_object_announces_the_same_object(key: str, size: int, etag: str, version: str | None) -> None:
    thing = ObjectVersion(bucket="media", key=key, size=size, etag=etag, version_id=version)

    body = thing.to_message(["labels", "faces"])

    assert ObjectVersion.from_message(body) == thing
    assert json.loads(body)["detail"]["analyses"] == ["labels", "faces"]
    assert body.isascii()  # SQS takes no U+FFFE, S3 does


@pytest.mark.parametrize(
    "parts",
    [
        (None, "a", 1, "e", None),
        ("media", None, 1, "e", None),
        ("media", "a", "1", "e", None),
        ("media", "a", 1, None, None),
        ("media", "a", 1, "e", []),
        ("media", "a", 1, "e", {}),
    ],
)
def test_object_of_parts_of_the_wrong_kind_is_a_value_error(parts: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match=r"^not "):
        ObjectVersion.of(*parts)
