"""Step Functions' service integrations: which service and action a task's Resource names, in botocore's words."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NoReturn

from botocore.model import OperationModel, ServiceModel
from botocore.session import Session
from botocore.utils import CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES

from checks.scalars import suggestion

RESOURCE = re.compile(
    r"arn:aws[a-z-]*:states:[a-z0-9-]*:[0-9]*:(?P<sdk>aws-sdk:)?(?P<service>[^:.]+):(?P<action>[^:.]+)(?P<pattern>[.].+)?"
)
CALL, SYNC, SYNC_2, CALLBACK = "", ".sync", ".sync:2", ".waitForTaskToken"

# The optimised integrations and the patterns of each of their actions
OPTIMISED: dict[str, dict[str, tuple[str, ...]]] = {
    "apigateway": {"invoke": (CALL, CALLBACK)},
    "athena": {
        "startQueryExecution": (CALL, SYNC), "stopQueryExecution": (CALL,),
        "getQueryExecution": (CALL,), "getQueryResults": (CALL,),
    },
    "batch": {"submitJob": (CALL, SYNC, CALLBACK)},
    "bedrock": {
        "invokeModel": (CALL,), "createModelCustomizationJob": (CALL, SYNC),
    },
    "codebuild": {
        "startBuild": (CALL, SYNC), "stopBuild": (CALL,), "batchDeleteBuilds": (CALL,), "batchGetReports": (CALL,),
        "startBuildBatch": (CALL, SYNC), "stopBuildBatch": (CALL,), "retryBuildBatch": (CALL, SYNC),
        "deleteBuildBatch": (CALL,),
    },
    "databrew": {"startJobRun": (CALL, SYNC)},
    "dynamodb": {"getItem": (CALL,), "putItem": (CALL,), "deleteItem": (CALL,), "updateItem": (CALL,)},
    "ecs": {"runTask": (CALL, SYNC, CALLBACK)},
    "eks": {
        "call": (CALL,), "runJob": (CALL, SYNC), "createCluster": (CALL, SYNC), "deleteCluster": (CALL, SYNC),
        "createFargateProfile": (CALL, SYNC), "deleteFargateProfile": (CALL, SYNC),
        "createNodegroup": (CALL, SYNC), "deleteNodegroup": (CALL, SYNC),
    },
    "events": {"putEvents": (CALL, CALLBACK)},
    "glue": {"startJobRun": (CALL, SYNC)},
    "http": {"invoke": (CALL,)},
    "lambda": {"invoke": (CALL, CALLBACK)},
    "mediaconvert": {"createJob": (CALL, SYNC)},
    "sagemaker": {
        "createEndpoint": (CALL,), "createEndpointConfig": (CALL,), "createModel": (CALL,), "updateEndpoint": (CALL,),
        "createHyperParameterTuningJob": (CALL, SYNC), "createLabelingJob": (CALL, SYNC),
        "createProcessingJob": (CALL, SYNC), "createTrainingJob": (CALL, SYNC), "createTransformJob": (CALL, SYNC),
    },
    "sns": {"publish": (CALL, CALLBACK)},
    "sqs": {"sendMessage": (CALL, CALLBACK)},
    "states": {"startExecution": (CALL, SYNC, SYNC_2, CALLBACK)},
}  # fmt: skip
# Their parameters are Step Functions' own, not the API's; EMR's whole integration is of this kind
OWN_PARAMETERS = {"apigateway:invoke", "bedrock:invokeModel", "eks:call", "eks:runJob", "http:invoke"}
OWN_SERVICES = {"elasticmapreduce", "emr-containers", "emr-serverless"}
CLIENTS = {"states": "stepfunctions"}


class UnknownCallError(ValueError):
    """A Resource that names a service, an action or a pattern that does not exist."""


@dataclass(frozen=True, slots=True)
class Integration:
    """What a task calls; ``operation`` is None where the parameters are not an API's."""

    name: str
    optimised: bool
    operation: OperationModel | None


def integration(resource: str) -> Integration | None:
    """Read a task's Resource; None for a Lambda function or an activity; raise UnknownCallError for a fault."""
    named = RESOURCE.fullmatch(resource)
    if not named or named["service"] in {"activity", "stateMachine"}:
        return None
    service, action, pattern = named["service"], named["action"], named["pattern"] or CALL
    name = f"{service}:{action}"
    if named["sdk"]:
        if pattern not in {CALL, CALLBACK}:
            _refuse(f"aws-sdk:{name} does not exist as {pattern}; only an optimised integration does")
        return Integration(f"aws-sdk:{name}", optimised=False, operation=_operation(_client(service), action))
    if service in OWN_SERVICES:
        return Integration(name, optimised=True, operation=None)
    _must_be_optimised(service, action, pattern)
    own = name in OWN_PARAMETERS
    operation = None if own else _operation(CLIENTS.get(service, service), action)
    return Integration(name, optimised=True, operation=operation)


def _must_be_optimised(service: str, action: str, pattern: str) -> None:
    if service not in OPTIMISED:
        _refuse(f"{service} has no optimised integration; write aws-sdk:{service}:{action}", service, OPTIMISED)
    if action not in OPTIMISED[service]:
        message = f"{service} has no optimised integration {action}"
        _refuse(message, action, OPTIMISED[service])
    if pattern not in OPTIMISED[service][action]:
        _refuse(f"{service}:{action} does not exist as {pattern}")


def _operation(client: str, action: str) -> OperationModel:
    model = _model(client)
    actions = {name[0].lower() + name[1:]: name for name in model.operation_names}
    if action not in actions:
        _refuse(f"{client} has no action {action}", action, actions)
    return model.operation_model(actions[action])


def _client(service: str) -> str:
    # Step Functions writes botocore's service id in lower case without hyphens: sfn, cloudwatchlogs
    ids: dict[str, str] = {
        CLIENT_NAME_TO_HYPHENIZED_SERVICE_ID_OVERRIDES.get(name, name).replace("-", ""): name
        for name in _session().get_available_services()
    }
    if service not in ids:
        _refuse(f"the AWS SDK has no service {service}", service, ids)
    return ids[service]


@cache
def _session() -> Session:
    return Session()


@cache
def _model(client: str) -> ServiceModel:
    return _session().get_service_model(client)


def _refuse(message: str, given: str = "", known: Iterable[str] = ()) -> NoReturn:
    raise UnknownCallError(message + suggestion(given, known))
