"""Training: what the workflow may start and read, how it is taken down, and every way through it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from mlstack.assembly import Stack
from mlstack.local.cloudformation.order import deletion_order
from shared import training_run
from stacks.ml_services.training_roles import CHECKPOINTS, RUNS
from stacks.ml_services.training_workflow import learning
from stacks.ml_services.training_workflow.definition import Parts, definition
from stacks.ml_services.training_workflow.states import EXPLAIN, State
from stacks.training_settings import LONGEST_STAGE
from tests.templates.synthesis import Synthesize, Synthesized
from trained_models.tagging import asked

GROUP, MADE, STOPPED = "AWS::SageMaker::ModelPackageGroup", "Custom::TrainedModels", "Custom::StopExecutions"
MACHINE, ROLE = "AWS::StepFunctions::StateMachine", "AWS::IAM::Role"
SETTINGS = {
    "enabled": True,
    "models": ["waste-sorter", "seeds"],
    "accelerator": "gpu",
    "algorithms": ["xgboost"],
    "instance_types": ["ml.m5.xlarge", "ml.g5.xlarge"],
    "max_instances": 2,
    "max_run_minutes": 60,
    "max_tuning_jobs": 8,
    "max_usd": 12.5,
}
OTHERS = {"vision": {"enabled": False}, "endpoints": {"enabled": False}, "network": {"enabled": False}}
PARTS = Parts(
    partition="aws",
    request_function="arn:request",
    verdict_function="arn:verdict",
    failure_function="arn:failure",
    endpoint_function="arn:endpoint",
    job_role="arn:job",
    serving_role="arn:serving",
    longest_seconds=60,
)


@pytest.fixture(scope="module")
def full(synthesize: Synthesize) -> Synthesized:
    """A stage that trains two models, on GPUs too."""
    return synthesize("sandbox", {**OTHERS, "training": SETTINGS})


@pytest.fixture(scope="module")
def stack(full: Synthesized) -> Stack:
    """Its stack."""
    return full.stacks["Training"]


@pytest.fixture(scope="module")
def durable(synthesize: Synthesize) -> Stack:
    """The stack of a stage that keeps its data."""
    return synthesize("production", {**OTHERS, "training": SETTINGS}).stacks["Training"]


@pytest.fixture(scope="module")
def states() -> Mapping[str, State]:
    """The workflow's states by name."""
    found: Mapping[str, State] = definition(PARTS)["States"]  # type: ignore[assignment]  # a state is an object
    return found


