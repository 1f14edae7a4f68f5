"""A stack whose security groups lend interfaces can be destroyed: users first, then the wait, then role and group."""

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sagemaker as sagemaker

from mlstack.assembly import Assembly, Stack
from mlstack.local.cloudformation.order import deletion_order
from stacks.aws_solutions import AwsSolutions
from stacks.components.network_release import NetworkRelease, NetworkReleaseProps
from tests.templates.synthesis import FLAGS

RESOURCE, GROUP, MODEL = "Custom::NetworkRelease", "AWS::EC2::SecurityGroup", "AWS::SageMaker::Model"


def served(scope: cdk.Stack, name: str, vpc: ec2.IVpc) -> None:
    """Make a model with a group of its own, whose interfaces a role gives back."""
    group = ec2.SecurityGroup(scope, f"{name}Network", vpc=vpc, allow_all_outbound=False)
    role = iam.Role(scope, f"{name}Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    role.add_to_policy(iam.PolicyStatement(actions=["ec2:DeleteNetworkInterface"], resources=[vpc.vpc_arn]))
    props = NetworkReleaseProps(security_group=group, log_retention=logs.RetentionDays.ONE_WEEK)
    release = NetworkRelease(scope, f"{name}Release", props)
    release.node.add_dependency(role)
    model = sagemaker.CfnModel(scope, f"{name}Model", execution_role_arn=role.role_arn)
    model.node.add_dependency(release)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Two models of one stack under the rules of a stage, beside a network."""
    app = cdk.App(context=FLAGS, outdir=str(tmp_path_factory.mktemp("release")))
    env = cdk.Environment(region="us-east-1")
    vpc = ec2.Vpc(cdk.Stack(app, "stage-Network", env=env), "Vpc", max_azs=2, nat_gateways=0)
    served(models := cdk.Stack(app, "stage-Models", env=env), "First", vpc)
    served(models, "Second", vpc)
    cdk.Validations.of(models).add_plugins(AwsSolutions(models))
    app.synth()
    return next(one for one in Assembly.read(Path(app.outdir)).stacks if one.name.endswith("Models"))


def test_every_group_has_its_own_resource_and_the_stack_one_function(stack: Stack) -> None:
    named = [one["Properties"]["SecurityGroupId"]["Fn::GetAtt"] for one in stack.of_type(RESOURCE).values()]
    [function] = stack.of_type("AWS::Lambda::Function")

    assert sorted(named) == sorted([name, "GroupId"] for name in stack.of_type(GROUP))
    assert len(named) == 2
    for resource in stack.of_type(RESOURCE).values():
        assert resource["Properties"]["ServiceToken"] == {"Fn::GetAtt": [function, "Arn"]}


def test_the_wait_comes_after_the_users_and_before_the_group_and_what_gives_interfaces_back(stack: Stack) -> None:
    order = deletion_order(stack.resources)

    for name in ("First", "Second"):
        users, releases, groups, policies = (
            [order.index(one) for one in stack.of_type(kind) if one.startswith(name)]
            for kind in (MODEL, RESOURCE, GROUP, "AWS::IAM::Policy")
        )
        assert len(users) == len(releases) == len(groups) == len(policies) == 1
        assert users < releases < groups
        assert releases < policies


def test_the_function_still_may_look_when_it_is_asked(stack: Stack) -> None:
    order = deletion_order(stack.resources)
    [policy] = [name for name in stack.of_type("AWS::IAM::Policy") if name.startswith("NetworkReleaseFunction")]
    [logs_of] = stack.of_type("AWS::Logs::LogGroup")

    for name in stack.of_type(RESOURCE):
        assert order.index(name) < order.index(policy)
        assert order.index(name) < order.index(logs_of)


def test_the_function_may_look_at_interfaces_and_nothing_else(stack: Stack) -> None:
    [policy] = [
        body for name, body in stack.of_type("AWS::IAM::Policy").items() if name.startswith("NetworkReleaseFunction")
    ]
    [logging, looking] = policy["Properties"]["PolicyDocument"]["Statement"]

    assert logging["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert looking == {"Action": "ec2:DescribeNetworkInterfaces", "Effect": "Allow", "Resource": "*"}


def test_cloudformation_waits_longer_than_the_function_may_take_and_less_than_an_hour(stack: Stack) -> None:
    [function] = stack.of_type("AWS::Lambda::Function").values()

    assert function["Properties"]["Handler"] == "network_release.handler.handle"
    for resource in stack.of_type(RESOURCE).values():
        assert function["Properties"]["Timeout"] < int(resource["Properties"]["ServiceTimeout"]) < 3600
