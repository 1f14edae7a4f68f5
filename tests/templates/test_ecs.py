"""ECS: from zero and back to zero, nothing open, nothing runs forgotten, and a teardown that does not hang."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.assembly import Stack
from stacks.frameworks.ecs.price import FIREWALL_RULES
from stacks.frameworks.ecs.service_scaling import STEPS, steps
from tests.templates.synthesis import Synthesize

CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
TRUST_STORE = "arn:aws:elasticloadbalancing:us-east-1:111122223333:truststore/mine/0123456789abcdef"
TOKENS = {
    "issuer": "https://login.example/",
    "jwks": "https://login.example/keys",
    "claims": {"aud": {"values": ["mlstack"]}, "scope": {"values": ["ask"], "format": "space-separated-values"}},
}
OUTSIDE = {
    "certificate": CERTIFICATE,
    "allowed": ["203.0.113.0/24"],
    "internet": True,
    "tokens": TOKENS,
    "firewall": True,
}
INSIDE = {"certificate": CERTIFICATE, "allowed": ["10.0.0.0/16"], "trust_store": TRUST_STORE}
SERVICES: dict[str, Any] = {
    "queued": {"max_tasks": 4},
    "outside": {"load_balancer": OUTSIDE, "architecture": "x86_64"},
    "inside": {"load_balancer": INSIDE, "market": "on-demand", "min_tasks": 1},
}
WITHOUT: dict[str, Any] = {name: {"enabled": False} for name in ("vision", "training", "notebook")} | {
    "endpoints": {"serverless": {}}
}


def ecs(synthesize: Synthesize, profile: str = "sandbox", **tables: Any) -> Stack:  # noqa: ANN401
    """The stack of these tables with the network, the images and the buckets."""
    return synthesize(profile, {**WITHOUT, "workstations": {}, "ecs": tables}).stacks["Ecs"]


@pytest.fixture(scope="module")
def stack(synthesize: Synthesize) -> Stack:
    """Training with a GPU, and a service of each kind."""
    return ecs(synthesize, training={"enabled": True, "max_instances": 3}, services=SERVICES)


@pytest.fixture(scope="module")
def durable(synthesize: Synthesize) -> Stack:
    """The same where data stays."""
    return ecs(synthesize, "team", training={"enabled": True}, services=SERVICES)


def of(stack: Stack, kind: str, name: str) -> dict[str, Any]:
    """The properties of the one resource of a type whose logical id begins so."""
    [found] = [body for key, body in stack.of_type(kind).items() if key.startswith(name)]
    properties: dict[str, Any] = found["Properties"]
    return properties


def containers(stack: Stack, name: str) -> dict[str, dict[str, Any]]:
    """The containers of a task by their names."""
    defined = of(stack, "AWS::ECS::TaskDefinition", name)["ContainerDefinitions"]
    return {container["Name"]: container for container in defined}


def variables(container: dict[str, Any]) -> dict[str, Any]:
    """A container's environment."""
    return {one["Name"]: one["Value"] for one in container["Environment"]}


def needed(stack: Stack, logical_id: str) -> set[str]:
    """All that is made before a resource, and therefore deleted after it."""
    found: set[str] = set()
    left = [logical_id]
    while left:
        body = stack.resources[left.pop()]
        direct = {*body.get("DependsOn", []), *references(body.get("Properties", {}))} & stack.resources.keys()
        left += sorted(direct - found)
        found |= direct
    return found


