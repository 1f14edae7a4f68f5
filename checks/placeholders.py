"""Plausible values for what only a deployment knows: accounts, names, ids and ARNs."""

from mlstack.assembly import Stack

ACCOUNT = "111122223333"
REGION = "us-east-1"
DIGITS = "0123456789abcdef0"

# CloudFormation's `Ref` gives an ARN for these, and a name or an id for the rest
ARN_REFS = frozenset({
    "AWS::Batch::ComputeEnvironment", "AWS::Batch::JobDefinition", "AWS::Batch::JobQueue",
    "AWS::CertificateManager::Certificate", "AWS::ECS::Service", "AWS::ECS::TaskDefinition",
    "AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::IAM::ManagedPolicy",
    "AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::SNS::Topic", "AWS::SecretsManager::Secret",
    "AWS::SageMaker::Endpoint", "AWS::SageMaker::EndpointConfig", "AWS::SageMaker::Model",
    "AWS::SageMaker::NotebookInstance", "AWS::SageMaker::NotebookInstanceLifecycleConfig",
    "AWS::StepFunctions::Activity", "AWS::StepFunctions::StateMachine",
})  # fmt: skip
ID_REFS = {
    "AWS::EC2::Instance": "i-", "AWS::EC2::LaunchTemplate": "lt-", "AWS::EC2::RouteTable": "rtb-",
    "AWS::EC2::SecurityGroup": "sg-", "AWS::EC2::Subnet": "subnet-", "AWS::EC2::VPC": "vpc-",
    "AWS::EC2::VPCEndpoint": "vpce-", "AWS::EFS::AccessPoint": "fsap-", "AWS::EFS::FileSystem": "fs-",
}  # fmt: skip

# An ARN speaks of a service and a kind of thing in words of its own
ARN_SERVICES = {
    "certificatemanager": "acm", "elasticloadbalancingv2": "elasticloadbalancing", "stepfunctions": "states",
}  # fmt: skip
ARN_KINDS = {
    "AWS::Batch::JobDefinition": "job-definition/", "AWS::Batch::JobQueue": "job-queue/",
    "AWS::ECS::TaskDefinition": "task-definition/", "AWS::IAM::ManagedPolicy": "policy/",
    "AWS::Lambda::Function": "function:", "AWS::Lambda::Alias": "function:", "AWS::Lambda::Version": "function:",
    "AWS::Logs::LogGroup": "log-group:", "AWS::S3::Bucket": "", "AWS::SNS::Topic": "", "AWS::SQS::Queue": "",
    "AWS::SageMaker::EndpointConfig": "endpoint-config/", "AWS::SageMaker::NotebookInstance": "notebook-instance/",
    "AWS::SageMaker::NotebookInstanceLifecycleConfig": "notebook-instance-lifecycle-config/",
    "AWS::SecretsManager::Secret": "secret:", "AWS::StepFunctions::Activity": "activity:",
    "AWS::StepFunctions::StateMachine": "stateMachine:",
}  # fmt: skip


def environment(stack: Stack) -> tuple[str, str]:
    """The account and region of ``stack``; a stack made for any environment gets a usual one."""
    account, _, region = stack.environment.removeprefix("aws://").partition("/")
    known_region = region and "unknown" not in region
    return account if account.isdigit() else ACCOUNT, region if known_region else REGION


def pseudo_parameters(stack: Stack) -> dict[str, str]:
    """What `Ref` gives for the names that CloudFormation itself defines."""
    account, region = environment(stack)
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    return {
        "AWS::AccountId": account,
        "AWS::Partition": partition,
        "AWS::Region": region,
        "AWS::StackId": f"arn:{partition}:cloudformation:{region}:{account}:stack/{stack.name}/{ACCOUNT}",
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com",
    }


def parameter(kind: str) -> str:
    """A value of a CloudFormation parameter that has no default."""
    if "AWS::EC2::Image::Id" in kind:
        return f"ami-{DIGITS}"
    return "1" if kind == "Number" else "parameter"


def reference(stack: Stack, name: str) -> str:
    """What `Ref` gives for the resource ``name``."""
    kind = stack.resources[name]["Type"]
    if kind in ARN_REFS:
        return _arn(stack, name)
    if kind in ID_REFS:
        return ID_REFS[kind] + DIGITS
    if kind == "AWS::SQS::Queue":
        return _queue_url(stack, name)
    return name.lower() if kind == "AWS::S3::Bucket" else name


def attribute(stack: Stack, name: str, key: str) -> str:
    """What `Fn::GetAtt` gives for ``key`` of the resource ``name``."""
    if key.lower().endswith("arn"):
        return _arn(stack, name)
    if key.endswith("Url"):
        return _queue_url(stack, name)
    if key.lower().endswith("version") or key.endswith("VersionNumber"):
        return "1"
    return reference(stack, name) if key.endswith(("Id", "Name")) else f"{name}-{key.replace('.', '-')}"


def _arn(stack: Stack, name: str) -> str:
    kind = stack.resources[name]["Type"]
    _, family, thing = (*kind.split("::"), "resource")[:3]
    service = ARN_SERVICES.get(family.lower(), family.lower())
    pseudo = pseudo_parameters(stack)
    region = "" if service in {"iam", "s3"} else pseudo["AWS::Region"]
    account = "" if service == "s3" else pseudo["AWS::AccountId"]
    called = name.lower() if service == "s3" else name
    path = ARN_KINDS.get(kind, f"{thing.lower()}/")
    return f"arn:{pseudo['AWS::Partition']}:{service}:{region}:{account}:{path}{called}"


def _queue_url(stack: Stack, name: str) -> str:
    account, region = environment(stack)
    return f"https://sqs.{region}.amazonaws.com/{account}/{name}"
