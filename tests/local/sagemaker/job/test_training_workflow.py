"""The training workflow on the local AWS: every way through it, every failure, and a stop at every step.

The state machine is the deployed one's own definition; jobs are run by a container that is cheap to start. Functions
that plan and judge say what the route says; those that explain failures and change endpoints are the deployed ones.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from mlstack.local.aws import LocalAws
from stacks.ml_services.training_workflow.definition import Parts, definition
from tests.local.builds import project, run
from tests.local.desk import Desk, Json
from tests.local.fake_image import BUILDSPEC, SERVER, archive
from tests.local.fake_job import PROCESSING, TRAINING
from tests.local.packing import zipped
from tests.local.patience import eventually

LAMBDA = Path(__file__).resolve().parents[4] / "lambda"
STARTER = LAMBDA.parent / "containers" / "inference" / "starter" / "model.tar.gz"
ROLE = "arn:aws:iam::123456789012:role/any"
DOCKERFILE = 'FROM python:3.13-slim\nWORKDIR /srv\nCOPY training ./training\nENTRYPOINT ["python", "-m", "training"]\n'
DISPATCH = """
import os, runpy, sys, time
time.sleep(float(os.environ.get("SLOW", "0")))
if os.environ.get("FAILS"):
    sys.exit(os.environ["FAILS"])
what = {"train": "train", "evaluate": "evaluate"}.get((sys.argv[1:] or [""])[0], "serve")
runpy.run_module(f"training.{what}", run_name="__main__")
"""
SOURCE = {
    "Dockerfile": DOCKERFILE,
    "training/__init__.py": "",
    "training/__main__.py": DISPATCH,
    "training/evaluate.py": PROCESSING.replace("path.read_text()", 'path.read_text(errors="replace")'),
    "training/serve.py": SERVER,
    "training/train.py": TRAINING,
}
PLANS = """
import time
class RequestError(Exception):
    pass
def handle(event, context):
    asked = event["request"]
    time.sleep(asked.get("thinks", 0))
    if "wrong" in asked:
        raise RequestError(asked["wrong"])
    return asked["plan"] | {"metadata": {"execution": event["execution"]}}
"""
JUDGES = """
import time
def handle(event, context):
    said = event["plan"]["verdict"]
    time.sleep(said.get("thinks", 0))
    if "wrong" in said:
        raise ValueError(said["wrong"])
    return {"passed": True, "metric": "accuracy", "value": 0.9, "reason": "accuracy 0.5 is not at least 0.8",
            "report": None, "metadata": {"metric": "accuracy"}, **said}
