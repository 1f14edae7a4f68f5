"""A function takes four kilobytes of variables and no more."""

from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from mlstack.local.aws import LocalAws


def test_a_function_with_too_many_variables_is_refused(function: Callable[..., str], local_aws: LocalAws) -> None:
    most = {"Variables": {"V": "x" * (4096 - len('{"V":""}'))}}
    more = {"Variables": {"V": most["Variables"]["V"] + "x"}}

    name = function("x = 1", Environment=most)

    with pytest.raises(ClientError, match="exceeded the 4KB limit"):
        function("x = 1", Environment=more)
    with pytest.raises(ClientError, match="exceeded the 4KB limit"):
        local_aws.client("lambda").update_function_configuration(FunctionName=name, Environment=more)
