"""SageMaker's quotas of this account in this region, by their names, page by page."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.fault import code_of
from training_request.facts import Quota, Quotas

if TYPE_CHECKING:
    from mypy_boto3_service_quotas import ServiceQuotasClient
    from mypy_boto3_service_quotas.type_defs import ServiceQuotaTypeDef

_SERVICE = "sagemaker"
_MOST_PAGES = 100
_USAGE = " for "


def quotas(client: "ServiceQuotasClient", names: frozenset[str]) -> Quotas:
    """The quotas of these names.

    ListServiceQuotas leaves out what has no value of its own in an account, so the defaults are asked for the rest; a
    type that neither knows, in a region where both know its like, is not offered there.
    """
    if not names:
        return Quotas()
    try:
        known, _ = _read(_pages(client, "list_service_quotas"), names)
    except (BotoCoreError, ClientError) as error:
        return Quotas(failure=_reason(error))
    missing = names - set(known)
    if not missing:
        return Quotas(known=known)
    try:
        defaults, kinds = _read(_pages(client, "list_aws_default_service_quotas"), missing)
    except (BotoCoreError, ClientError) as error:
        return Quotas(known=known, failure=f"no value for {', '.join(sorted(missing))}; {_reason(error)}")
    absent = missing - set(defaults)
    gone = frozenset(one for one in absent if _kind(one) and _kind(one) in kinds)
    return Quotas(known={**defaults, **known}, not_offered=gone)


def _read(pages: "Iterable[Iterable[ServiceQuotaTypeDef]]", names: frozenset[str]) -> tuple[dict[str, Quota], set[str]]:
    """Those of these names, and for which uses any type has one; reading ends with the last that is needed."""
    found: dict[str, Quota] = {}
    kinds: set[str] = set()
    for page in pages:
        for one in page:
            name = one.get("QuotaName", "")
            kinds.add(_kind(name))
            if name in names:
                found[name] = Quota(name=name, code=one.get("QuotaCode", ""), value=float(one.get("Value", 0)))
        if len(found) == len(names):
            break
    return found, kinds


def _pages(client: "ServiceQuotasClient", operation: str) -> "Iterable[Iterable[ServiceQuotaTypeDef]]":
    more: Mapping[str, str] = {}
    for _ in range(_MOST_PAGES):
        answer = getattr(client, operation)(ServiceCode=_SERVICE, MaxResults=100, **more)
        yield answer.get("Quotas", ())
        if not answer.get("NextToken"):
            return
        more = {"NextToken": answer["NextToken"]}


def _kind(name: str) -> str:
    """The use of a quota such as `ml.m5.xlarge for training job usage`; "" of one that is not for a type."""
    machine, _, use = name.partition(_USAGE)
    return use if machine.startswith("ml.") else ""


def _reason(error: BotoCoreError | ClientError) -> str:
    return code_of(error) if isinstance(error, ClientError) else str(error)