def references(value: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a template
    """The logical ids that a part of a template names."""
    if isinstance(value, dict):
        if isinstance(value.get("Ref"), str):
            yield value["Ref"]
        if "Fn::GetAtt" in value:
            yield value["Fn::GetAtt"][0]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def ids(stack: Stack, *kinds: str) -> set[str]:
    """The logical ids of some types."""
    return {key for kind in kinds for key in stack.of_type(kind)}


def statements(stack: Stack, role: str) -> list[dict[str, Any]]:
    """What a role may do."""
    return [
        statement
        for body in stack.of_type("AWS::IAM::Policy").values()
        if any(one["Ref"].startswith(role) for one in body["Properties"]["Roles"])
        for statement in body["Properties"]["PolicyDocument"]["Statement"]
    ]


def told(stack: Stack, name: str) -> dict[str, Any]:
    """What the command line reads."""
    value = of(stack, "AWS::SSM::Parameter", name)["Value"]
    text = "".join(part if isinstance(part, str) else "X" for part in value["Fn::Join"][1])
    found: dict[str, Any] = json.loads(text)
    return found


class TestNothingRunsUntilSomethingIsWanted:
    def test_service_begins_with_no_task_and_may_go_back_to_none(self, stack: Stack) -> None:
        service = of(stack, "AWS::ECS::Service", "queued")
        target = of(stack, "AWS::ApplicationAutoScaling::ScalableTarget", "queued")

        assert service["DesiredCount"] == 0
        assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 4)

    def test_service_that_never_sleeps_keeps_the_tasks_that_it_has_through_a_deploy(self, stack: Stack) -> None:
        assert "DesiredCount" not in of(stack, "AWS::ECS::Service", "inside")
        assert of(stack, "AWS::ApplicationAutoScaling::ScalableTarget", "inside")["MinCapacity"] == 1

    def test_instances_come_from_zero_and_a_deploy_never_says_how_many_there_are(self, stack: Stack) -> None:
        groups = [body["Properties"] for body in stack.of_type("AWS::AutoScaling::AutoScalingGroup").values()]

        assert [(one["MinSize"], one["MaxSize"]) for one in groups] == [("0", "3")] * 2
        assert all("DesiredCapacity" not in one for one in groups)

    def test_ecs_scales_the_instances_itself_and_its_tag_survives_a_deploy(self, stack: Stack) -> None:
        providers = [body["Properties"] for body in stack.of_type("AWS::ECS::CapacityProvider").values()]
        scaling = [one["AutoScalingGroupProvider"]["ManagedScaling"] for one in providers]
        groups = [body["Properties"] for body in stack.of_type("AWS::AutoScaling::AutoScalingGroup").values()]

        assert {(one["Status"], one["TargetCapacity"]) for one in scaling} == {("ENABLED", 100)}
        assert all("AmazonECSManaged" in {tag["Key"] for tag in one["Tags"]} for one in groups)

    def test_cluster_pays_for_no_metrics(self, stack: Stack) -> None:
        assert of(stack, "AWS::ECS::Cluster", "")["ClusterSettings"] == [
            {"Name": "containerInsights", "Value": "disabled"}
        ]