"""
CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
GROUP = "mlstack-story-paths"
AT_ONCE = 6
STANDING = "mlstack-story-standing"
PARTS = Parts(
    partition="aws",
    request_function="",
    verdict_function="",
    failure_function="",
    endpoint_function="",
    job_role="",
    serving_role="",
    longest_seconds=600,
    poll_seconds=1,
)


@dataclass(frozen=True)
class Route:
    """One execution: what is special about its plan, and what comes of it."""

    through: tuple[str, ...]
    """Steps that it enters, beside others."""
    error: str = ""
    """None where it succeeds."""
    cause: str = ""
    plan: Mapping[str, Any] = field(default_factory=dict)
    """What stands in the plan, key by key of a path such as training.HyperParameters."""
    request: Mapping[str, Any] = field(default_factory=dict)
    unexplained: bool = False
    stopped_at: str = ""
    """A step at which it is stopped, once it is there."""
    running: str = ""
    """The kind of job that runs then, and must be stopped."""
    halts_compilation: bool = False
    """Whether somebody stops the compilation itself."""


SLOW = {"SLOW": "60"}
SLEEPS = {"sleep": "60"}
ROUTES = {
    "train": Route(("Train", "Verdict", "Register", "Done")),
    "train, evaluate and register with the report": Route(
        ("Train", "Evaluate", "Verdict", "RegisterWithReport", "Done"),
        plan={"evaluation": "yes", "verdict": {"report": "s3://somewhere/evaluation.json"}},
    ),
    "tune": Route(("Tune", "BestOfTuning", "Verdict", "Register", "Done"), plan={"path": "tune"}),
    "compile": Route(
        ("TakeVersion", "Compile", "LookAtCompilation", "KeepCompiled", "KeepVersion", "Done"),
        plan={"path": "version", "compilation": "yes", "serving.artifacts": "starter"},
    ),
    "a batch and an endpoint": Route(
        ("TakeVersion", "MakeModel", "Transform", "Deploy", "LookAtEndpoint", "KeepEndpoint", "Done"),
        plan={"path": "version", "transform": "yes", "deploy": "yes"},
    ),
    "a request that is refused": Route(
        ("Plan", "Explain"),
        "RequestError",
        "train.data: there is nothing under it",
        request={"wrong": "train.data: there is nothing under it"},
    ),
    "a training that fails": Route(
        ("Train", "Explain"),
        "TrainingJobFailed",
        "only one class in the data",
        plan={"training.HyperParameters": {"fail": "only one class in the data"}},
    ),
    "a training that SageMaker refuses": Route(
        ("Train", "Explain"),
        "ValidationException",
        "",
        plan={"training.StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 700}},
    ),
    "a training that takes too long": Route(
        ("Train", "Explain"),
        "TrainingJobTimedOut",
        "max_run_minutes",
        plan={"training.HyperParameters": SLEEPS, "training.StoppingCondition": {"MaxRuntimeInSeconds": 1}},
    ),
    "a tuning that fails": Route(
        ("Tune", "Explain"),
        "TuningJobFailed",
        "too little memory",
        plan={"path": "tune", "tuning.fail": "too little memory"},
    ),
    "an evaluation that fails": Route(
        ("Evaluate", "Explain"),
        "ProcessingJobFailed",
        "",
        plan={"evaluation": "yes", "evaluation.environment": {"FAILS": "no labels"}},
    ),
    "a verdict that cannot be read": Route(
        ("Verdict", "Explain"),
        "ValueError",
        "the report is broken",
        plan={"verdict": {"wrong": "the report is broken"}},
    ),
    "a model that is not good enough": Route(
        ("Verdict", "NotGoodEnough"),
        "GateNotPassed",
        "accuracy 0.5 is not at least 0.8",
        plan={"verdict": {"passed": False}},
    ),
    "a compilation that fails": Route(
        ("Compile", "CompilationFailed"),
        "CompilationJobFailed",
        "",
        plan={"path": "version", "compilation": "yes"},
    ),
    "a compilation that SageMaker refuses": Route(
        ("Compile", "Explain"),
        "SageMakerException",
        "",
        plan={
            "path": "version",
            "compilation": "yes",
            "compilation.input": {"DataInputConfig": "", "Framework": "NONE"},
        },
    ),
    "a compilation that somebody stops": Route(
        ("LookAtCompilation", "CompilationStopped"),
        "CompilationJobStopped",
        "somebody stopped the compilation",
        plan={"path": "version", "compilation": "yes", "serving.artifacts": "starter"},
        halts_compilation=True,
    ),
    "an endpoint that goes back": Route(
        ("Deploy", "EndpointRolledBack"),
        "EndpointRolledBack",
        "the model before",
        plan={"path": "version", "deploy": "yes", "deploy.endpoint": STANDING, "serving.environment": {"FAILS": "x"}},
    ),
    "a group that is gone": Route(
        ("Register", "Explain"), "", "", plan={"group": "mlstack-story-gone"}, request={"fails": True}
    ),
    "a model that SageMaker refuses": Route(
        ("MakeModel", "Explain"),
        "SageMakerException",
        "",
        plan={"path": "version", "deploy": "yes", "serving.image": "not an image"},
    ),
    "a batch that fails": Route(
        ("Transform", "Explain"),
        "TransformJobFailed",
        "",
        plan={"path": "version", "transform": "yes", "transform.key": "batch/fail.txt"},
    ),
    "a batch that takes too long": Route(
        ("Transform", "Explain"),
        "Timeout",
        "Transform",
        plan={
            "path": "version",
            "transform": "yes",
            "transform.key": "batch/sleep.txt",
            "transform.max_run_seconds": 1,
        },
        running="TransformJob",
    ),
    "an endpoint of another stage": Route(
        ("Deploy", "Explain"),
        "EndpointNameError",
        "none of stage story",
        plan={"path": "version", "deploy": "yes", "deploy.endpoint": "mlstack-other-x"},
    ),
    "an endpoint that never answers": Route(
        ("Deploy", "LookAtEndpoint", "EndpointFailedWithReason"),
        "EndpointFailed",
        "ping",
        plan={"path": "version", "deploy": "yes", "serving.environment": {"FAILS": "x"}},
    ),
    "a failure that nobody can explain": Route(
        ("Plan", "Explain", "FailedUnexplained"), "WorkflowFailed", "history", request={"wrong": "x"}, unexplained=True
    ),
    "stopped while it plans": Route(("Plan",), "stopped", request={"thinks": 30}, stopped_at="Plan"),
    "stopped while it trains": Route(
        ("Train",),
        "stopped",
        plan={"training.HyperParameters": SLEEPS},
        stopped_at="Train",
        running="TrainingJob",
    ),
    "stopped while it tunes": Route(
        ("Tune",),
        "stopped",
        plan={"path": "tune", "tuning.sleep": "60"},
        stopped_at="Tune",
        running="HyperParameterTuningJob",
    ),
    "stopped while it evaluates": Route(
        ("Evaluate",),
        "stopped",
        plan={"evaluation": "yes", "evaluation.environment": SLOW},
        stopped_at="Evaluate",
        running="ProcessingJob",
    ),
    "stopped while it judges": Route(("Verdict",), "stopped", plan={"verdict": {"thinks": 30}}, stopped_at="Verdict"),
    "stopped while it compiles": Route(
        ("Compile",),
        "stopped",
        plan={"path": "version", "compilation": "yes", "serving.artifacts": "starter"},
        stopped_at="WaitForCompilation",
    ),
    "stopped during a batch": Route(
        ("Transform",),
        "stopped",
        plan={"path": "version", "transform": "yes", "transform.key": "batch/sleep.txt"},
        stopped_at="Transform",
        running="TransformJob",
    ),
    "stopped while an endpoint starts": Route(
        ("Deploy", "WaitForEndpoint"),
        "stopped",
        plan={"path": "version", "deploy": "yes", "serving.environment": {"SLOW": "10"}},
        stopped_at="WaitForEndpoint",
    ),
}


@dataclass(frozen=True)
class Outcome:
    """What became of a route."""

    said: Json
    entered: tuple[str, ...]
    job: str


@dataclass(frozen=True)
class Theatre:
    """Where the routes are run."""

    desk: Desk
    image: str
    machine: str
    silent_machine: str
    """The same with nobody who explains failures."""

    def plan(self, route: Route, job: str) -> Json:
        """The whole plan of a route."""
        desk, name = self.desk, {"Key": "mlstack:stage", "Value": "story"}
        given = dict(route.plan)
        transform_key = given.pop("transform.key", "batch/one.txt")
        tuned = {key: given.pop(f"tuning.{key}") for key in ("fail", "sleep") if f"tuning.{key}" in given}
        artifacts = given.pop("serving.artifacts", "model")
        plan: Json = {
            "job": job,
            "path": "train",
            "model": "paths",
            "group": GROUP,
            "training": self._training(),
            "tuning": self._tuning(tuned),
            "evaluation": {
                "data": desk.uri("test/"),
                "image": self.image,
                "output": desk.uri(f"{job}/evaluation/"),
                "resources": {"ClusterConfig": CLUSTER},
                "max_run_seconds": 600,
                "environment": {},
            },
            "compilation": {
                "input": {"DataInputConfig": json.dumps({"pixel_values": [1, 3, 32, 32]}), "Framework": "ONNX"},
                "output_config": {"S3OutputLocation": desk.uri(f"{job}/compiled/"), "TargetDevice": "jetson_nano"},
                "max_run_seconds": 900,
            },
            "serving": {
                "image": self.image,
                "environment": {},
                "artifacts": desk.uri(f"{artifacts}.tar.gz"),
                "content_types": ["image/jpeg"],
                "response_types": ["application/json"],
                "realtime_types": ["ml.m5.large"],
                "transform_types": ["ml.m5.large"],
            },
            "approval": "Approved",
            "register": given.get("path") != "version",
            "version": None,
            "package": None,
            "deploy": {"endpoint": f"mlstack-story-{job[-8:]}", "memory_mb": 1024, "max_concurrency": 1},
            "transform": {
                "TransformInput": {
                    "ContentType": "text/plain",
                    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": desk.uri(transform_key)}},
                },
                "TransformOutput": {"S3OutputPath": desk.uri(f"{job}/transform/")},
                "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
                "BatchStrategy": "SingleRecord",
                "MaxPayloadInMB": 6,
                "MaxConcurrentTransforms": 1,
                "Environment": {},
                "max_run_seconds": 600,
            },
            "tags": [name],
            "verdict": {},
        }
        for part in ("evaluation", "compilation", "transform", "deploy"):
            if given.pop(part, None) is None:
                plan[part] = None
        for path, value in given.items():
            *outer, last = path.split(".")
            place = plan
            for key in outer:
                place = place[key]
            place[last] = value
        return plan

    def _training(self) -> Json:
        desk = self.desk
        return {
            "AlgorithmSpecification": {"TrainingImage": self.image, "TrainingInputMode": "File"},
            "HyperParameters": {},
            "InputDataConfig": [
                {
                    "ChannelName": "train",
                    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": desk.uri("train/")}},
                }
            ],
            "OutputDataConfig": {"S3OutputPath": desk.uri("out")},
            "ResourceConfig": CLUSTER,
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            "EnableManagedSpotTraining": False,
            "CheckpointConfig": {"S3Uri": desk.uri("checkpoints/")},
            "EnableNetworkIsolation": True,
            "Environment": {},
            "Tags": [{"Key": "mlstack:stage", "Value": "story"}],
        }

    def _tuning(self, static: Json) -> Json:
        whole = self._training()
        kept = (
            "CheckpointConfig", "EnableManagedSpotTraining", "EnableNetworkIsolation", "InputDataConfig",
            "OutputDataConfig", "ResourceConfig", "StoppingCondition",
        )  # fmt: skip
        metric = {"Name": "validation:score", "Regex": "validation:score=([-0-9.e]+);"}
        return {
            "HyperParameterTuningJobConfig": {
                "Strategy": "Random",
                "HyperParameterTuningJobObjective": {"MetricName": metric["Name"], "Type": "Maximize"},
                "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "5"}]},
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 2},
            },
            "TrainingJobDefinition": {
                "AlgorithmSpecification": {**whole["AlgorithmSpecification"], "MetricDefinitions": [metric]},
                "RoleArn": self.desk.role,
                "StaticHyperParameters": static,
                **{key: whole[key] for key in kept},
            },
            "Tags": whole["Tags"],
        }

    def begin(self, name: str, route: Route) -> tuple[str, str]:
        """Start a route; its execution and the name of its jobs."""
        job = f"mlstack-story-{hashlib.sha256((name + uuid4().hex).encode()).hexdigest()[:8]}"
        machine = self.silent_machine if route.unexplained else self.machine
        asked = json.dumps({"plan": self.plan(route, job), **route.request})
        started = self.desk.aws.client("stepfunctions").start_execution(stateMachineArn=machine, input=asked)
        return str(started["executionArn"]), job

    def entered(self, execution: str) -> tuple[str, ...]:
        """The steps that an execution has entered so far."""
        pages = self.desk.aws.client("stepfunctions").get_paginator("get_execution_history")
        events = [event for page in pages.paginate(executionArn=execution) for event in page["events"]]
        return tuple(one["stateEnteredEventDetails"]["name"] for one in events if "stateEnteredEventDetails" in one)

    def follow(self, route: Route, execution: str, job: str) -> Outcome:
        """Wait for a route's end, or for the step at which it is stopped."""
        client = self.desk.aws.client("stepfunctions")

        def there() -> bool:
            return route.stopped_at in self.entered(execution) and (
                not route.running or self.status(route, job) == "InProgress"
            )

        if route.stopped_at:
            assert eventually(there), (
                f"never at {route.stopped_at}: {client.describe_execution(executionArn=execution)}"
            )
            client.stop_execution(executionArn=execution, cause="a person stopped it")

        if route.halts_compilation:
            assert eventually(lambda: self.halted(job), within_s=60)

        def ended() -> Json | None:
            said: Json = client.describe_execution(executionArn=execution)
            return said if said["status"] != "RUNNING" else None

        said = eventually(ended, within_s=60)
        return Outcome(said or {}, self.entered(execution), job)

    def halted(self, job: str) -> bool:
        """Whether the compilation is there, and is stopped now."""
        try:
            self.desk.sagemaker.stop_compilation_job(CompilationJobName=job)
        except self.desk.sagemaker.exceptions.ResourceNotFound:
            return False
        return True

    def status(self, route: Route, job: str) -> str:
        """How the job of a kind that a route has stands."""
        kind = route.running
        describe = getattr(self.desk.sagemaker, {
            "TrainingJob": "describe_training_job",
            "HyperParameterTuningJob": "describe_hyper_parameter_tuning_job",
            "ProcessingJob": "describe_processing_job",
            "TransformJob": "describe_transform_job",
        }[kind])  # fmt: skip
        try:
            return str(describe(**{f"{kind}Name": job})[f"{kind}Status"])
        except self.desk.sagemaker.exceptions.ClientError:
            return "not there"


