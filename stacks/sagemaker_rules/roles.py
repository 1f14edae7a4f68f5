"""What no role of this project may hold."""

from collections.abc import Iterator

from stacks.sagemaker_rules.rule import Evidence, Rule, Violation
from stacks.sagemaker_rules.template import Template

FULL_ACCESS = "AmazonSageMakerFullAccess"
HOLDERS = ("AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group")

TOO_MUCH = Rule(
    "role-full-access",
    "AmazonSageMakerFullAccess lets its holder pass roles, start anything that SageMaker bills, and read every bucket "
    "with sagemaker in its name: grant the actions that are needed.",
    "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSageMakerFullAccess.html",
    Evidence.OURS,
)


def check(template: Template) -> Iterator[Violation]:
    """Who would hold AWS's policy for everything."""
    for holder in template.of(*HOLDERS):
        if any(arn.endswith(FULL_ACCESS) for arn in holder.properties.texts("ManagedPolicyArns")):
            yield TOO_MUCH.on(holder.logical_id)
