"""CloudTrail has seen nothing, and that is no trouble."""

import urllib.request

from mlstack.local.aws import LocalAws


def test_events_are_looked_up_and_none_is_there(local_aws: LocalAws) -> None:
    faults = local_aws.report()["faults"]

    said = local_aws.client("cloudtrail").lookup_events()

    assert said["Events"] == []
    assert local_aws.report()["faults"] == faults


def test_the_cdk_clis_own_spelling_is_answered_too(local_aws: LocalAws) -> None:
    asked = urllib.request.Request(  # noqa: S310 - our own port
        local_aws.place.endpoint,
        data=b"{}",
        headers={"X-Amz-Target": "CloudTrail_20131101.LookupEvents", "Content-Type": "application/x-amz-json-1.1"},
    )

    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=10) as answer:
        said = answer.read()

    assert said == b'{"Events": []}'