def packed(package: str) -> bytes:
    """A deployed function's zip."""
    files = [path for name in (package, "shared") for path in (LAMBDA / name).rglob("*.py")]
    return zipped({path.relative_to(LAMBDA).as_posix(): path.read_text() for path in files})


@pytest.fixture(scope="module")
def theatre(local_aws: LocalAws, desk: Desk) -> Iterator[Theatre]:
    ecr, codebuild, functions = (local_aws.client(name) for name in ("ecr", "codebuild", "lambda"))
    states, name = local_aws.client("stepfunctions"), f"paths-{uuid4().hex[:8]}"
    desk.s3.put_object(Bucket=desk.bucket, Key="paths.zip", Body=zipped(SOURCE))
    desk.s3.put_object(Bucket=desk.bucket, Key="model.tar.gz", Body=archive(answer_txt="a model"))
    desk.s3.put_object(Bucket=desk.bucket, Key="starter.tar.gz", Body=STARTER.read_bytes())
    desk.put(
        train__a_txt="a", test__a_txt="a", batch__one_txt="one", batch__fail_txt="fail", batch__sleep_txt="sleep 60"
    )
    uri = ecr.create_repository(repositoryName=name)["repository"]["repositoryUri"]
    codebuild.create_project(name=name, **project(f"{desk.bucket}/paths.zip", BUILDSPEC, IMAGE_REPOSITORY_URI=uri))
    assert run(local_aws, name, "v1")["buildStatus"] == "SUCCEEDED"
    local_aws.hosting_limits(compile_seconds=3)
    local_aws.client("sagemaker").create_model_package_group(ModelPackageGroupName=GROUP)
    zips = {
        "request": ("handler.handle", zipped({"handler.py": PLANS})),
        "verdict": ("handler.handle", zipped({"handler.py": JUDGES})),
        "failure": ("training_failure.handler.handle", packed("training_failure")),
        "endpoint": ("endpoint_change.handler.handle", packed("endpoint_change")),
    }
    arns = {
        short: functions.create_function(
            FunctionName=f"{name}-{short}",
            Runtime="python3.13",
            Handler=handler,
            Role=ROLE,
            Timeout=60,
            Code={"ZipFile": body},
            Environment={"Variables": {"STAGE": "story"}},
        )["FunctionArn"]
        for short, (handler, body) in zips.items()
    }
    parts = replace(
        PARTS,
        request_function=arns["request"],
        verdict_function=arns["verdict"],
        failure_function=arns["failure"],
        endpoint_function=arns["endpoint"],
        job_role=desk.role,
        serving_role=desk.role,
    )
    _stand(desk, f"{uri}:v1")
    silent = replace(parts, failure_function=f"{arns['failure']}-gone")
    machines = [
        states.create_state_machine(name=f"{name}-{number}", definition=json.dumps(definition(one)), roleArn=ROLE)[
            "stateMachineArn"
        ]
        for number, one in enumerate((parts, silent))
    ]
    yield Theatre(desk, f"{uri}:v1", *machines)
    for arn in machines:
        states.delete_state_machine(stateMachineArn=arn)
    local_aws.hosting_limits(compile_seconds=1)
    _clear(local_aws, name, arns)


