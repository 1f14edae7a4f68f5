"""Use the model: on a batch of files, and on an endpoint."""

from dataclasses import dataclass

from stacks.ml_services.training_workflow.states import Integrations, States, choice, fail, is_text, wait, wanted

FIRST = "IsItUsed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Serving:
    """With which role the model's container reads and writes, who changes endpoints, and what comes after."""

    integrations: Integrations
    serving_role: str
    endpoint_function: str
    poll_seconds: int
    after: str

    def states(self) -> States:
        """From a version to predictions in S3 and a model that answers; $.done.transformed and $.done.endpoint."""
        return {
            **choice(
                FIRST,
                wanted("$.plan.transform", "MakeModel"),
                wanted("$.plan.deploy", "MakeModel"),
                otherwise=self.after,
            ),
            **self._model(),
            **choice("IsABatchWanted", wanted("$.plan.transform", "Transform"), otherwise="IsAnEndpointWanted"),
            **self._transform(),
            **choice("IsAnEndpointWanted", wanted("$.plan.deploy", "Deploy"), otherwise=self.after),
            **self._deploy(),
        }

    def _model(self) -> States:
        return self.integrations.call(
            "MakeModel",
            "createModel",
            {
                "ModelName.$": "$.plan.job",
                "ExecutionRoleArn": self.serving_role,
                "PrimaryContainer": {
                    "Image.$": "$.plan.serving.image",
                    "ModelDataUrl.$": "$.done.trained.artifacts",
                    "Environment.$": "$.plan.serving.environment",
                },
                "Tags.$": "$.plan.tags",
            },
            after="IsABatchWanted",
            ResultPath=None,
        )

    def _transform(self) -> States:
        keys = (
            "BatchStrategy",
            "Environment",
            "MaxConcurrentTransforms",
            "MaxPayloadInMB",
            "TransformInput",
            "TransformOutput",
            "TransformResources",
        )
        transform = self.integrations.job(
            "Transform",
            "createTransformJob",
            {
                "TransformJobName.$": "$.plan.job",
                "ModelName.$": "$.plan.job",
                **{f"{key}.$": f"$.plan.transform.{key}" for key in keys},
                "Tags.$": "$.plan.tags",
            },
            after="KeepTransformed",
            # SageMaker knows no longest time for a transform job; what a step that is cut off leaves running, the
            # function training_outcome stops.
            TimeoutSecondsPath="$.plan.transform.max_run_seconds",
            ResultPath=None,
        )
        kept: States = {
            "KeepTransformed": {
                "Type": "Pass",
                "InputPath": "$.plan.transform.TransformOutput.S3OutputPath",
                "ResultPath": "$.done.transformed",
                "Next": "IsAnEndpointWanted",
            }
        }
        return {**transform, **kept}

    def _deploy(self) -> States:
        status = "$.deployment.EndpointStatus"
        return {
            **self.integrations.function(
                "Deploy",
                self.endpoint_function,
                {"plan.$": "$.plan", "model_name.$": "$.plan.job"},
                after="WaitForEndpoint",  # right after the call SageMaker may still tell of the state before it
                ResultSelector={"endpoint.$": "$.Payload.endpoint", "config.$": "$.Payload.config"},
                ResultPath="$.endpoint",
            ),
            **self.integrations.call(
                "LookAtEndpoint",
                "describeEndpoint",
                {"EndpointName.$": "$.endpoint.endpoint"},
                after="DoesItAnswer",
                ResultPath="$.deployment",
            ),
            **choice(
                "DoesItAnswer",
                {
                    "And": [
                        {"Variable": status, "StringEquals": "InService"},
                        {"Variable": "$.deployment.EndpointConfigName", "StringEqualsPath": "$.endpoint.config"},
                    ],
                    "Next": "KeepEndpoint",
                },
                is_text(status, "InService", "EndpointRolledBack"),
                *(
                    is_text(status, failed, "EndpointFailed")
                    for failed in ("Failed", "UpdateRollbackFailed", "OutOfService")
                ),
                otherwise="WaitForEndpoint",
            ),
            **wait("WaitForEndpoint", self.poll_seconds, after="LookAtEndpoint"),
            **choice(
                "EndpointFailed",
                {"Variable": "$.deployment.FailureReason", "IsPresent": True, "Next": "EndpointFailedWithReason"},
                otherwise="EndpointFailedWithoutReason",
            ),
            **fail("EndpointFailedWithReason", "EndpointFailed", cause_path="$.deployment.FailureReason"),
            **fail(
                "EndpointFailedWithoutReason",
                "EndpointFailed",
                cause="SageMaker gives no reason; the endpoint's logs in CloudWatch may have one",
            ),
            **fail(
                "EndpointRolledBack",
                "EndpointRolledBack",
                cause="SageMaker went back to the model before: see the endpoint's alarms and its logs in CloudWatch",
            ),
            "KeepEndpoint": {
                "Type": "Pass",
                "InputPath": "$.endpoint.endpoint",
                "ResultPath": "$.done.endpoint",
                "Next": self.after,
            },
        }
