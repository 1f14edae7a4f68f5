"""Register a version in the model's group, with its metrics and whether it may be used."""

from dataclasses import dataclass

from stacks.ml_services.training_workflow.states import Integrations, States, choice, wanted

FIRST = "IsItNew"
NUMBER = "States.StringToJson(States.ArrayGetItem(States.StringSplit($.ModelPackageArn, '/'), 2))"
"""The version's: its ARN ends in model-package/GROUP/NUMBER."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Registering:
    """What comes after."""

    integrations: Integrations
    after: str

    def states(self) -> States:
        """From the files of a model to the ARN of a version, in $.done.package."""
        return {
            **choice(
                FIRST,
                {"Variable": "$.plan.register", "BooleanEquals": True, "Next": "IsThereAReport"},
                otherwise="KeepVersion",
            ),
            "KeepVersion": {
                "Type": "Pass",
                "Parameters": {"arn.$": "$.plan.package", "version.$": "$.plan.version"},
                "ResultPath": "$.done.package",
                "Next": self.after,
            },
            **choice("IsThereAReport", wanted("$.done.verdict.report", "RegisterWithReport"), otherwise="Register"),
            **self._register("Register", {}),
            **self._register("RegisterWithReport", {"ModelMetrics": {"ModelQuality": {"Statistics": _report()}}}),
        }

    def _register(self, name: str, metrics: dict[str, object]) -> States:
        serving = "$.plan.serving"
        return self.integrations.call(
            name,
            "createModelPackage",
            {
                "ModelPackageGroupName.$": "$.plan.group",
                "ClientToken.$": "$.plan.job",  # a second try after a lost answer makes no second version
                "ModelPackageDescription.$": "States.Format('Made by execution {}', $$.Execution.Name)",
                "ModelApprovalStatus.$": "$.plan.approval",
                # The versions of a group take no tags.
                "CustomerMetadataProperties.$": "States.JsonMerge($.plan.metadata, $.done.verdict.metadata, false)",
                "InferenceSpecification": {
                    "Containers": [
                        {
                            "Image.$": f"{serving}.image",
                            "ModelDataUrl.$": "$.done.trained.artifacts",
                            "Environment.$": f"{serving}.environment",
                        }
                    ],
                    "SupportedContentTypes.$": f"{serving}.content_types",
                    "SupportedResponseMIMETypes.$": f"{serving}.response_types",
                    "SupportedRealtimeInferenceInstanceTypes.$": f"{serving}.realtime_types",
                    "SupportedTransformInstanceTypes.$": f"{serving}.transform_types",
                },
                # Its files were written by the job before, and its image is one that the request was checked for.
                "SkipModelValidation": "All",
                **metrics,
            },
            after=self.after,
            ResultSelector={"arn.$": "$.ModelPackageArn", "version.$": NUMBER},
            ResultPath="$.done.package",
        )


def _report() -> dict[str, object]:
    return {"ContentType": "application/json", "S3Uri.$": "$.done.verdict.report"}
