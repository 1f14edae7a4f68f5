"""Jobs that stand in a template: CloudFormation runs them, and runs them again."""

from collections.abc import Iterator

from stacks.sagemaker_rules.rule import Rule, Violation
from stacks.sagemaker_rules.template import Template

RUNS_AGAIN = Rule(
    "job-runs-on-every-change",
    "Every property of a ProcessingJob is fixed, so CloudFormation runs, and AWS bills, a new job for each change: "
    "start it from Step Functions, or accept this rule on the resource with a reason.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-processingjob.html",
)


def check(template: Template) -> Iterator[Violation]:
    """Which jobs a deployment would run."""
    for job in template.of("AWS::SageMaker::ProcessingJob"):
        yield RUNS_AGAIN.on(job.logical_id)
