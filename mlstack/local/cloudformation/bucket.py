"""AWS::S3::Bucket: moto keeps encryption and tags and drops the rest; a bucket that is not empty is not deleted."""

from collections.abc import Callable, Mapping
from typing import Any

from moto.s3.models import FakeBucket, s3_backends
from moto.utilities.utils import get_partition

from mlstack.local import runtime
from mlstack.local.mend import replace

Json = dict[str, Any]


def mend() -> None:
    """Wrap moto's creation, replace its update and its deletion."""
    create = FakeBucket.create_from_cloudformation_json

    def created(
        cls: type[FakeBucket],
        /,
        resource_name: str,
        cloudformation_json: Json,
        account_id: str,
        region_name: str,
        **kwargs: Any,  # noqa: ANN401 - moto's signature
    ) -> FakeBucket:
        del cls
        bucket: FakeBucket = create(resource_name, cloudformation_json, account_id, region_name, **kwargs)
        _settle(bucket, cloudformation_json["Properties"], {}, region_name)
        return bucket

    replace(FakeBucket, "create_from_cloudformation_json", classmethod(created))
    replace(FakeBucket, "update_from_cloudformation_json", classmethod(_updated))
    replace(FakeBucket, "delete_from_cloudformation_json", classmethod(_deleted))


def _updated(  # noqa: PLR0913, PLR0917 - moto's signature
    cls: type[FakeBucket],
    original_resource: FakeBucket,
    new_resource_name: str,
    cloudformation_json: Json,
    account_id: str,
    region_name: str,
) -> FakeBucket:
    del cls, new_resource_name, account_id
    properties = cloudformation_json["Properties"]
    name = properties.get("BucketName", original_resource.name)
    if name != original_resource.name:
        message = (
            f"the local AWS does not replace a bucket ({original_resource.name} by {name}); destroy the stack first"
        )
        raise ValueError(message)
    _settle(original_resource, properties, GONE, region_name)
    return original_resource


def _deleted(
    cls: type[FakeBucket], resource_name: str, cloudformation_json: Json, account_id: str, region_name: str
) -> None:
    del cls, cloudformation_json
    backend = s3_backends[account_id][get_partition(region_name)]
    if resource_name in backend.buckets and backend.delete_bucket(resource_name) is None:
        message = f"The bucket you tried to delete is not empty ({resource_name})"
        raise ValueError(message)


def _settle(bucket: FakeBucket, properties: Json, gone: Mapping[str, str], region: str) -> None:
    s3 = runtime.running().client("s3", region)
    said = {**(ABSENT if gone else {}), **properties}
    for name, (operation, translate) in PUT.items():
        if name in said:
            getattr(s3, operation)(Bucket=bucket.name, **translate(said[name]))
        elif name in gone:
            getattr(s3, gone[name])(Bucket=bucket.name)
    bucket.logging = _logging(properties.get("LoggingConfiguration"))


def _logging(said: Json | None) -> Json:
    if said is None:
        return {}
    return {"TargetBucket": said.get("DestinationBucketName"), "TargetPrefix": said.get("LogFilePrefix", "")}


def _encryption(said: Json) -> Json:
    rules = [
        {
            "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
            "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
        }
        for rule in said["ServerSideEncryptionConfiguration"]
        if "ServerSideEncryptionByDefault" in rule
    ]
    return {"ServerSideEncryptionConfiguration": {"Rules": rules}}


def _notification(said: Json) -> Json:
    wanted: Json = {}
    for cfn, api, target, arn in (
        ("LambdaConfigurations", "LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
        ("QueueConfigurations", "QueueConfigurations", "Queue", "QueueArn"),
        ("TopicConfigurations", "TopicConfigurations", "Topic", "TopicArn"),
    ):
        if said.get(cfn):
            wanted[api] = [{arn: one[target], "Events": [one["Event"]], **_filter(one)} for one in said[cfn]]
    if "EventBridgeConfiguration" in said:
        on = said["EventBridgeConfiguration"].get("EventBridgeEnabled", True)
        if str(on).lower() == "true":
            wanted["EventBridgeConfiguration"] = {}
    return {"NotificationConfiguration": wanted}


def _filter(said: Json) -> Json:
    rules = said.get("Filter", {}).get("S3Key", {}).get("Rules")
    return {"Filter": {"Key": {"FilterRules": rules}}} if rules else {}


def _lifecycle(said: Json) -> Json:
    return {"LifecycleConfiguration": {"Rules": [_lifecycle_rule(rule) for rule in said["Rules"]]}}


def _lifecycle_rule(said: Json) -> Json:
    rule: Json = {"Status": said["Status"], "Filter": _scope(said)}
    if "Id" in said:
        rule["ID"] = said["Id"]
    expiration = {
        api: said[cfn]
        for cfn, api in (
            ("ExpirationInDays", "Days"),
            ("ExpirationDate", "Date"),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"),
        )
        if cfn in said
    }
    if expiration:
        rule["Expiration"] = expiration
    noncurrent = said.get("NoncurrentVersionExpiration")
    if "NoncurrentVersionExpirationInDays" in said:
        noncurrent = {"NoncurrentDays": said["NoncurrentVersionExpirationInDays"]}
    if noncurrent:
        rule["NoncurrentVersionExpiration"] = noncurrent
    if "AbortIncompleteMultipartUpload" in said:
        rule["AbortIncompleteMultipartUpload"] = said["AbortIncompleteMultipartUpload"]
    for name, days in (("Transitions", "Days"), ("NoncurrentVersionTransitions", "NoncurrentDays")):
        if name in said:
            rule[name] = [_transition(one, days) for one in said[name]]
    return rule


def _transition(said: Json, days: str) -> Json:
    names = {"TransitionInDays": days, "TransitionDate": "Date"}
    return {names.get(name, name): value for name, value in said.items()}


def _scope(said: Json) -> Json:
    tags, prefix = said.get("TagFilters", []), said.get("Prefix", "")
    if tags:
        return {"And": {"Prefix": prefix, "Tags": tags}}
    return {"Prefix": prefix}


PUT: dict[str, tuple[str, Callable[[Any], Json]]] = {
    "BucketEncryption": ("put_bucket_encryption", _encryption),
    "LifecycleConfiguration": ("put_bucket_lifecycle_configuration", _lifecycle),
    "NotificationConfiguration": ("put_bucket_notification_configuration", _notification),
    "OwnershipControls": ("put_bucket_ownership_controls", lambda said: {"OwnershipControls": said}),
    "PublicAccessBlockConfiguration": (
        "put_public_access_block",
        lambda said: {"PublicAccessBlockConfiguration": said},
    ),
    "Tags": ("put_bucket_tagging", lambda said: {"Tagging": {"TagSet": said}}),
    "VersioningConfiguration": ("put_bucket_versioning", lambda said: {"VersioningConfiguration": said}),
}
"""How the service itself is told each property; moto validates it as it does for anyone."""

ABSENT: Json = {"NotificationConfiguration": {}, "VersioningConfiguration": {"Status": "Suspended"}}
"""What an update means that leaves out a property which S3 has no way to delete."""

GONE = {
    "BucketEncryption": "delete_bucket_encryption",
    "LifecycleConfiguration": "delete_bucket_lifecycle",
    "OwnershipControls": "delete_bucket_ownership_controls",
    "PublicAccessBlockConfiguration": "delete_public_access_block",
    "Tags": "delete_bucket_tagging",
}
"""How a property is taken back that an update leaves out."""