def statements(stack: Stack, of: str) -> list[dict[str, Any]]:
    """What the policies of the role that begins so allow."""
    return [
        statement
        for logical_id, policy in stack.of_type("AWS::IAM::Policy").items()
        if logical_id.startswith(of)
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def allowed(stack: Stack, of: str) -> dict[str, str]:
    """The resources, as JSON, by each action that a role has."""
    found: dict[str, str] = {}
    for statement in statements(stack, of):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        for action in actions:
            found[action] = found.get(action, "") + json.dumps(statement["Resource"])
    return found


def environment(stack: Stack, handler: str) -> dict[str, Any]:
    """The variables of the function with a handler."""
    [function] = [
        one
        for one in stack.of_type("AWS::Lambda::Function").values()
        if one["Properties"]["Handler"] == f"{handler}.handler.handle"
    ]
    found: dict[str, Any] = function["Properties"]["Environment"]["Variables"]
    return found


def following(state: State) -> Iterator[str]:
    """Every state that may come after one."""
    for place in (state, *state.get("Catch", ()), *state.get("Choices", ())):  # type: ignore[misc]  # lists of objects
        yield from (place[key] for key in ("Next", "Default") if key in place)


def test_what_the_profile_allows_reaches_the_function_that_judges_requests(stack: Stack) -> None:
    known = json.loads(environment(stack, "training_request")["SETTINGS"])

    assert known.pop("tags")["cost-centre"] == "ml-sandbox"
    assert known == {key: value for key, value in SETTINGS.items() if key != "enabled"}


def test_each_model_has_a_group_of_versions_named_after_the_stage(stack: Stack) -> None:
    [made] = stack.of_type(MADE).values()

    assert made["Properties"]["Groups"] == ["mlstack-sandbox-waste-sorter", "mlstack-sandbox-seeds"]
    assert made["Properties"]["Stage"] == "sandbox"


def test_cloudformation_owns_no_group_which_a_durable_stage_would_leave_in_the_way_of_the_next(
    stack: Stack, durable: Stack
) -> None:
    assert not {**stack.of_type(GROUP), **durable.of_type(GROUP)}


def test_groups_carry_the_tags_of_everything_else_in_the_stack(stack: Stack) -> None:
    [made] = stack.of_type(MADE).values()
    [machine] = stack.of_type(MACHINE).values()

    assert made["Properties"]["Tags"] == {tag["Key"]: tag["Value"] for tag in machine["Properties"]["Tags"]}
    assert asked(made["Properties"]["Tags"]) == made["Properties"]["Tags"]


def test_versions_are_registered_and_read_in_the_groups_of_the_profile_alone(stack: Stack) -> None:
    for role, action in (("WorkflowRole", "CreateModelPackage"), ("FunctionsRequest", "DescribeModelPackage")):
        resources = allowed(stack, role)[f"sagemaker:{action}"]
        assert ":model-package-group/mlstack-sandbox-waste-sorter" in resources
        assert ":model-package-group/mlstack-sandbox-seeds" in resources
        assert ":model-package-group/mlstack-sandbox-*" not in resources


def test_what_makes_groups_may_do_so_for_its_stage_alone(stack: Stack) -> None:
    found = allowed(stack, "MadeFunction")

    for action in ("AddTags", "CreateModelPackageGroup", "DeleteModelPackageGroup", "DescribeModelPackageGroup"):
        assert found[f"sagemaker:{action}"].count("arn:") == 1
        assert ":model-package-group/mlstack-sandbox-*" in found[f"sagemaker:{action}"]
    assert ":model-package-group/mlstack-sandbox-*" in found["sagemaker:ListTags"]
    assert found["sagemaker:ListModelPackageGroups"] == '"*"'


@pytest.mark.parametrize("kind", ["TrainingJob", "HyperParameterTuningJob", "ProcessingJob", "TransformJob"])
def test_no_job_starts_on_a_machine_that_the_profile_does_not_name(stack: Stack, kind: str) -> None:
    [statement] = [one for one in statements(stack, "WorkflowRole") if one["Action"] == f"sagemaker:Create{kind}"]

    assert statement["Condition"]["ForAllValues:StringEquals"] == {
        "sagemaker:InstanceTypes": ["ml.m5.xlarge", "ml.g5.xlarge"]
    }
    assert statement["Condition"]["Null"] == {"sagemaker:InstanceTypes": "false"}
    assert "mlstack-sandbox-*" in json.dumps(statement["Resource"])


def test_the_workflow_hands_on_its_two_roles_to_sagemaker_and_to_nobody_else(stack: Stack) -> None:
    [statement] = [one for one in statements(stack, "WorkflowRole") if one["Action"] == "iam:PassRole"]

    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert sorted(one["Fn::GetAtt"][0].rstrip("0123456789ABCDEF") for one in statement["Resource"]) == [
        "JobRole",
        "ServingRole",
    ]


def test_jobs_write_models_and_checkpoints_and_read_the_stages_two_buckets(stack: Stack) -> None:
    found = allowed(stack, "JobRole")

    assert "/training/*" in found["s3:PutObject"]
    assert "/checkpoints/*" in found["s3:PutObject"]
    assert not {action for action in found if action.startswith(("sagemaker:", "iam:"))}


def test_jobs_delete_checkpoints_and_nothing_else(stack: Stack) -> None:
    found = allowed(stack, "JobRole")

    assert {action for action in found if action.startswith("s3:Delete")} == {"s3:DeleteObject"}
    assert found["s3:DeleteObject"].count("/checkpoints/*") == found["s3:DeleteObject"].count("/*") == 1


def test_models_that_serve_write_under_runs_alone(stack: Stack) -> None:
    found = allowed(stack, "ServingRole")

    assert "/training/*" in found["s3:PutObject"]
    assert "checkpoints" not in found["s3:PutObject"]


def test_jobs_pull_the_projects_image_and_the_algorithms_of_the_profile(stack: Stack) -> None:
    repositories = allowed(stack, "JobRole")["ecr:BatchGetImage"]

    assert "repository/sagemaker-xgboost" in repositories
    assert "TrainingRepository" in repositories


def test_only_sagemaker_of_this_account_takes_the_roles_of_jobs(stack: Stack) -> None:
    trusted = [
        role["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
        for logical_id, role in stack.of_type(ROLE).items()
        if logical_id.startswith(("JobRole", "ServingRole"))
    ]

    assert len(trusted) == 2
    for statement in trusted:
        assert statement["Principal"] == {"Service": "sagemaker.amazonaws.com"}
        assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_what_runs_is_stopped_before_what_it_made_goes_and_that_before_its_roles(stack: Stack) -> None:
    order = list(deletion_order(stack.resources))

    def place(prefix_or_type: str) -> list[int]:
        return [
            number
            for number, name in enumerate(order)
            if name.startswith(prefix_or_type) or stack.resources[name]["Type"] == prefix_or_type
        ]

    assert max(place(STOPPED)) < min(place(MACHINE))
    assert max(place(STOPPED)) < min(place(MADE))
    assert max(place(MADE)) < min(place("ServingRole"))
    assert max(place(MADE)) < min(place("JobRole"))


def test_the_groups_are_there_before_the_workflow_that_registers_in_them(stack: Stack) -> None:
    [machine] = stack.of_type(MACHINE).values()

    assert {*stack.of_type(MADE)} <= {*machine["DependsOn"]}


def test_an_ephemeral_stage_takes_its_versions_with_it(stack: Stack) -> None:
    [made] = stack.of_type(MADE).values()

    assert made["Properties"]["EmptyGroups"] == "true"


def test_a_durable_stage_keeps_its_versions(durable: Stack) -> None:
    [made] = durable.of_type(MADE).values()

    assert made["Properties"]["EmptyGroups"] == "false"


def test_the_training_image_stands_on_a_deep_learning_container_for_what_the_profile_names(full: Synthesized) -> None:
    variables = [
        {one["Name"]: one["Value"] for one in project["Properties"]["Environment"]["EnvironmentVariables"]}
        for project in full.stacks["Images"].of_type("AWS::CodeBuild::Project").values()
    ]

    assert [found["BASE"] for found in variables if "BASE" in found] == [
        "public.ecr.aws/deep-learning-containers/pytorch:2.13-cu133-amzn2023-sagemaker"
    ]


def test_news_come_of_every_end_and_of_what_people_approve(stack: Stack) -> None:
    patterns = [rule["Properties"]["EventPattern"] for rule in stack.of_type("AWS::Events::Rule").values()]

    details = {pattern["source"][0]: pattern["detail"] for pattern in patterns}
    assert details["aws.states"]["status"] == ["SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT"]
    assert details["aws.sagemaker"] == {
        "ModelPackageGroupName": ["mlstack-sandbox-waste-sorter", "mlstack-sandbox-seeds"],
        "ModelApprovalStatus": ["Approved", "Rejected"],
    }


def test_news_that_could_not_be_told_are_kept(stack: Stack) -> None:
    [config] = stack.of_type("AWS::Lambda::EventInvokeConfig").values()
    [queue] = stack.of_type("AWS::SQS::Queue")

    assert config["Properties"]["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": [queue, "Arn"]}
    targets = [rule["Properties"]["Targets"][0] for rule in stack.of_type("AWS::Events::Rule").values()]
    assert {json.dumps(target["DeadLetterConfig"]["Arn"]) for target in targets} == {
        json.dumps({"Fn::GetAtt": [queue, "Arn"]})
    }


def test_every_state_is_reached_and_leads_to_one_that_is_there(states: Mapping[str, State]) -> None:
    reached, waiting = set(), ["Plan"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += following(states[name])

    assert reached == set(states)


def test_every_step_that_can_fail_is_explained_under_its_own_name(states: Mapping[str, State]) -> None:
    tasks = {name: state for name, state in states.items() if state["Type"] == "Task" and name != EXPLAIN}

    assert len(tasks) == 14
    for name, state in tasks.items():
        assert state["Catch"] == [{"ErrorEquals": ["States.ALL"], "ResultPath": f"$.failures.{name}", "Next": EXPLAIN}]


def test_every_role_and_name_in_a_job_is_the_workflows_own(states: Mapping[str, State]) -> None:
    for name in ("Train", "Evaluate", "Compile"):
        parameters = states[name]["Parameters"]
        assert isinstance(parameters, dict)
        assert parameters["RoleArn"] == "arn:job"
        assert "$.plan.job" in {value for key, value in parameters.items() if key.endswith("Name.$")}


def test_names_that_the_stacks_and_the_functions_must_agree_on_are_the_same() -> None:
    assert (RUNS, CHECKPOINTS) == (training_run.RUNS, training_run.CHECKPOINTS)
    assert LONGEST_STAGE == training_run.LONGEST_STAGE


def test_a_plan_cannot_name_another_role_for_a_training_job() -> None:
    assert "RoleArn" not in learning.TRAINING_KEYS