def _stand(desk: Desk, image: str) -> None:
    """An endpoint that answers before any route begins."""
    sagemaker, container = desk.sagemaker, {"Image": image, "ModelDataUrl": desk.uri("model.tar.gz")}
    sagemaker.create_model(ModelName=STANDING, ExecutionRoleArn=desk.role, PrimaryContainer=container)
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": STANDING,
        "ServerlessConfig": {"MemorySizeInMB": 1024, "MaxConcurrency": 1},
    }
    sagemaker.create_endpoint_config(EndpointConfigName=STANDING, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=STANDING, EndpointConfigName=STANDING)

    def stands() -> bool:
        return bool(sagemaker.describe_endpoint(EndpointName=STANDING)["EndpointStatus"] == "InService")

    assert eventually(stands)


def _clear(aws: LocalAws, name: str, functions: Mapping[str, str]) -> None:
    """Take away what the routes made, as the deployed stack's own resource does on the real way out."""
    sagemaker = aws.client("sagemaker")
    assert eventually(lambda: not sagemaker.list_endpoints(StatusEquals="Creating")["Endpoints"], within_s=60)
    for one in sagemaker.list_endpoints(NameContains="mlstack-story-")["Endpoints"]:
        sagemaker.delete_endpoint(EndpointName=one["EndpointName"])
    for one in sagemaker.list_endpoint_configs(NameContains="mlstack-story-")["EndpointConfigs"]:
        sagemaker.delete_endpoint_config(EndpointConfigName=one["EndpointConfigName"])
    for one in sagemaker.list_models(NameContains="mlstack-story-")["Models"]:
        sagemaker.delete_model(ModelName=one["ModelName"])
    for one in sagemaker.list_model_packages(ModelPackageGroupName=GROUP)["ModelPackageSummaryList"]:
        sagemaker.delete_model_package(ModelPackageName=one["ModelPackageArn"])
    sagemaker.delete_model_package_group(ModelPackageGroupName=GROUP)
    for arn in functions.values():
        aws.client("lambda").delete_function(FunctionName=arn)
    aws.client("codebuild").delete_project(name=name)
    aws.client("ecr").delete_repository(repositoryName=name, force=True)


