"""The stage's training: a workflow, its functions and roles, a group of versions for each model, and news."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3

from stacks.components.retention import Retention
from stacks.components.stop_executions import StopExecutions, StopExecutionsProps
from stacks.ml_services.serving_image import ServingImage, registry_image
from stacks.ml_services.trained_models import TrainedModels, TrainedModelsProps
from stacks.ml_services.training_functions import TrainingFunctions, TrainingFunctionsProps
from stacks.ml_services.training_news import TrainingNews, TrainingNewsProps
from stacks.ml_services.training_roles import CHECKPOINTS, RUNS, TrainingRole, TrainingRoleProps
from stacks.ml_services.training_workflow.workflow import Workflow, WorkflowProps
from stacks.training_settings import Training

LOGGED = ("Training", "Processing", "Compilation")
"""The jobs that run with the role of jobs, as their log groups are called."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainingStackProps:
    """The stage's name, its images and buckets, and what the profile says."""

    stage: str
    training_image: ServingImage
    inference_image: ServingImage
    datasets: s3.IBucket
    models: s3.IBucket
    tags: Mapping[str, str]
    """The stage's, for groups of versions and for what runs make."""
    retention: Retention
    log_retention: logs.RetentionDays
    settings: Training


class TrainingStack(cdk.Stack):
    """Costs nothing while nothing trains."""

    def __init__(self, scope: cdk.App, construct_id: str, props: TrainingStackProps, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env, description="mlstack layer 2: SageMaker training")
        self._props = props
        self.job_role = self._role(
            "JobRole",
            "What training, evaluation and compilation may do",
            image=props.training_image,
            writes=(RUNS, CHECKPOINTS),
            log_groups=[f"/aws/sagemaker/{kind}Jobs" for kind in LOGGED],
        )
        self.serving_role = self._role(
            "ServingRole",
            "What trained models may do",
            image=props.inference_image,
            writes=(RUNS,),
            log_groups=["/aws/sagemaker/TransformJobs", f"/aws/sagemaker/Endpoints/mlstack-{props.stage}-*"],
        )
        self.groups = [f"mlstack-{props.stage}-{name}" for name in props.settings.models]
        arns = [
            self.format_arn(service="sagemaker", resource="model-package-group", resource_name=name)
            for name in self.groups
        ]
        self.functions = TrainingFunctions(
            self,
            "Functions",
            TrainingFunctionsProps(
                stage=props.stage,
                training_image=props.training_image.uri,
                inference_image=props.inference_image.uri,
                datasets=props.datasets,
                models=props.models,
                job_role=self.job_role.resource,
                groups=arns,
                tags=props.tags,
                log_retention=props.log_retention,
                settings=props.settings,
            ),
        )
        self.workflow = Workflow(
            self,
            "Workflow",
            WorkflowProps(
                stage=props.stage,
                functions=self.functions,
                job_role=self.job_role.resource,
                serving_role=self.serving_role.resource,
                groups=arns,
                instance_types=props.settings.instance_types,
                models=props.models,
                repositories=self._repositories(props.inference_image),
                log_retention=props.log_retention,
            ),
        )
        self.news = TrainingNews(
            self,
            "News",
            TrainingNewsProps(
                stage=props.stage,
                state_machine=self.workflow.state_machine,
                groups=self.groups,
                log_retention=props.log_retention,
            ),
        )
        self._clean_up()
        self._tell()

    def _role(
        self, name: str, description: str, *, image: ServingImage, writes: Sequence[str], log_groups: Sequence[str]
    ) -> TrainingRole:
        return TrainingRole(
            self,
            name,
            TrainingRoleProps(
                description=description,
                repositories=self._repositories(image),
                datasets=self._props.datasets,
                models=self._props.models,
                writes=writes,
                log_groups=log_groups,
            ),
        )

    def _repositories(self, own: ServingImage) -> list[str]:
        images = [own, *(registry_image(algorithm, self) for algorithm in self._props.settings.algorithms)]
        return [image.repository_arn for image in images]

    def _clean_up(self) -> None:
        """Groups are there before the workflow; on the way out, what runs is stopped and what it made deleted first."""
        props = self._props
        made = TrainedModels(
            self,
            "Made",
            TrainedModelsProps(
                stage=props.stage,
                groups=self.groups,
                tags=props.tags,
                keeps_versions=props.retention.keeps_data,
                log_retention=props.log_retention,
            ),
        )
        made.node.add_dependency(self.serving_role, self.job_role)
        self.workflow.state_machine.node.add_dependency(made)
        stopped = StopExecutions(
            self,
            "StopExecutions",
            StopExecutionsProps(
                state_machines={"Workflow": self.workflow.state_machine}, log_retention=props.log_retention
            ),
        )
        stopped.node.add_dependency(made)

    def _tell(self) -> None:
        props = self._props
        for name, value, description in (
            ("StateMachineArn", self.workflow.state_machine.state_machine_arn, "Start a request here"),
            ("RequestFunctionName", self.functions.request.function_name, "Plans and prices a request"),
            ("NotificationsTopicArn", self.news.topic.topic_arn, "Subscribe here to hear how training ends"),
            ("DatasetsBucketName", props.datasets.bucket_name, "Put data to train on here"),
            ("ModelsBucketName", props.models.bucket_name, "What jobs write lies here"),
            ("Models", ",".join(props.settings.models), "The models that may be trained"),
        ):
            cdk.CfnOutput(self, name, value=value, description=description)
