"""Trust stores: which authorities a listener with mutual TLS believes; moto has none."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError
from moto.core.responses import ActionResult, EmptyResult
from moto.elbv2.models import ELBv2Backend, elbv2_backends
from moto.elbv2.responses import ELBV2Response
from moto.utilities.utils import get_partition

from mlstack.local import runtime
from mlstack.local.load_balancing.refusal import Code, RefusalError
from mlstack.local.mend import replace as put

NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?")
AUTHORITY = re.compile(rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
ACTIVE = "ACTIVE"
KIND = ":truststore/"


@dataclass(frozen=True, slots=True)
class TrustStore:
    """One, and where its authorities were read."""

    arn: str
    name: str
    authorities: int
    location: str

    def told(self) -> dict[str, Any]:
        """As the service describes it."""
        return {
            "Name": self.name,
            "TrustStoreArn": self.arn,
            "Status": ACTIVE,
            "NumberOfCaCertificates": self.authorities,
            "TotalRevokedEntries": 0,
        }


class TrustStores:
    """All of a server, by ARN."""

    def __init__(self) -> None:
        self._stores: dict[str, TrustStore] = {}

    def one(self, arn: str) -> TrustStore:
        """A trust store; the service's refusal where there is none."""
        if arn not in self._stores:
            raise RefusalError(Code.TRUST_STORE_NOT_FOUND, f"Trust store '{arn}' not found")
        return self._stores[arn]

    def create(self, place: tuple[str, str], asked: Mapping[str, Any]) -> TrustStore:
        """A new one of an account and region."""
        account, region = place
        name = str(asked["Name"])
        if NAME.fullmatch(name) is None:
            raise RefusalError(Code.VALIDATION, f"The trust store name '{name}' is not valid")
        if any(one.name == name for one in self.of(place)):
            raise RefusalError(Code.DUPLICATE_TRUST_STORE, f"A trust store with the name '{name}' already exists")
        authorities, location = _bundle(asked, region)
        arn = f"arn:{get_partition(region)}:elasticloadbalancing:{region}:{account}{KIND}{name}/{uuid4().hex[:16]}"
        self._stores[arn] = TrustStore(arn, name, authorities, location)
        return self._stores[arn]

    def modify(self, asked: Mapping[str, Any], region: str) -> TrustStore:
        """Read its authorities anew."""
        there = self.one(asked["TrustStoreArn"])
        authorities, location = _bundle(asked, region)
        self._stores[there.arn] = replace(there, authorities=authorities, location=location)
        return self._stores[there.arn]

    def delete(self, arn: str, listeners: Iterable[str]) -> None:
        """Delete one that no listener believes in."""
        self.one(arn)
        used = next(iter(listeners), None)
        if used is not None:
            raise RefusalError(Code.TRUST_STORE_IN_USE, f"Trust store '{arn}' is in use by the listener '{used}'")
        del self._stores[arn]

    def of(self, place: tuple[str, str]) -> list[TrustStore]:
        """Those of an account and region, by name."""
        account, region = place
        mine = f":{region}:{account}:"
        return sorted((one for one in self._stores.values() if mine in one.arn), key=lambda one: one.name)


TRUST_STORES = TrustStores()
"""The server's own."""


def _bundle(asked: Mapping[str, Any], region: str) -> tuple[int, str]:
    """How many authorities are in the file that is named, and where it lies."""
    bucket, key = str(asked["CaCertificatesBundleS3Bucket"]), str(asked["CaCertificatesBundleS3Key"])
    version = asked.get("CaCertificatesBundleS3ObjectVersion")
    try:
        found = (
            runtime.running()
            .client("s3", region)
            .get_object(Bucket=bucket, Key=key, **({"VersionId": version} if version else {}))
        )
    except ClientError as error:
        message = f"The specified CA certificates bundle s3://{bucket}/{key} does not exist or cannot be read"
        raise RefusalError(Code.BUNDLE_NOT_FOUND, message) from error
    authorities = len(AUTHORITY.findall(found["Body"].read()))
    if not authorities:
        message = f"The CA certificates bundle s3://{bucket}/{key} holds no certificate in PEM format"
        raise RefusalError(Code.BUNDLE_INVALID, message)
    return authorities, f"s3://{bucket}/{key}"


def believing(elb: ELBv2Backend, arn: str) -> list[str]:
    """The listeners that verify clients by a trust store."""
    return [
        listener.arn
        for balancer in elb.load_balancers.values()
        for listener in balancer.listeners.values()
        if (vars(listener).get("mutual_authentication") or {}).get("TrustStoreArn") == arn
    ]


def mend() -> None:
    """Add the operations to moto's, and let tags be given to trust stores."""
    for name, answer in ANSWERS.items():
        if hasattr(ELBV2Response, name):
            message = f"moto has {name} of its own now"
            raise RuntimeError(message)
        setattr(ELBV2Response, name, answer)
    moto_resource = ELBv2Backend._get_resource_by_arn  # noqa: SLF001 - where moto looks what tags are for

    def _get_resource_by_arn(self: ELBv2Backend, arn: str) -> Any:  # noqa: ANN401 - whatever moto has there
        return TRUST_STORES.one(arn) if KIND in arn else moto_resource(self, arn)

    put(ELBv2Backend, "_get_resource_by_arn", _get_resource_by_arn)


def _backend(self: ELBV2Response) -> ELBv2Backend:
    return elbv2_backends[self.current_account][self.region]


def _place(self: ELBV2Response) -> tuple[str, str]:
    return self.current_account, self.region


def _create(self: ELBV2Response) -> ActionResult:
    asked = self._get_params()
    made = TRUST_STORES.create(_place(self), asked)
    _backend(self).tagging_service.tag_resource(made.arn, asked.get("Tags"))
    return ActionResult({"TrustStores": [made.told()]})


def _describe(self: ELBV2Response) -> ActionResult:
    arns, names = self._get_param("TrustStoreArns", []), self._get_param("Names", [])
    found = [TRUST_STORES.one(arn) for arn in arns] if arns else TRUST_STORES.of(_place(self))
    for name in names:
        if name not in {one.name for one in found}:
            raise RefusalError(Code.TRUST_STORE_NOT_FOUND, f"Trust store '{name}' not found")
    return ActionResult({"TrustStores": [one.told() for one in found if not names or one.name in names]})


def _modify(self: ELBV2Response) -> ActionResult:
    return ActionResult({"TrustStores": [TRUST_STORES.modify(self._get_params(), self.region).told()]})


def _delete(self: ELBV2Response) -> ActionResult:
    arn = str(self._get_param("TrustStoreArn"))
    TRUST_STORES.delete(arn, believing(_backend(self), arn))
    _backend(self).tagging_service.delete_all_tags_for_resource(arn)
    return EmptyResult()


def _associations(self: ELBV2Response) -> ActionResult:
    arn = TRUST_STORES.one(str(self._get_param("TrustStoreArn"))).arn
    return ActionResult({"TrustStoreAssociations": [{"ResourceArn": one} for one in believing(_backend(self), arn)]})


def _location(self: ELBV2Response) -> ActionResult:
    return ActionResult({"Location": TRUST_STORES.one(str(self._get_param("TrustStoreArn"))).location})


ANSWERS = {
    "create_trust_store": _create,
    "delete_trust_store": _delete,
    "describe_trust_store_associations": _associations,
    "describe_trust_stores": _describe,
    "get_trust_store_ca_certificates_bundle": _location,
    "modify_trust_store": _modify,
}