@pytest.fixture(scope="module")
def outcomes(theatre: Theatre) -> Mapping[str, Outcome]:
    """Several routes at once: most of the time each waits for others."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = pool.map(lambda name: theatre.follow(ROUTES[name], *theatre.begin(name, ROUTES[name])), ROUTES)
        return dict(zip(ROUTES, found, strict=True))


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if not route.error and not route.request])
def test_a_route_succeeds(outcomes: Mapping[str, Outcome], name: str) -> None:
    outcome = outcomes[name]

    assert outcome.said["status"] == "SUCCEEDED", outcome.said["cause"]
    assert set(ROUTES[name].through) <= set(outcome.entered)


@pytest.mark.parametrize(
    "name", [name for name, route in ROUTES.items() if (route.error or route.request) and not route.stopped_at]
)
def test_a_failure_carries_its_reason_to_the_top(outcomes: Mapping[str, Outcome], name: str) -> None:
    outcome, route = outcomes[name], ROUTES[name]

    assert outcome.said["status"] == "FAILED"
    assert route.error in outcome.said["error"], outcome.said
    assert route.cause in outcome.said["cause"], outcome.said
    assert "\n" not in outcome.said["cause"]
    assert set(route.through) <= set(outcome.entered)


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.stopped_at])
def test_a_stop_is_heeded_at_every_step(outcomes: Mapping[str, Outcome], name: str) -> None:
    outcome, route = outcomes[name], ROUTES[name]

    assert outcome.said["status"] == "ABORTED"
    assert outcome.said["cause"] == "a person stopped it"
    assert "Done" not in outcome.entered
    assert set(route.through) <= set(outcome.entered)


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.running])
def test_a_stopped_step_stops_its_job(theatre: Theatre, outcomes: Mapping[str, Outcome], name: str) -> None:
    route, job = ROUTES[name], outcomes[name].job

    assert eventually(lambda: theatre.status(route, job) == "Stopped"), theatre.status(route, job)


def test_the_result_tells_everything_that_was_made(outcomes: Mapping[str, Outcome]) -> None:
    outcome = outcomes["a batch and an endpoint"]

    said = json.loads(outcome.said["output"])

    assert said["job"] == outcome.job
    assert said["endpoint"] == f"mlstack-story-{outcome.job[-8:]}"
    assert said["transformed"].endswith(f"{outcome.job}/transform/")
    assert (said["compiled"], said["metric"], said["package_arn"]) == (None, None, None)


def test_a_registered_version_knows_its_run_metric_and_report(
    theatre: Theatre, outcomes: Mapping[str, Outcome]
) -> None:
    said = json.loads(outcomes["train, evaluate and register with the report"].said["output"])

    version = theatre.desk.sagemaker.describe_model_package(ModelPackageName=said["package_arn"])

    assert version["ModelApprovalStatus"] == "Approved"
    assert version["CustomerMetadataProperties"]["metric"] == "accuracy"
    assert version["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"] == "s3://somewhere/evaluation.json"
    assert version["InferenceSpecification"]["Containers"][0]["ModelDataUrl"] == said["artifacts"]


def test_every_state_but_two_is_entered_by_some_route(outcomes: Mapping[str, Outcome]) -> None:
    states = definition(PARTS)["States"]
    assert isinstance(states, dict)

    left = set(states) - {name for outcome in outcomes.values() for name in outcome.entered}

    assert left == {
        "EndpointFailedWithoutReason",
        "TrainingStopped",
    }  # SageMaker gives a reason; a stop is a failure here