class TestInstances:
    def test_spot_takes_any_type_and_the_other_market_stands_by(self, stack: Stack) -> None:
        shares = {}
        for key, body in stack.of_type("AWS::AutoScaling::AutoScalingGroup").items():
            policy = body["Properties"]["MixedInstancesPolicy"]
            kinds = [one["InstanceType"] for one in policy["LaunchTemplate"]["Overrides"]]
            assert kinds == ["g4dn.xlarge", "g5.xlarge", "g6.xlarge"]
            shares[key.rstrip("0123456789ABCDEF")] = policy["InstancesDistribution"][
                "OnDemandPercentageAboveBaseCapacity"
            ]

        assert shares == {"SpotGroup": 0, "OnDemandGroup": 100}

    def test_image_is_ecs_own_for_gpus_and_looked_up_at_each_launch(self, stack: Stack) -> None:
        launched = [
            one["Properties"]["LaunchTemplateData"] for one in stack.of_type("AWS::EC2::LaunchTemplate").values()
        ]

        assert {one["ImageId"] for one in launched} == {
            "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id"
        }

    def test_instance_is_closed_and_containers_cannot_have_its_role(self, stack: Stack) -> None:
        data = of(stack, "AWS::EC2::LaunchTemplate", "Spot")["LaunchTemplateData"]
        script = json.dumps(data["UserData"])

        assert data["MetadataOptions"]["HttpTokens"] == "required"
        assert data["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
        assert "ECS_AWSVPC_BLOCK_IMDS=true" in script
        assert data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
        assert "SecurityGroupIngress" not in of(stack, "AWS::EC2::SecurityGroup", "Hosts")

    def test_agent_is_told_its_cluster_and_hears_when_spot_takes_the_instance(self, stack: Stack) -> None:
        script = json.dumps(of(stack, "AWS::EC2::LaunchTemplate", "Spot")["LaunchTemplateData"]["UserData"])

        assert "ECS_CLUSTER=mlstack-sandbox\\n" in script
        assert "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true" in script
        assert ">>" in script  # the image has settings for the GPU in the same file

    def test_profile_without_spot_has_one_group(self, synthesize: Synthesize) -> None:
        made = ecs(synthesize, training={"enabled": True, "market": "on-demand"})

        assert len(made.of_type("AWS::AutoScaling::AutoScalingGroup")) == 1

    def test_training_on_fargate_needs_no_instance(self, synthesize: Synthesize) -> None:
        made = ecs(synthesize, training={"enabled": True, "accelerator": "cpu"})

        assert made.of_type("AWS::AutoScaling::AutoScalingGroup") == {}
        assert made.of_type("AWS::EC2::LaunchTemplate") == {}
        assert of(made, "AWS::ECS::TaskDefinition", "Training")["RequiresCompatibilities"] == ["FARGATE"]


class TestTasks:
    def test_no_container_writes_but_in_its_volumes_or_runs_as_root_or_has_a_capability(self, stack: Stack) -> None:
        defined = [
            container
            for body in stack.of_type("AWS::ECS::TaskDefinition").values()
            for container in body["Properties"]["ContainerDefinitions"]
        ]

        assert len(defined) == 1 + 3 * len(SERVICES)
        assert {one["ReadonlyRootFilesystem"] for one in defined} == {True}
        assert {one["User"] for one in defined} == {"10001:10001"}
        assert all(one["LinuxParameters"]["Capabilities"]["Drop"] == ["ALL"] for one in defined)
        assert all(one["LogConfiguration"]["LogDriver"] == "awslogs" for one in defined)

    def test_every_task_has_a_network_interface_and_roles_of_its_own(self, stack: Stack) -> None:
        tasks = [body["Properties"] for body in stack.of_type("AWS::ECS::TaskDefinition").values()]
        roles = [json.dumps(one["TaskRoleArn"]) for one in tasks]

        assert {one["NetworkMode"] for one in tasks} == {"awsvpc"}
        assert len(set(roles)) == len(tasks)
        assert all(one["TaskRoleArn"] != one["ExecutionRoleArn"] for one in tasks)

    def test_logs_expire_and_go_with_the_stack(self, stack: Stack) -> None:
        groups = stack.of_type("AWS::Logs::LogGroup").values()

        assert {group["DeletionPolicy"] for group in groups} == {"Delete"}
        assert {group["Properties"]["RetentionInDays"] for group in groups} == {7}

    def test_server_is_the_image_of_sagemakers_endpoints_and_waits_for_its_model(self, stack: Stack) -> None:
        defined = containers(stack, "outside")

        assert list(defined) == ["model", "server", "queue"]
        assert "Command" not in defined["server"]
        assert defined["server"]["DependsOn"] == [{"Condition": "SUCCESS", "ContainerName": "model"}]
        assert defined["queue"]["DependsOn"] == [{"Condition": "HEALTHY", "ContainerName": "server"}]
        assert defined["server"]["MountPoints"][0]["ReadOnly"] is True
        assert "MODEL_URI" not in variables(defined["server"])

    def test_image_is_the_one_for_the_processor(self, stack: Stack) -> None:
        tasks = {name: of(stack, "AWS::ECS::TaskDefinition", name) for name in SERVICES}

        assert tasks["queued"]["RuntimePlatform"]["CpuArchitecture"] == "ARM64"
        assert tasks["outside"]["RuntimePlatform"]["CpuArchitecture"] == "X86_64"
        images = {name: json.dumps(containers(stack, name)["server"]["Image"]) for name in SERVICES}
        assert images["queued"] == images["inside"] != images["outside"]

    def test_no_variable_looks_like_a_secret(self, stack: Stack) -> None:
        names = {
            name
            for body in stack.of_type("AWS::ECS::TaskDefinition").values()
            for container in body["Properties"]["ContainerDefinitions"]
            for name in variables(container)
        }

        assert names
        assert [name for name in names if any(word in name for word in ("SECRET", "TOKEN", "PASSWORD", "KEY"))] == []

    def test_shell_is_off_until_a_profile_opens_it(self, synthesize: Synthesize, stack: Stack) -> None:
        opened = ecs(synthesize, services={"x": {"execute_command": True}})

        assert {one["Properties"]["EnableExecuteCommand"] for one in stack.of_type("AWS::ECS::Service").values()} == {
            False
        }
        assert "ssmmessages" not in json.dumps(stack.template)
        assert of(opened, "AWS::ECS::Service", "x")["EnableExecuteCommand"] is True
        assert containers(opened, "x")["queue"]["ReadonlyRootFilesystem"] is False
        assert containers(opened, "x")["model"]["ReadonlyRootFilesystem"] is True

    def test_training_has_its_gpu_its_folder_its_hours_and_two_minutes_to_end(self, stack: Stack) -> None:
        [training] = containers(stack, "Training").values()

        assert training["ResourceRequirements"] == [{"Type": "GPU", "Value": "1"}]
        assert training["MountPoints"] == [{"ContainerPath": "/task", "ReadOnly": False, "SourceVolume": "task"}]
        assert variables(training)["TASK_MAX_SECONDS"] == str(12 * 3600)
        assert training["StopTimeout"] == 120

    def test_service_task_reads_its_requests_and_writes_its_answers_and_nothing_else(self, stack: Stack) -> None:
        allowed = statements(stack, "queuedTaskRolesTask")
        written = [one for one in allowed if one["Action"] == "s3:PutObject"]

        assert {action for one in allowed for action in _list(one["Action"])} == {
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:ListBucket",
            "s3:PutObject",
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:ReceiveMessage",
        }
        assert [json.dumps(one["Resource"]).count("queued/") for one in written] == [2]
        assert "requests" not in json.dumps(written)

    def test_nobody_elses_tasks_can_have_the_roles(self, stack: Stack) -> None:
        trusts = [
            body["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
            for body in stack.of_type("AWS::IAM::Role").values()
        ]
        of_tasks = [one for one in trusts if one["Principal"].get("Service") == "ecs-tasks.amazonaws.com"]

        assert len(of_tasks) == 2 * (1 + len(SERVICES))
        assert all({"ArnLike", "StringEquals"} <= one["Condition"].keys() for one in of_tasks)


class TestWakingAndSleeping:
    def test_first_request_wakes_it_within_a_minute_of_being_counted(self, stack: Stack) -> None:
        alarm = of(stack, "AWS::CloudWatch::Alarm", "queuedScalingWake")

        assert (alarm["MetricName"], alarm["Namespace"]) == ("ApproximateNumberOfMessagesVisible", "AWS/SQS")
        assert (alarm["Threshold"], alarm["EvaluationPeriods"], alarm["Period"]) == (1, 1, 60)
        assert alarm["TreatMissingData"] == "notBreaching"

    def test_more_tasks_come_with_the_depth_of_the_queue(self, stack: Stack) -> None:
        policy = of(stack, "AWS::ApplicationAutoScaling::ScalingPolicy", "queuedScalingDepth")
        configuration = policy["StepScalingPolicyConfiguration"]

        assert configuration["AdjustmentType"] == "ExactCapacity"
        assert configuration["StepAdjustments"] == [
            {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 100, "ScalingAdjustment": 1},
            {"MetricIntervalLowerBound": 100, "MetricIntervalUpperBound": 200, "ScalingAdjustment": 2},
            {"MetricIntervalLowerBound": 200, "MetricIntervalUpperBound": 300, "ScalingAdjustment": 3},
            {"MetricIntervalLowerBound": 300, "ScalingAdjustment": 4},
        ]

    def test_it_sleeps_when_nothing_waits_and_nothing_is_in_hand_and_also_when_nothing_is_known(
        self, stack: Stack
    ) -> None:
        alarm = of(stack, "AWS::CloudWatch::Alarm", "queuedScalingSleep")
        policy = of(stack, "AWS::ApplicationAutoScaling::ScalingPolicy", "queuedScalingNothing")

        [expression] = [one["Expression"] for one in alarm["Metrics"] if "Expression" in one]
        assert expression == "FILL(visible, 0) + FILL(in_hand, 0) + FILL(sent, 0)"
        assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (15, 15)
        assert alarm["TreatMissingData"] == "breaching"
        assert policy["StepScalingPolicyConfiguration"]["StepAdjustments"] == [
            {"MetricIntervalUpperBound": 0, "ScalingAdjustment": 0}
        ]

    def test_who_is_turned_away_at_the_load_balancer_wakes_it_and_whoever_asks_keeps_it_awake(
        self, stack: Stack
    ) -> None:
        knock = of(stack, "AWS::CloudWatch::Alarm", "outsideScalingKnock")
        sleep = of(stack, "AWS::CloudWatch::Alarm", "outsideScalingSleep")

        door = of(stack, "AWS::ApplicationAutoScaling::ScalingPolicy", "outsideScalingDoor")
        assert knock["MetricName"] == "HTTPCode_ELB_503_Count"
        assert door["StepScalingPolicyConfiguration"]["Cooldown"] == 300  # one knock is one task
        assert any(
            one.get("Expression", "").endswith("+ FILL(asked, 0) + FILL(turned_away, 0)") for one in sleep["Metrics"]
        )

    def test_tasks_behind_a_load_balancer_follow_their_load_and_others_their_queue_alone(self, stack: Stack) -> None:
        policies = stack.of_type("AWS::ApplicationAutoScaling::ScalingPolicy")
        tracking = {key for key, one in policies.items() if one["Properties"]["PolicyType"] == "TargetTrackingScaling"}

        assert len(tracking) == 2
        assert not any(key.startswith("queued") for key in tracking)

    @given(most=st.integers(1, 50), backlog=st.integers(1, 100_000), depth=st.integers(1, 10**7))
    def test_every_depth_has_one_number_of_tasks_which_is_enough_and_not_a_step_too_many(
        self, most: int, backlog: int, depth: int
    ) -> None:
        chosen = steps(most, backlog)

        [found] = [one for one in chosen if one.above < depth and (one.below is None or depth <= one.below)]
        plain = min(most, -(-depth // backlog))
        assert len(chosen) <= STEPS
        assert plain <= found.tasks <= min(most, plain + -(-most // STEPS) - 1)

    def test_request_that_failed_three_times_waits_among_the_dead_letters(self, stack: Stack) -> None:
        queues = [body["Properties"] for key, body in stack.of_type("AWS::SQS::Queue").items() if "queued" in key]
        redriven = [one["RedrivePolicy"]["maxReceiveCount"] for one in queues if "RedrivePolicy" in one]

        assert len(queues) == 2
        assert redriven == [3]
        assert all(one["SqsManagedSseEnabled"] for one in queues)

    def test_only_what_is_put_under_its_own_prefix_is_a_request(self, stack: Stack) -> None:
        pattern = of(stack, "AWS::Events::Rule", "queued")["EventPattern"]["detail"]

        assert pattern["object"] == {"key": [{"prefix": "queued/requests/"}]}


class TestDeployments:
    def test_bad_revision_is_noticed_and_taken_back(self, stack: Stack) -> None:
        for body in stack.of_type("AWS::ECS::Service").values():
            said = body["Properties"]["DeploymentConfiguration"]
            assert said["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
            assert (said["MinimumHealthyPercent"], said["MaximumPercent"]) == (100, 200)

    def test_market_is_the_profiles_choice(self, stack: Stack) -> None:
        chosen = {
            name: of(stack, "AWS::ECS::Service", name)["CapacityProviderStrategy"][0]["CapacityProvider"]
            for name in SERVICES
        }

        assert chosen == {"queued": "FARGATE_SPOT", "outside": "FARGATE_SPOT", "inside": "FARGATE"}

    def test_tags_reach_what_bills(self, stack: Stack) -> None:
        for body in stack.of_type("AWS::ECS::Service").values():
            assert body["Properties"]["PropagateTags"] == "SERVICE"
        for body in stack.of_type("AWS::AutoScaling::AutoScalingGroup").values():
            assert all(tag["PropagateAtLaunch"] for tag in body["Properties"]["Tags"])


class TestTeardown:
    """CloudFormation deletes in the reverse of the order in which it makes."""

    def test_no_instance_is_protected_from_going(self, stack: Stack) -> None:
        groups = stack.of_type("AWS::AutoScaling::AutoScalingGroup").values()
        providers = stack.of_type("AWS::ECS::CapacityProvider").values()

        assert {one["Properties"]["NewInstancesProtectedFromScaleIn"] for one in groups} == {False}
        assert {one["Properties"]["AutoScalingGroupProvider"]["ManagedTerminationProtection"] for one in providers} == {
            "DISABLED"
        }

    def test_ephemeral_stage_waits_for_no_draining_and_a_durable_one_does(self, stack: Stack, durable: Stack) -> None:
        def draining(one: Stack) -> set[str]:
            providers = one.of_type("AWS::ECS::CapacityProvider").values()
            return {body["Properties"]["AutoScalingGroupProvider"]["ManagedDraining"] for body in providers}

        def delay(one: Stack) -> str:
            attributes = of(one, "AWS::ElasticLoadBalancingV2::TargetGroup", "outside")["TargetGroupAttributes"]
            return str({each["Key"]: each["Value"] for each in attributes}["deregistration_delay.timeout_seconds"])

        assert (draining(stack), draining(durable)) == ({"DISABLED"}, {"ENABLED"})
        assert (delay(stack), delay(durable)) == ("0", "30")

    def test_cluster_is_emptied_before_anything_of_it_is_deleted(self, stack: Stack) -> None:
        [release] = ids(stack, "Custom::EcsRelease")

        assert needed(stack, release) >= ids(
            stack,
            "AWS::ECS::Cluster",
            "AWS::ECS::Service",
            "AWS::ECS::CapacityProvider",
            "AWS::ECS::ClusterCapacityProviderAssociations",
            "AWS::AutoScaling::AutoScalingGroup",
        )

    def test_release_is_told_every_service_and_every_group(self, stack: Stack) -> None:
        said = of(stack, "Custom::EcsRelease", "")

        assert said["Services"] == sorted(SERVICES, key=list(SERVICES).index)
        assert {one["Ref"] for one in said["AutoScalingGroups"]} == ids(stack, "AWS::AutoScaling::AutoScalingGroup")

    def test_what_could_start_something_again_is_deleted_before_the_cluster_is_emptied(self, stack: Stack) -> None:
        [release] = ids(stack, "Custom::EcsRelease")
        watch = {key for key in ids(stack, "AWS::Events::Rule") if key.startswith("Watch")}
        starters = watch | ids(
            stack,
            "AWS::ApplicationAutoScaling::ScalableTarget",
            "AWS::ApplicationAutoScaling::ScalingPolicy",
            "AWS::CloudWatch::Alarm",
            "AWS::StepFunctions::StateMachine",
        )

        assert len(watch) == 1
        assert all(release in needed(stack, starter) for starter in starters)

    def test_running_trainings_are_stopped_before_their_workflow_goes(self, stack: Stack) -> None:
        [stopped] = ids(stack, "Custom::StopExecutions")

        assert ids(stack, "AWS::StepFunctions::StateMachine") <= needed(stack, stopped)

    def test_services_go_before_the_kinds_of_capacity_that_they_use(self, stack: Stack) -> None:
        [association] = ids(stack, "AWS::ECS::ClusterCapacityProviderAssociations")

        assert all(association in needed(stack, service) for service in ids(stack, "AWS::ECS::Service"))
        assert needed(stack, association) >= ids(stack, "AWS::ECS::CapacityProvider", "AWS::ECS::Cluster")

    def test_cluster_goes_after_the_groups_whose_instances_are_registered_in_it(self, stack: Stack) -> None:
        [cluster] = ids(stack, "AWS::ECS::Cluster")

        assert all(cluster in needed(stack, group) for group in ids(stack, "AWS::AutoScaling::AutoScalingGroup"))

    def test_bucket_is_emptied_after_the_last_task_that_could_write_to_it(self, stack: Stack) -> None:
        [bucket] = {key for key in ids(stack, "Custom::S3AutoDeleteObjects") if key.startswith("Traffic")}

        assert all(bucket in needed(stack, service) for service in ids(stack, "AWS::ECS::Service"))

    def test_access_logs_are_deleted_after_the_load_balancer_that_writes_them(self, stack: Stack) -> None:
        buckets = {key for key in ids(stack, "Custom::S3AutoDeleteObjects") if "DoorLogs" in key}
        doors = ids(stack, "AWS::ElasticLoadBalancingV2::LoadBalancer")

        assert len(buckets) == len(doors) == 2
        assert all(needed(stack, door) & buckets for door in doors)

    def test_no_helper_has_a_network_interface(self, stack: Stack) -> None:
        assert all("VpcConfig" not in one["Properties"] for one in stack.of_type("AWS::Lambda::Function").values())

    def test_nothing_of_it_stays_even_of_a_durable_stage_but_access_logs(self, durable: Stack) -> None:
        kept = {
            key.rstrip("0123456789ABCDEF")
            for key, body in durable.resources.items()
            if body.get("DeletionPolicy", "Delete") != "Delete"
        }

        assert kept == {"outsideDoorLogs", "outsideDoorLogsPolicy", "insideDoorLogs", "insideDoorLogsPolicy"}


class TestOffSwitches:
    def test_watch_looks_every_five_minutes_at_the_cluster_its_groups_and_its_queues(self, stack: Stack) -> None:
        rule = of(stack, "AWS::Events::Rule", "Watch")
        variables = of(stack, "AWS::Lambda::Function", "Watch")["Environment"]["Variables"]

        assert rule["ScheduleExpression"] == "rate(5 minutes)"
        assert variables["FAMILY"] == "mlstack-sandbox-training"
        assert variables["MAX_HOURS"] == "12"
        assert set(references(variables["GROUPS"])) == ids(stack, "AWS::AutoScaling::AutoScalingGroup")
        assert len(set(references(variables["QUEUES"]))) == len(SERVICES)

    def test_watch_may_end_what_is_of_this_cluster_and_nothing_else(self, stack: Stack) -> None:
        unbound = {
            action
            for one in statements(stack, "WatchFunctionRole")
            if one["Resource"] == "*" and "Condition" not in one
            for action in _list(one["Action"])
        }

        assert unbound <= {"autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"}

    def test_every_attempt_has_an_end(self, stack: Stack) -> None:
        machine = definition(stack)
        attempts = [state for state in machine["States"].values() if state.get("Resource", "").endswith("runTask.sync")]

        assert len(attempts) == 2
        assert all(12 * 3600 < one["TimeoutSeconds"] < 13 * 3600 for one in attempts)
        assert machine["TimeoutSeconds"] > sum(one["TimeoutSeconds"] for one in attempts)


class TestTrainingWorkflow:
    def test_spot_comes_first_then_on_demand_and_never_a_launch_type(self, stack: Stack) -> None:
        states = definition(stack)["States"]
        tried = {
            name: state["Parameters"]["CapacityProviderStrategy"][0]["CapacityProvider"]
            for name, state in states.items()
            if name.startswith("TrainOn")
        }

        assert tried == {"TrainOnSpot": "mlstack-sandbox-spot", "TrainOnOnDemand": "mlstack-sandbox-on-demand"}
        assert all("LaunchType" not in states[name]["Parameters"] for name in tried)
        assert states["WhatNextSpot"]["Default"] == "TrainOnOnDemand"
        assert states["WhatNextOnDemand"]["Default"] == "NoCapacity"

    def test_failure_of_its_own_is_not_tried_again_but_one_that_was_told_to_end_is(self, stack: Stack) -> None:
        first, *_ = definition(stack)["States"]["WhatNextSpot"]["Choices"]

        assert first["Next"] == "TrainingFailed"
        assert first["And"] == [
            {"Variable": "$.ended.StopCode", "StringEquals": "EssentialContainerExited"},
            {"Not": {"Variable": "$.cause", "StringMatches": '*"ExitCode":143*'}},
        ]

    def test_refusal_is_told_from_a_task_that_ended_by_its_cause(self, stack: Stack) -> None:
        states = definition(stack)["States"]

        assert [(one["ErrorEquals"], one["Next"]) for one in states["TrainOnSpot"]["Catch"]] == [
            (["AmazonECS.Unknown"], "RefusedSpot"),
            (["States.Timeout"], "TooLong"),
            (["States.ALL"], "WasThereSpot"),
        ]
        assert states["WasThereSpot"]["Choices"] == [
            {"Variable": "$.failure.Cause", "StringMatches": "{*", "Next": "WhySpot"}
        ]
        assert states["WasThereSpot"]["Default"] == "NotStarted"

    def test_market_that_had_nothing_at_all_is_given_a_pause(self, stack: Stack) -> None:
        states = definition(stack)["States"]

        assert states["RefusedSpot"]["Next"] == "PauseSpot"
        assert (states["PauseSpot"]["Seconds"], states["PauseSpot"]["Next"]) == (120, "WhatNextSpot")

    def test_checkpoints_lie_where_the_stage_throws_scratch_away(self, stack: Stack) -> None:
        task = definition(stack)["States"]["Remember"]["Parameters"]["task"]

        assert "/checkpoints/ecs/" in task["checkpoints.$"]
        assert "/ecs/runs/" in task["output.$"]

    def test_workflow_may_run_this_family_in_this_cluster_alone(self, stack: Stack) -> None:
        allowed = statements(stack, "TrainingRole")
        [run] = [one for one in allowed if one["Action"] == "ecs:RunTask"]
        [passed] = [one for one in allowed if one["Action"] == "iam:PassRole"]

        assert "task-definition/mlstack-sandbox-training" in json.dumps(run["Resource"])
        assert "ecs:cluster" in run["Condition"]["ArnEquals"]
        assert passed["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}

    def test_tasks_on_instances_have_no_public_address_and_reach_s3_by_its_endpoint(self, stack: Stack) -> None:
        network = definition(stack)["States"]["TrainOnSpot"]["Parameters"]["NetworkConfiguration"]

        assert network["AwsvpcConfiguration"]["AssignPublicIp"] == "DISABLED"

    def test_tasks_on_fargate_have_one_to_pull_their_image(self, synthesize: Synthesize) -> None:
        made = ecs(synthesize, training={"enabled": True, "accelerator": "cpu"})
        network = definition(made)["States"]["TrainOnSpot"]["Parameters"]["NetworkConfiguration"]

        assert network["AwsvpcConfiguration"]["AssignPublicIp"] == "ENABLED"


class TestTheDoor:
    def test_only_https_from_where_the_profile_says(self, stack: Stack) -> None:
        listeners = [one["Properties"] for one in stack.of_type("AWS::ElasticLoadBalancingV2::Listener").values()]
        group = of(stack, "AWS::EC2::SecurityGroup", "outsideDoorGroup")

        assert {(one["Port"], one["Protocol"]) for one in listeners} == {(443, "HTTPS")}
        assert {one["SslPolicy"] for one in listeners} == {"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"}
        assert [(one["CidrIp"], one["FromPort"]) for one in group["SecurityGroupIngress"]] == [("203.0.113.0/24", 443)]

    def test_it_is_internal_unless_the_profile_says_internet(self, stack: Stack) -> None:
        kind = "AWS::ElasticLoadBalancingV2::LoadBalancer"

        assert of(stack, kind, "inside")["Scheme"] == "internal"
        assert of(stack, kind, "outside")["Scheme"] == "internet-facing"

    def test_token_is_checked_before_anything_is_forwarded(self, stack: Stack) -> None:
        first, second = of(stack, "AWS::ElasticLoadBalancingV2::ListenerRule", "outside")["Actions"]

        assert (first["Type"], first["Order"], second["Type"], second["Order"]) == ("jwt-validation", 1, "forward", 2)
        assert first["JwtValidationConfig"]["AdditionalClaims"] == [
            {"Format": "single-string", "Name": "aud", "Values": ["mlstack"]},
            {"Format": "space-separated-values", "Name": "scope", "Values": ["ask"]},
        ]

    def test_client_certificate_is_verified_before_anything_is_read(self, stack: Stack) -> None:
        listener = of(stack, "AWS::ElasticLoadBalancingV2::Listener", "inside")

        assert listener["MutualAuthentication"]["Mode"] == "verify"
        assert listener["MutualAuthentication"]["TrustStoreArn"] == TRUST_STORE

    def test_whatever_is_no_question_is_not_found(self, stack: Stack) -> None:
        listener = of(stack, "AWS::ElasticLoadBalancingV2::Listener", "outside")
        rule = of(stack, "AWS::ElasticLoadBalancingV2::ListenerRule", "outside")

        assert [one["Type"] for one in listener["DefaultActions"]] == ["fixed-response"]
        assert [one["Field"] for one in rule["Conditions"]] == ["path-pattern", "http-request-method"]

    def test_access_is_logged_and_strange_headers_are_dropped(self, stack: Stack) -> None:
        said = of(stack, "AWS::ElasticLoadBalancingV2::LoadBalancer", "outside")["LoadBalancerAttributes"]
        attributes = {one["Key"]: one["Value"] for one in said}

        assert attributes["access_logs.s3.enabled"] == "true"
        assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
        assert attributes["routing.http.desync_mitigation_mode"] == "strictest"

    def test_firewall_stands_only_where_it_is_asked_for_and_lets_photos_through(self, stack: Stack) -> None:
        [wall] = [one["Properties"] for one in stack.of_type("AWS::WAFv2::WebACL").values()]
        [common] = [one for one in wall["Rules"] if one["Name"] == "AWSManagedRulesCommonRuleSet"]
        overrides = common["Statement"]["ManagedRuleGroupStatement"]["RuleActionOverrides"]

        assert {"ActionToUse": {"Count": {}}, "Name": "SizeRestrictions_BODY"} in overrides
        assert any("RateBasedStatement" in one["Statement"] for one in wall["Rules"])
        assert len(wall["Rules"]) == FIREWALL_RULES  # what its price counts

    def test_tasks_take_requests_from_their_load_balancer_alone(self, stack: Stack) -> None:
        comes_in = stack.of_type("AWS::EC2::SecurityGroupIngress").values()

        assert len(comes_in) == 2
        assert all("SourceSecurityGroupId" in one["Properties"] for one in comes_in)
        assert "SecurityGroupIngress" not in of(stack, "AWS::EC2::SecurityGroup", "queuedGroup")


class TestWhatCommandsRead:
    def test_service_says_where_it_is_asked_and_what_it_costs(self, stack: Stack) -> None:
        said = told(stack, "queued")

        assert (said["cluster"], said["service"], said["requests"]) == (
            "mlstack-sandbox",
            "queued",
            "queued/requests/",
        )
        assert said["task_usd_per_hour"] == "0.0445"
        assert said["idle_price"] == "$0.40 a month (4 alarm metrics)"

    def test_training_says_what_an_hour_costs_at_most(self, stack: Stack) -> None:
        assert told(stack, "Training")["usd_per_hour"] == {"on-demand": "1.0220"}


def definition(stack: Stack) -> dict[str, Any]:
    """The training workflow's, with X where it names something of the stack."""
    text = of(stack, "AWS::StepFunctions::StateMachine", "")["DefinitionString"]
    joined = "".join(part if isinstance(part, str) else "X" for part in text["Fn::Join"][1])
    found: dict[str, Any] = json.loads(joined)
    return found


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
