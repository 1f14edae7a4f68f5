"""Access logs: the service writes a file into the bucket at once, and refuses the setting where it may not."""

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError
from moto.elbv2.models import ELBv2Backend

from mlstack.local import runtime
from mlstack.local.load_balancing.refusal import Code, RefusalError
from mlstack.local.mend import replace
from mlstack.local.queue_permission import listed

SERVICE = "logdelivery.elasticloadbalancing.amazonaws.com"
ACCOUNTS = {
    "ap-northeast-1": "582318560864",
    "ap-northeast-2": "600734575887",
    "ap-south-1": "718504428378",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
    "ca-central-1": "985666609251",
    "eu-central-1": "054676820928",
    "eu-north-1": "897822967062",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-west-3": "009996457667",
    "sa-east-1": "507241528517",
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
}
"""The service's own accounts by region, which policies of before the service's principal name."""
KINDS = {"access_logs": "ELBAccessLogTestFile", "connection_logs": "ELBConnectionLogTestFile"}
"""The file that is written when logs are switched on: a bucket with logs is never empty."""
READABLE = "AES256"


def mend() -> None:
    """Try to write whenever logs are switched on."""
    moto_modify = ELBv2Backend.modify_load_balancer_attributes

    def modify_load_balancer_attributes(self: ELBv2Backend, arn: str, attrs: dict[str, Any]) -> dict[str, Any]:
        balancer = self.load_balancers.get(arn)
        wished = {**(balancer.attrs if balancer else {}), **attrs}
        for kind, file in KINDS.items():
            is_said = balancer is not None and any(name.startswith(f"{kind}.") for name in attrs)
            if is_said and wished.get(f"{kind}.s3.enabled") == "true":
                _write(self, wished.get(f"{kind}.s3.bucket", ""), wished.get(f"{kind}.s3.prefix", ""), file)
        return moto_modify(self, arn, attrs)

    replace(ELBv2Backend, "modify_load_balancer_attributes", modify_load_balancer_attributes)


def _write(self: ELBv2Backend, bucket: str, prefix: str, file: str) -> None:
    """Write the file, or raise the service's refusal."""
    s3 = runtime.running().client("s3", self.region_name)
    key = "/".join(part for part in (prefix.strip("/"), "AWSLogs", self.account_id, file) if part)
    try:
        policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
        rules = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code != "ServerSideEncryptionConfigurationNotFoundError":
            raise _denied(bucket) from error
        rules = []
    encrypted = {rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm", READABLE) for rule in rules}
    if not may_write(policy, f"{bucket}/{key}", self.region_name) or encrypted - {READABLE}:
        raise _denied(bucket)
    s3.put_object(Bucket=bucket, Key=key, Body=f"Enable {file} for ELB: {bucket}".encode())


def _denied(bucket: str) -> RefusalError:
    message = f"Access Denied for bucket: {bucket}. Please check S3bucket permission"
    return RefusalError(Code.INVALID_CONFIGURATION, message)


def may_write(policy: Mapping[str, Any], path: str, region: str) -> bool:
    """Whether a bucket's policy lets the service put an object at a path, which begins with the bucket."""
    return any(_allows(statement, path, region) for statement in listed(policy.get("Statement")))


def _allows(statement: Mapping[str, Any], path: str, region: str) -> bool:
    actions = {str(action).lower() for action in listed(statement.get("Action"))}
    resources = (str(one).split(":::", 1)[-1] for one in listed(statement.get("Resource")))
    return (
        statement.get("Effect") == "Allow"
        and any(_is_service(one, region) for one in _principals(statement.get("Principal")))
        and any(fnmatchcase("s3:putobject", action) for action in actions)
        and any(fnmatchcase(path, resource) for resource in resources)
    )


def _principals(said: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    for one in said.values() if isinstance(said, dict) else [said]:
        yield from (str(name) for name in listed(one))


def _is_service(principal: str, region: str) -> bool:
    account = re.fullmatch(r"(?:arn:aws[\w-]*:iam::)?(\d{12})(?::root)?", principal)
    return principal == SERVICE or (account is not None and ACCOUNTS.get(region) == account[1])
