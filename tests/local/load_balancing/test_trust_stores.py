"""Mutual TLS: authorities are read from S3, believed by listeners, and stay while they are."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws
from mlstack.local.leftovers import Resource, inventory
from tests.local.load_balancing.frontage import balancer, group, listener, network, outputs, ref
from tests.local.stacks import Stacks, Template

AUTHORITY = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIU\n-----END CERTIFICATE-----\n"
VERIFY = {"Mode": "verify", "TrustStoreArn": ref("Store")}


@pytest.fixture
def bundle(local_aws: LocalAws) -> Iterator[dict[str, str]]:
    """A file of two authorities, as a template names it."""
    s3, bucket = local_aws.client("s3"), f"authorities-{uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    for key, body in (("ca.pem", AUTHORITY * 2), ("one.pem", AUTHORITY), ("none.pem", "nothing")):
        s3.put_object(Bucket=bucket, Key=key, Body=body.encode())
    yield {"CaCertificatesBundleS3Bucket": bucket, "CaCertificatesBundleS3Key": "ca.pem"}
    for found in s3.list_objects_v2(Bucket=bucket)["Contents"]:
        s3.delete_object(Bucket=bucket, Key=found["Key"])
    s3.delete_bucket(Bucket=bucket)


def store(bundle: dict[str, str], **more: object) -> dict[str, Template]:
    said = {"Name": "authorities", **bundle, **more}
    return {"Store": {"Type": "AWS::ElasticLoadBalancingV2::TrustStore", "Properties": said}}


def believing(bundle: dict[str, str], **more: object) -> dict[str, Template]:
    return {**network(), **balancer(), **group(), **store(bundle), **listener(MutualAuthentication={**VERIFY, **more})}


def test_a_listener_verifies_clients_by_a_trust_store(
    stacks: Stacks, local_aws: LocalAws, bundle: dict[str, str]
) -> None:
    elb, before = local_aws.client("elbv2"), inventory(local_aws.client)
    wanted = outputs(("Store", "TrustStoreArn"), ("Store", "Status"), ("Store", "NumberOfCaCertificates"))

    name = stacks.create(believing(bundle), Outputs=wanted)

    told, arn = stacks.outputs(name), stacks.physical_id(name, "Store")
    heard = stacks.physical_id(name, "Listener")
    assert (told["StoreTrustStoreArn"], told["StoreStatus"], told["StoreNumberOfCaCertificates"]) == (
        arn,
        "ACTIVE",
        "2",
    )
    [said] = elb.describe_listeners(ListenerArns=[heard])["Listeners"]
    assert said["MutualAuthentication"] == {
        "Mode": "verify",
        "TrustStoreArn": arn,
        "IgnoreClientCertificateExpiry": False,
        "AdvertiseTrustStoreCaNames": "off",
    }
    [used] = elb.describe_trust_store_associations(TrustStoreArn=arn)["TrustStoreAssociations"]
    assert used["ResourceArn"] == heard
    assert Resource("trust store", arn) in inventory(local_aws.client)
    location = elb.get_trust_store_ca_certificates_bundle(TrustStoreArn=arn)["Location"]
    assert location == f"s3://{bundle['CaCertificatesBundleS3Bucket']}/ca.pem"
    with pytest.raises(ClientError, match="TrustStoreInUse"):
        elb.delete_trust_store(TrustStoreArn=arn)
    stacks.delete(name)
    assert inventory(local_aws.client) == before


def test_a_trust_store_reads_other_authorities_in_place(
    stacks: Stacks, local_aws: LocalAws, bundle: dict[str, str]
) -> None:
    elb, tags = local_aws.client("elbv2"), [{"Key": "owner", "Value": "somebody"}]
    name = stacks.create(store(bundle, Tags=[{"Key": "stage", "Value": "test"}]))
    arn = stacks.physical_id(name, "Store")

    stacks.update(name, store({**bundle, "CaCertificatesBundleS3Key": "one.pem"}, Tags=tags))

    assert stacks.physical_id(name, "Store") == arn
    [said] = elb.describe_trust_stores(Names=["authorities"])["TrustStores"]
    assert (said["TrustStoreArn"], said["NumberOfCaCertificates"]) == (arn, 1)
    assert elb.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"] == tags


def test_a_listener_stops_verifying_when_its_template_does(
    stacks: Stacks, local_aws: LocalAws, bundle: dict[str, str]
) -> None:
    name = stacks.create(believing(bundle))
    heard = stacks.physical_id(name, "Listener")

    stacks.update(name, {**network(), **balancer(), **group(), **store(bundle), **listener()})

    [said] = local_aws.client("elbv2").describe_listeners(ListenerArns=[heard])["Listeners"]
    assert said["MutualAuthentication"] == {"Mode": "off"}


def test_a_change_of_something_else_leaves_the_verification(
    stacks: Stacks, local_aws: LocalAws, bundle: dict[str, str]
) -> None:
    elb = local_aws.client("elbv2")
    name = stacks.create(believing(bundle, IgnoreClientCertificateExpiry="true"))
    heard = stacks.physical_id(name, "Listener")

    elb.modify_listener(ListenerArn=heard, Port=8443)

    [said] = elb.describe_listeners(ListenerArns=[heard])["Listeners"]
    assert (said["Port"], said["MutualAuthentication"]["Mode"]) == (8443, "verify")
    assert said["MutualAuthentication"]["IgnoreClientCertificateExpiry"] is True


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"CaCertificatesBundleS3Key": "other.pem"}, "does not exist or cannot be read"),
        ({"CaCertificatesBundleS3Bucket": "no-such-bucket-here"}, "does not exist or cannot be read"),
        ({"CaCertificatesBundleS3Key": "none.pem"}, "no certificate in PEM format"),
        ({"Name": "a_b"}, "not valid"),
    ],
)
def test_a_trust_store_without_authorities_is_refused(
    stacks: Stacks, bundle: dict[str, str], more: dict[str, str], words: str
) -> None:
    name = stacks.create(store({**bundle, **more}))

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert words in stacks.reasons(name)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"Mode": "verify"}, "A trust store ARN is needed"),
        ({"Mode": "passthrough", "TrustStoreArn": "arn:aws:elasticloadbalancing:x"}, "and for no other"),
        ({"Mode": "verify", "TrustStoreArn": "arn:aws:elasticloadbalancing:x"}, "not found"),
    ],
)
def test_a_mode_that_does_not_fit_its_trust_store_is_refused(stacks: Stacks, said: Template, words: str) -> None:
    name = stacks.create({**network(), **balancer(), **listener(MutualAuthentication=said)})

    assert stacks.status(name) == "ROLLBACK_COMPLETE"
    assert words in stacks.reasons(name)


def test_there_is_no_mutual_tls_without_tls(stacks: Stacks) -> None:
    said = listener(Protocol="HTTP", Port=80, MutualAuthentication={"Mode": "passthrough"})
    for name in ("Certificates", "SslPolicy"):
        del said["Listener"]["Properties"][name]

    made = stacks.create({**network(), **balancer(), **said})

    assert "HTTPS listeners only" in stacks.reasons(made)


def test_what_is_not_there_is_told_as_aws_tells_it(local_aws: LocalAws) -> None:
    elb, arn = local_aws.client("elbv2"), "arn:aws:elasticloadbalancing:us-east-1:123456789012:truststore/none/0"

    for call in (elb.delete_trust_store, elb.describe_trust_store_associations):
        with pytest.raises(ClientError, match="TrustStoreNotFound"):
            call(TrustStoreArn=arn)
    with pytest.raises(ClientError, match="TrustStoreNotFound"):
        elb.describe_trust_stores(Names=["none"])


def test_a_name_is_taken_once(stacks: Stacks, bundle: dict[str, str]) -> None:
    stacks.create(store(bundle))

    second = stacks.create(store(bundle))

    assert "already exists" in stacks.reasons(second)
