"""The quotas as they are listed, page by page, and as a test sets them; those of other services are moto's."""

import json
from collections.abc import Iterable
from typing import Any

from moto.utilities.utils import get_partition

from mlstack.local.environment import Place
from mlstack.local.json_service import Json, JsonService, ServiceError
from mlstack.local.rekognition.failure import RekognitionError
from mlstack.local.rekognition.page import page
from mlstack.local.service_quotas.instance_quota import code, defaults

TARGET = "ServiceQuotasV20190624."
OURS = "sagemaker"
LARGEST_PAGE = 100
MISFIT = ("InvalidPaginationTokenException", "Invalid token was provided.")
UNKNOWN = ("NoSuchResourceException", "The request failed because the specified resource does not exist.")


class ServiceQuotas:
    """SageMaker's quotas of one account and region."""

    def __init__(self, place: Place) -> None:
        self._prefix = f"arn:{get_partition(place.region)}:servicequotas:{place.region}:{place.account}:{OURS}/"
        self._set: dict[str, float] = {}

    def service(self) -> JsonService:
        """The operations."""
        return JsonService(
            name="service-quotas",
            target=TARGET,
            invalid="IllegalArgumentException",
            answers={
                "GetAWSDefaultServiceQuota": lambda asked: {"Quota": self._one(asked, defaults())},
                "GetServiceQuota": lambda asked: {"Quota": self._one(asked, self.values())},
                "ListAWSDefaultServiceQuotas": lambda asked: self._listed(asked, defaults()),
                "ListServiceQuotas": lambda asked: self._listed(asked, self.values()),
            },
            passes=lambda _, asked: asked.get("ServiceCode") != OURS,
        )

    def values(self) -> dict[str, float]:
        """The value of each quota by its name."""
        return {**defaults(), **self._set}

    def set_values(self) -> dict[str, float]:
        """Those that a test has set."""
        return dict(self._set)

    def change(self, body: bytes) -> dict[str, float]:
        """Set quotas by name, and tell all that are set; raise ValueError for what is no quota."""
        asked: Any = json.loads(body or b"{}")
        if not isinstance(asked, dict) or asked.keys() - defaults().keys():
            message = 'quotas are called like "ml.m5.xlarge for spot training job usage"'
            raise ValueError(message)
        said = {**self._set, **asked}
        self._set = {name: float(value) for name, value in said.items() if value is not None}
        return dict(self._set)

    def _one(self, asked: Json, values: dict[str, float]) -> Json:
        found = self._found(asked["QuotaCode"], values)
        if not found:
            raise ServiceError(*UNKNOWN)
        return found[0]

    def _found(self, wanted: str | None, values: dict[str, float]) -> list[Json]:
        named: Iterable[tuple[str, float]] = values.items()
        return [self._told(name, value) for name, value in named if wanted in {None, code(name)}]

    def _listed(self, asked: Json, values: dict[str, float]) -> Json:
        found = self._found(asked.get("QuotaCode"), values)
        size = min(asked.get("MaxResults", LARGEST_PAGE), LARGEST_PAGE)
        try:
            shown, token = page(found, size, asked.get("NextToken"), "Quotas")
        except RekognitionError as error:
            raise ServiceError(*MISFIT) from error
        return {"Quotas": shown, **({"NextToken": token} if token else {})}

    def _told(self, name: str, value: float) -> Json:
        return {
            "ServiceCode": OURS,
            "ServiceName": "Amazon SageMaker",
            "QuotaArn": self._prefix + code(name),
            "QuotaCode": code(name),
            "QuotaName": name,
            "Value": value,
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
            "QuotaAppliedAtLevel": "ACCOUNT",
        }
