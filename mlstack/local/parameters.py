"""DescribeParameters tells of the account's own parameters alone: moto lists AWS's public ones too, page by page."""

import copy
from typing import Any

from moto.ssm.models import Parameter, ParameterDict, SimpleSystemManagerBackend

from mlstack.local.mend import replace

PUBLIC = "/aws/"


def mend() -> None:
    """Leave out what AWS publishes; there are thousands as soon as somebody has asked for one."""
    moto_describe = SimpleSystemManagerBackend.describe_parameters

    def describe_parameters(
        self: SimpleSystemManagerBackend, filters: list[dict[str, Any]], parameter_filters: list[dict[str, Any]]
    ) -> list[Parameter]:
        own = ParameterDict(self.account_id, self.region_name)
        own.update({name: versions for name, versions in self._parameters.items() if not name.startswith(PUBLIC)})
        seen = copy.copy(self)
        vars(seen)["_parameters"] = own
        return moto_describe(seen, filters, parameter_filters)

    replace(SimpleSystemManagerBackend, "describe_parameters", describe_parameters)
