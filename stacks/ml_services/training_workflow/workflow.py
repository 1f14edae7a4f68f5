"""The workflow as a construct: a state machine with its role and its logs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.components.acknowledgement import acknowledge
from stacks.components.state_machine_logs import state_machine_logs
from stacks.ml_services.training_functions import TrainingFunctions
from stacks.ml_services.training_workflow.definition import Parts, definition
from stacks.ml_services.workflow_role import WorkflowRole, WorkflowRoleProps

LONGEST = cdk.Duration.days(30)
"""Training alone may take 28 days, the longest that SageMaker has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkflowProps:
    """The stage's name, what the workflow asks, which roles it hands on, and what it may start."""

    stage: str
    functions: TrainingFunctions
    job_role: iam.IRole
    serving_role: iam.IRole
    groups: Sequence[str]
    instance_types: Sequence[str]
    models: s3.IBucket
    repositories: Sequence[str]
    log_retention: logs.RetentionDays


class Workflow(Construct):
    """One execution for each request; a stopped one stops its jobs."""

    def __init__(self, scope: Construct, construct_id: str, props: WorkflowProps) -> None:
        super().__init__(scope, construct_id)
        functions = props.functions
        role = WorkflowRole(
            self,
            "Role",
            WorkflowRoleProps(
                stage=props.stage,
                functions=(functions.request, functions.verdict, functions.failure, functions.endpoint),
                roles=(props.job_role, props.serving_role),
                groups=props.groups,
                instance_types=props.instance_types,
                models=props.models,
                repositories=props.repositories,
            ),
        )
        said = definition(
            Parts(
                partition=cdk.Aws.PARTITION,
                request_function=functions.request.function_arn,
                verdict_function=functions.verdict.function_arn,
                failure_function=functions.failure.function_arn,
                endpoint_function=functions.endpoint.function_arn,
                job_role=props.job_role.role_arn,
                serving_role=props.serving_role.role_arn,
                longest_seconds=int(LONGEST.to_seconds()),
            )
        )
        self.state_machine = sfn.StateMachine(
            self,
            "Resource",
            # Not by Stack.to_json_string, which leaves out every null.
            definition_body=sfn.DefinitionBody.from_string(json.dumps(said)),
            logs=sfn.LogOptions(
                destination=state_machine_logs(self, props.log_retention),
                include_execution_data=False,
                level=sfn.LogLevel.ERROR,
            ),
            role=role.resource,
        )
        for finding, reason in {
            "SF1": "Errors are logged, and every run's history is kept for 90 days by Step Functions itself.",
            "SF2": "A run waits for jobs that take hours; a trace of that tells nothing.",
        }.items():
            acknowledge(self.state_machine, f"AwsSolutions-{finding}", reason)
