"""What holds for a whole stage: rule packs, tags, and the CDK's own functions kept to the same rules as ours."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.components.log_retention import LOG_RETENTION
from stacks.config import Profile
from stacks.retention_rule import RetentionRule
from stacks.sagemaker_rules.plugin import SageMakerRules

STACK_ITSELF = "aws:cdk:stack"


def apply(app: cdk.App, layers: Mapping[str, Sequence[cdk.Stack]], profile: Profile, *, rule_packs: bool) -> None:
    """Put the stage's rules on its stacks, which come layer by layer; rule packs only where they are wanted."""
    cdk.Validations.of(app).add_plugins(RetentionRule(profile.stage.retention))
    cdk.Validations.of(app).add_plugins(SageMakerRules())
    if rule_packs:
        from stacks.aws_solutions import AwsSolutions  # noqa: PLC0415  # a fifth of a bare synth is loading cdk-nag

        cdk.Validations.of(app).add_plugins(AwsSolutions(app))
    everywhere = tags(profile)
    _tag(app, everywhere)
    for layer, stacks in layers.items():
        for stack in stacks:
            _tag(stack, {"layer": layer})
            _tame_custom_resources(stack, everywhere | {"layer": layer}, LOG_RETENTION[profile.stage.log_days])


def tags(profile: Profile) -> dict[str, str]:
    """What everything of a stage is tagged with, what its functions make too."""
    return {
        "project": "mlstack",
        "stage": profile.stage.name,
        "owner": profile.stage.owner,
        "cost-centre": profile.stage.cost_centre,
        "expiry": profile.stage.expiry,
    }


def _tag(scope: Construct, tags: Mapping[str, str]) -> None:
    """Tag every resource, and every stack too: CloudFormation hands a stack's tags on to what comes later."""
    tagged = cdk.Tags.of(scope)
    for key, value in tags.items():
        tagged.add(key, value)
        tagged.add(key, value, include_resource_types=[STACK_ITSELF])


def _tame_custom_resources(stack: cdk.Stack, tags: Mapping[str, str], retention: logs.RetentionDays) -> None:
    """Give the functions of the CDK's own custom resources tags, and a log group that ends with the stack.

    The CDK makes them as raw resources: untagged, and with a log group that never expires and survives the stack
    (aws-cdk issue 26553).
    """
    for provider in stack.node.children:
        if not (isinstance(provider, Construct) and provider.node.id.startswith("Custom::")):
            continue
        handler, role = (provider.node.try_find_child(name) for name in ("Handler", "Role"))
        if isinstance(handler, cdk.CfnResource) and isinstance(role, cdk.CfnResource):
            for resource in (handler, role):
                resource.add_property_override("Tags", [{"Key": key, "Value": tags[key]} for key in sorted(tags)])
            _log_to_own_group(provider, handler, role, retention)


def _log_to_own_group(
    provider: Construct, handler: cdk.CfnResource, role: cdk.CfnResource, retention: logs.RetentionDays
) -> None:
    group = logs.LogGroup(provider, "Logs", retention=retention, removal_policy=cdk.RemovalPolicy.DESTROY)
    handler.add_property_override("LoggingConfig.LogGroup", group.log_group_name)
    role.add_property_deletion_override("ManagedPolicyArns")
    policy = iam.CfnPolicy(
        provider,
        "WriteLogs",
        policy_name="WriteLogs",
        policy_document=iam.PolicyDocument(
            statements=[
                iam.PolicyStatement(
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[group.log_group_arn]
                )
            ]
        ),
        roles=[role.ref],
    )
    handler.add_resource_dependency(policy)
