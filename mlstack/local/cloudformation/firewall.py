"""AWS::WAFv2::WebACL and WebACLAssociation, which moto lacks in templates."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from mlstack.local.cloudformation.called import Kind, Properties, tags
from mlstack.local.cloudformation.named import fitting
from mlstack.local.cloudformation.typed import typed

Client = Any
LONGEST = 128
GONE = "WAFNonexistentItemException"
FIXED = ("Name", "Scope")


def _acl(waf: Client, name: str, properties: Properties) -> str:
    asked = {**properties, "Name": fitting(name, LONGEST)}
    made = waf.create_web_acl(**typed("wafv2", "CreateWebACL", asked))["Summary"]
    return f"{made['Name']}|{made['Id']}|{properties['Scope']}"


def _of(name: str) -> dict[str, str]:
    """What a physical id names."""
    return dict(zip(("Name", "Id", "Scope"), name.split("|"), strict=True))


def _found(waf: Client, name: str) -> dict[str, Any]:
    found: dict[str, Any] = waf.get_web_acl(**_of(name))
    return found


def _acl_again(waf: Client, name: str, new: Properties, old: Properties) -> None:
    found = _found(waf, name)
    said = {key: value for key, value in new.items() if key not in {*FIXED, "Tags"}}
    asked = {**said, **_of(name), "LockToken": found["LockToken"]}
    waf.update_web_acl(**typed("wafv2", "UpdateWebACL", asked))
    arn, lost = found["WebACL"]["ARN"], [key for key in tags(old) if key not in tags(new)]
    if lost:
        waf.untag_resource(ResourceARN=arn, TagKeys=lost)
    if tags(new) and tags(new) != tags(old):
        waf.tag_resource(ResourceARN=arn, Tags=[{"Key": key, "Value": value} for key, value in tags(new).items()])


def _no_acl(waf: Client, name: str, _: Properties) -> None:
    with _perhaps_gone():
        waf.delete_web_acl(**_of(name), LockToken=_found(waf, name)["LockToken"])


@contextmanager
def _perhaps_gone() -> Iterator[None]:
    """Somebody may have been faster, which WAF tells in words of its own."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != GONE:
            raise


def _acl_attributes(waf: Client, name: str) -> dict[str, str]:
    said = _found(waf, name)["WebACL"]
    return {
        "Arn": said["ARN"],
        "Capacity": str(said["Capacity"]),
        "Id": said["Id"],
        "LabelNamespace": said["LabelNamespace"],
    }


def _associate(waf: Client, _name: str, properties: Properties) -> str:
    asked = {"WebACLArn": properties["WebACLArn"], "ResourceArn": properties["ResourceArn"]}
    waf.associate_web_acl(**asked)
    return "|".join(asked.values())


def _associate_again(waf: Client, name: str, new: Properties, _old: Properties) -> None:
    _associate(waf, name, new)


def _dissociate(waf: Client, _name: str, properties: Properties) -> None:
    """Let a resource go, unless another web ACL has taken the place."""
    with _perhaps_gone():
        there = waf.get_web_acl_for_resource(ResourceArn=properties["ResourceArn"]).get("WebACL") or {}
        if there.get("ARN") == properties["WebACLArn"]:
            waf.disassociate_web_acl(ResourceArn=properties["ResourceArn"])


FIREWALL = (
    Kind(
        type="AWS::WAFv2::WebACL",
        service="wafv2",
        fixed=FIXED,
        create=_acl,
        update=_acl_again,
        delete=_no_acl,
        attributes=_acl_attributes,
    ),
    Kind(
        type="AWS::WAFv2::WebACLAssociation",
        service="wafv2",
        fixed=("", "ResourceArn", "WebACLArn"),
        create=_associate,
        update=_associate_again,
        delete=_dissociate,
    ),
)
