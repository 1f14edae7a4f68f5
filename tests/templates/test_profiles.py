"""Profiles: every mistake is one line that names file, key, value and what is allowed; no key is dead."""

import copy
import json
import math
import os
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

import aws_cdk as cdk
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from inference.settings import BOUNDS
from shared.analyses import ANALYSES
from stacks import config
from stacks.platform import Platform
from stacks.rules import Settings
from stacks.sagemaker_values import INFERENCE_VARIABLES
from tests.templates.synthesis import FLAGS, ROOT, document

KEY = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
REGISTRY = "111122223333.dkr.ecr"
MODEL = "arn:aws:rekognition:us-west-1:111122223333:project/a/version/b/1"
ENDPOINTS = tomllib.loads(Path(__file__).with_name("endpoints.toml").read_text(encoding="utf-8"))
SHIPPED = sorted(path.stem for path in (ROOT / "config").glob("*.toml"))

BAD = [
    ("stage.name", "Team", "2 to 20 of a-z"),
    ("stage.name", "x" * 21, "2 to 20 of a-z"),
    ("stage.name", "team-", "2 to 20 of a-z"),
    ("stage.name", 5, "a string in quotes"),
    ("stage.region", "us-est-1", "did you mean us-west-1?"),
    ("stage.region", "moon", "an AWS region, such as us-east-1"),
    ("stage.region", "eu-north-1", "a region with Rekognition while vision.enabled is true"),
    ("stage.account", "1234", "12 digits"),
    ("stage.account", 111122223333, "a string in quotes"),
    ("stage.owner", "", "1 to 256 letters"),
    ("stage.owner", "   ", "1 to 256 letters"),
    ("stage.owner", "a\nb", "1 to 256 letters"),
    ("stage.cost_centre", "x" * 257, "1 to 256 characters"),
    ("stage.retention", "forever", "'ephemeral' or 'durable'"),
    ("stage.expiry", "soon", '"14d", a date such as 2027-06-30, or "never"'),
    ("stage.expiry", "2027-02-31", "a day that exists"),
    ("stage.expiry", "0d", "days after the deploy"),
    ("stage.expiry", True, "days after the deploy"),
    ("stage.expiry", "never", "days or a date for an ephemeral stage"),
    ("stage.log_days", 8, "one of 1, 3, 5, 7"),
    ("network.enabled", "yes", "true or false"),
    ("network.cidr", "8.8.8.0/24", "a private IPv4 range from /16 to /24"),
    ("network.cidr", "127.0.0.0/16", "a private IPv4 range from /16 to /24"),
    ("network.cidr", "10.0.0.0/8", "a private IPv4 range from /16 to /24"),
    ("network.cidr", "10.0.0.1/16", "a private IPv4 range from /16 to /24"),
    ("network.availability_zones", 1, "greater than or equal to 2"),
    ("network.availability_zones", "2", "a whole number"),
    ("network.interface_endpoints", "ssm", "a list in square brackets"),
    ("network.interface_endpoints.0", ["smm"], "did you mean ssm?"),
    ("network.interface_endpoints", ["ssm", "ssm"], "each value once"),
    ("network.interface_endpoints.0", ["s3"], "an AWS PrivateLink service"),
    ("network.flow_logs", 1, "true or false"),
    ("storage.enabled", "on", "true or false"),
    ("storage.incomplete_upload_days", 0, "greater than or equal to 1"),
    ("storage.old_version_days", 1.5, "a whole number"),
    ("storage.scratch_prefixes.0", ["/scratch/"], "a key prefix"),
    ("storage.scratch_prefixes.0", ["tmp"], "a key prefix"),
    ("storage.scratch_prefixes", ["tmp/", "tmp/"], "each value once"),
    ("storage.scratch_days", 366, "less than or equal to 365"),
    ("vision.enabled", None, "true or false"),
    ("vision.max_concurrency", 1, "greater than or equal to 2"),
    ("vision.images", {}, "name a prefix and its analyses"),
    ("vision.images", {"photos": ["labels"]}, 'a key prefix such as "photos/"'),
    ("vision.images", {"a*/": ["labels"]}, "without * ? and $"),
    ("vision.images", {"${aws:username}/": ["labels"]}, "without * ? and $"),
    ("vision.images", {"/photos/": ["labels"]}, 'a key prefix such as "photos/"'),
    ("vision.images", {"写真/": ["labels"]}, "of ASCII letters"),
    ("vision.images", {" photos/": ["labels"]}, "of ASCII letters"),
    ("vision.images", {"photos/": []}, "name at least one"),
    ("vision.images", {"photos/": "labels"}, "a list in square brackets"),
    ("vision.images", {"photos/": ["labels", "labels"]}, "each value once"),
    ("vision.images", {"photos/": ["labelz"]}, "did you mean labels?"),
    ("vision.images", {"photos/": ["smells"]}, "one of labels, faces, moderation"),
    ("vision.images", {f"{number:0>100}/": ["labels"] for number in range(12)}, "be fewer or shorter"),
    ("vision.videos", {"photos/clips/": ["labels"]}, "not overlap with 'photos/' of vision.images"),
    ("vision.videos", {"videos/": ["celebrities"]}, "a video analysis, "),
    ("vision.video_jobs", 0, "greater than or equal to 1"),
    ("vision.calls_per_second", {"labels": 0}, "greater than 0"),
    ("vision.calls_per_second", {"labelz": 5}, "did you mean labels?"),
    ("vision.results_days", -1, "greater than or equal to 0"),
    ("vision.backfill_buckets", ["Holidays"], "3 to 63 of a-z"),
    ("vision.backfill_buckets", ["holidays", "holidays"], "each value once"),
    ("vision.alarms", "yes", "true or false"),
    ("vision.alarm_email", "me", "an e-mail address"),
    ("vision.alarm_email", "me@example.com", "be left out while vision.alarms is false"),
    ("vision.dashboard", 1, "true or false"),
    ("vision.labels.min_confidence", 170, "less than or equal to 100"),
    ("vision.labels.min_confidence", math.nan, "a finite number"),
    ("vision.labels.min_confidence", True, "a number"),
    ("vision.labels.max_labels", 0, "greater than or equal to 1"),
    ("vision.labels.image_properties", "yes", "true or false"),
    ("vision.faces.attributes", "some", "'default' or 'all'"),
    ("vision.moderation.min_confidence", -1, "greater than or equal to 0"),
    ("vision.moderation.act_at", 10.0, "at least min_confidence (50)"),
    ("vision.moderation.action", "delete", "'record', 'tag' or 'quarantine'"),
    ("vision.moderation.review", "no", "true or false"),
    ("vision.moderation.review_days", 361, "less than or equal to 360"),
    ("vision.text.min_confidence", 101, "less than or equal to 100"),
    ("vision.protective_equipment.min_confidence", 101, "less than or equal to 100"),
    ("vision.protective_equipment.required", [], "name at least one"),
    ("vision.protective_equipment.required", ["BOOTS"], "'FACE_COVER', 'HAND_COVER' or 'HEAD_COVER'"),
    ("vision.custom_labels.project_version", "my-model", "the ARN of a Custom Labels model"),
    ("vision.custom_labels.min_confidence", 101, "less than or equal to 100"),
    ("vision.people.min_similarity", 101, "less than or equal to 100"),
    ("training.enabled", "yes", "true or false"),
    ("training.models", [], "name at least one"),
    ("training.models", ["a", "a"], "each value once"),
    ("training.models.0", ["Waste"], "1 to 30 of a-z and 0-9 with hyphens between them"),
    ("training.models.0", ["x" * 31], "1 to 30 of a-z and 0-9 with hyphens between them"),
    ("training.models", [f"m{n}" for n in range(21)], "at most 20 items"),
    ("training.accelerator", "tpu", "'cpu' or 'gpu'"),
    ("training.algorithms.0", ["xgbost"], "did you mean xgboost?"),
    ("training.instance_types", [], "name at least one"),
    ("training.instance_types.0", ["ml.inf2.xlarge"], "a type of training jobs"),
    ("training.instance_types.0", ["ml.p2.xlarge"], "retired"),
    ("training.max_instances", 0, "greater than or equal to 1"),
    ("training.max_run_minutes", 28 * 24 * 60 + 1, "less than or equal to 40320"),
    ("training.max_tuning_jobs", 751, "less than or equal to 750"),
    ("training.max_usd", 0.0, "greater than 0"),
    ("notebook.enabled", "yes", "true or false"),
    ("notebook.name_prefix", "-", "1 to 40 letters, digits and hyphens"),
    ("notebook.name_prefix", "x" * 41, "1 to 40 letters, digits and hyphens"),
    ("notebook.instance_type", "ml.t3.mediun", "did you mean ml.t3.medium?"),
    ("notebook.instance_type", "ml.m5.large", "a type of notebook instances"),
    ("notebook.instance_type", "ml.p2.xlarge", "retired"),
    ("notebook.volume_gb", 4, "greater than or equal to 5"),
    ("notebook.volume_gb", 16385, "less than or equal to 16384"),
    ("notebook.platform", "notebook-al2-v3", "AWS has ended notebook-al2-v3"),
    ("notebook.platform", "notebook-al2023-v2", "the one that CloudFormation knows"),
    ("notebook.root_access", "no", "true or false"),
    ("notebook.network", "mine", "'sagemaker', 'stage' or 'own'"),
    ("notebook.zone", 0, "greater than or equal to 1"),
    ("notebook.subnet", "subnet-1", "the id of a subnet"),
    ("notebook.subnet", "subnet-0123456789abcdef0", 'be left out while network is "sagemaker"'),
    ("notebook.security_groups", ["sg-1"], "the id of a security group"),
    ("notebook.security_groups", ["sg-0123456789abcdef0"], 'be left out while network is "sagemaker"'),
    ("notebook.direct_internet", False, 'be true while network is "sagemaker"'),
    ("notebook.kms_key", "alias/mine", "the ARN of a KMS key"),
    ("notebook.role", "admin", "the ARN of a role"),
    ("notebook.repositories", ["http://example.com/a"], "the https address of a Git repository"),
    ("notebook.repositories", ["https://me:secret@example.com/a"], "without a password in it"),
    ("notebook.repositories", [f"https://example.com/{n}" for n in range(5)], "at most 4 items"),
    ("notebook.on_create", "nowhere.sh", "the path of a shell script"),
    ("notebook.on_start", "README.md", "begins with #!"),
    ("notebook.idle_minutes", 14, "greater than or equal to 15"),
    ("notebook.idle_minutes", 720, "less than max_hours (12 h)"),
    ("notebook.max_hours", 169, "less than or equal to 168"),
    ("notebook.tags", {"stage": "x"}, "not name stage: these tags are the stage's"),
    ("notebook.tags", {"aws:x": "x"}, "does not begin with aws:"),
    ("endpoints.enabled", "yes", "true or false"),
    ("endpoints.serverless", {"Classifier": {}}, "1 to 31 of a-z and 0-9"),
    ("endpoints.serverless", {"x" * 32: {}}, "1 to 31 of a-z and 0-9"),
    ("endpoints.serverless", {"x-endpoint": {}}, "not ending in -endpoint"),
    ("endpoints.serverless.x.model", "s3://bucket/model.zip", '"starter", "none", or s3://BUCKET/KEY.tar.gz'),
    ("endpoints.serverless.x.model", "none", 'be "starter" or an s3:// address while image is "inference"'),
    ("endpoints.serverless.x.image", "infrence", '"inference", a name of `mlstack image uri`'),
    ("endpoints.serverless.x.image", "xgboost", 'be "inference" while model is "starter"'),
    ("endpoints.serverless.x.environment", {"1": "x"}, "a name of letters, digits and _"),
    ("endpoints.serverless.x.environment", {"INFERENCE_TOPK": "1"}, "not name INFERENCE_TOPK: the server knows"),
    ("endpoints.serverless.x.image", "111122223333.dkr.ecr.us-east-1.amazonaws.com/a", "name a :TAG or @sha256"),
    ("endpoints.serverless", {"memory_mb": 2048}, "a table for each endpoint, such as [endpoints.KIND.NAME]"),
    ("notebook.on_start", "#!/bin/bash\necho ready", "the path of a file with the script, not the script itself"),
    ("endpoints.serverless.x.memory_mb", 1500, "multiple of 1024"),
    ("endpoints.serverless.x.memory_mb", 7168, "less than or equal to 6144"),
    ("endpoints.serverless.x.max_concurrency", 201, "less than or equal to 200"),
    *(
        (f"endpoints.{kind}.x.{key}", value, allowed)
        for kind in ("asynchronous", "realtime", "classic")
        for key, value, allowed in (
            ("model", "s3://Bucket/m.tar.gz", '"starter", "none", or s3://BUCKET/KEY.tar.gz'),
            ("image", "mxnet", "MXNet"),
            ("environment", {"A": "x" * 1025}, "at most 1024 characters"),
            ("instance_type", "ml.m5.huge", "a type of endpoints"),
            ("instance_type", "ml.t2.medium", "a type that is not burstable"),
            ("instance_type", "ml.g5.xlarge", "a type without accelerator"),
            ("startup_seconds", 59, "greater than or equal to 60"),
            ("network_isolation", "yes", "true or false"),
            ("vpc", 1, "true or false"),
            ("kms_key", "mine", "the ARN of a KMS key"),
            ("max_instances", 0 if kind != "classic" else 1, "greater than or equal to "),
        )
    ),
    ("endpoints.asynchronous", {"a.b": {}}, "1 to 31 of a-z and 0-9"),
    ("endpoints.asynchronous.x.backlog_per_instance", 0, "greater than 0"),
    ("endpoints.asynchronous.x.concurrency_per_instance", 1001, "less than or equal to 1000"),
    ("endpoints.asynchronous.x.cooldown_minutes", 0, "greater than or equal to 1"),
    ("endpoints.asynchronous.x.keep_days", 0, "greater than or equal to 1"),
    ("endpoints.asynchronous.x.notify", "me@example.com", "true or false"),
    ("endpoints.classic.x.deployment.traffic", "blue", "'all_at_once', 'canary', 'linear' or 'rolling'"),
    ("endpoints.classic.x.deployment.step_percent", 51, "less than or equal to 50"),
    ("endpoints.classic.x.deployment.wait_minutes", 0, "greater than or equal to 1"),
    ("endpoints.classic.x.deployment.max_minutes", 15, "more than the 15 minutes that all steps and keep_minutes take"),
    *(
        (f"endpoints.{kind}.x.deployment.{key}", value, allowed)
        for kind in ("asynchronous", "classic")
        for key, value, allowed in (
            ("keep_minutes", 61, "less than or equal to 60"),
            ("max_minutes", 9, "greater than or equal to 10"),
            ("errors_a_minute", 0, "greater than or equal to 1"),
            ("latency_ms", 0, "greater than or equal to 1"),
        )
    ),
    ("endpoints.realtime", {"a_b": {}}, "1 to 31 of a-z and 0-9"),
    ("endpoints.realtime.x.max_copies", 0, "greater than or equal to 1"),
    ("endpoints.realtime.x.copy_cpus", 0.1, "greater than or equal to 0.25"),
    ("endpoints.realtime.x.copy_cpus", 4.0, "at most the 2 CPUs of ml.m5.large"),
    ("endpoints.realtime.x.copy_memory_mb", 127, "greater than or equal to 128"),
    ("endpoints.realtime.x.copy_memory_mb", 8192, "less than the 8 GiB of ml.m5.large"),
    ("endpoints.realtime.x.copy_accelerators", 1, "must be 0 on ml.m5.large"),
    ("endpoints.realtime.x.invocations_per_copy", 0, "greater than 0"),
    ("endpoints.realtime.x.cooldown_minutes", 4, "greater than or equal to 5"),
    ("endpoints.realtime.x.errors_a_minute", 0, "greater than or equal to 1"),
    ("endpoints.classic", {"-a": {}}, "1 to 31 of a-z and 0-9"),
    ("endpoints.classic.x.min_instances", 1, "greater than or equal to 2"),
    ("endpoints.classic.x.invocations_per_instance", 0, "greater than 0"),
    ("endpoints.classic.x.cooldown_minutes", 61, "less than or equal to 60"),
    ("endpoints.classic.x.capture", "all", "a table"),
    ("endpoints.classic.x.capture.percent", 0, "greater than or equal to 1"),
    ("endpoints.classic.x.capture.days", 366, "less than or equal to 365"),
    ("workstations", {"Gpu": {}}, "1 to 20 of a-z and 0-9"),
    ("workstations", {"x" * 21: {}}, "1 to 20 of a-z and 0-9"),
    ("workstations.x.flavour", "mxnet", "'base', 'pytorch' or 'tensorflow'"),
    ("workstations.x.os", "windows-2022", "no Deep Learning AMI for Windows any more; use ubuntu-24.04"),
    ("workstations.x.os", "amazon-linux-2", "its patches ended on 2026-06-30; use amazon-linux-2023"),
    ("workstations.x.os", "gentoo", "use ubuntu-22.04, ubuntu-24.04"),
    ("workstations.x.framework_version", "1.13", "there are 2.8, 2.9, 2.10, 2.11, 2.12"),
    ("workstations.x.image", "newest", 'the id of one image, such as "ami-0123456789abcdef0"'),
    ("workstations.x.edition", 0, "greater than or equal to 1"),
    (
        "workstations.x.instance_type",
        "p3.2xlarge",
        "the open one does not know its V100; use g5 or g6",
    ),
    ("workstations.x.instance_type", "p2.xlarge", "use g4dn or g5"),
    ("workstations.x.instance_type", "g3.8xlarge", "use g4dn"),
    ("workstations.x.instance_type", "ml.g5.xlarge", "EC2's is g5.xlarge"),
    ("workstations.x.instance_type", "g5.xlrge", "did you mean g5.xlarge"),
    ("workstations.x.instance_type", "g7.2xlarge", "no release note of the pytorch AMI names g7"),
    ("workstations.x.market", "reserved", "'on-demand' or 'spot'"),
    ("workstations.x.volume_gb", 99, "greater than or equal to 100"),
    ("workstations.x.volume_iops", 80001, "less than or equal to 80000"),
    ("workstations.x.volume_iops", 80000, "at most 500 for each of the 125 GB"),
    ("workstations.x.volume_mibps", 124, "greater than or equal to 125"),
    ("workstations.x.volume_mibps", 1000, "at most a quarter of volume_iops (3000)"),
    ("workstations.x.kms_key", "alias/mine", "the ARN of a KMS key"),
    ("workstations.x.zone", 4, "less than or equal to 3"),
    ("workstations.x.zone", 3, "at most network.availability_zones (2)"),
    ("workstations.x.internet", "no", "true or false"),
    ("workstations.x.ssh_key", "", "the name of a key pair"),
    ("workstations.x.jupyter", 8888, "true or false"),
    ("workstations.x.on_create", "there/is/none.sh", "there is no such file"),
    ("workstations.x.idle_minutes", 19, "greater than or equal to 20"),
    ("workstations.x.idle_minutes", 1440, "less than max_hours (24 h): the cap would come first"),
    ("workstations.x.on_idle", "hibernate", "'stop' or 'terminate'"),
    ("workstations.x.max_hours", 169, "less than or equal to 168"),
    ("workstations.x.keep_awake_hours", 25, "less than or equal to 24"),
    ("workstations.x.daily_stop", "24:00", 'a time of day such as "07:00", or "never"'),
    ("workstations.x.time_zone", "Europe/Pariss", "a time zone, did you mean Europe/Paris?"),
    ("workstations.x.time_zone", "../../etc/passwd", "a time zone, such as Europe/Paris"),
    ("workstations.x.tags", {"workstation": "mine"}, "must not name workstation: these tags are the stage's"),
    ("workstations.x.tags", {"a/b": "mine"}, "must be of letters, digits and + - = . , _ : @ alone in a/b"),
    ("workstations.x.tags", {"équipe": "mine"}, "must be of letters, digits"),
    ("workstations.x.tags", {"_index": "mine"}, "alone in _index"),
    ("workstations.x.tags", {"mlstack:keep-awake": "never"}, "these tags are the stage's"),
    ("images.mirror", "public", "true or false"),
    ("ecs.internet", "yes", "true or false"),
    ("ecs.training.enabled", 1, "true or false"),
    ("ecs.training.accelerator", "tpu", "'gpu' or 'cpu'"),
    ("ecs.training.instance_types", [], "name at least one"),
    ("ecs.training.instance_types.0", ["g5.xlrge"], "did you mean g5.xlarge"),
    ("ecs.training.instance_types.0", ["p3.2xlarge"], "the AMI's driver does not know its V100; use g5"),
    ("ecs.training.instance_types.0", ["g5g.xlarge"], "the training image is for x86_64; use g5"),
    ("ecs.training.instance_types.0", ["m5.large"], "m5.large has no GPU of NVIDIA's"),
    ("ecs.training.instance_types.0", ["ml.g5.xlarge"], "EC2's is g5.xlarge"),
    ("ecs.training.gpus", 9, "less than or equal to 8"),
    ("ecs.training.max_instances", 0, "greater than or equal to 1"),
    ("ecs.training.vcpu", "4", "a number"),
    ("ecs.training.memory_gb", 15.0, "at most 14 with g4dn.xlarge, whose system takes 2 GB"),
    ("ecs.training.storage_gb", 49, "greater than or equal to 50"),
    ("ecs.training.market", "reserved", "'spot' or 'on-demand'"),
    ("ecs.training.spot_attempts", 11, "less than or equal to 10"),
    ("ecs.training.max_hours", 169, "less than or equal to 168"),
    ("ecs.services", {"Drawings": {}}, "1 to 20 of a-z and 0-9"),
    ("ecs.services.x.model", "none", '"starter", or s3://BUCKET/KEY.tar.gz'),
    ("ecs.services.x.architecture", "riscv", "'arm64' or 'x86_64'"),
    ("ecs.services.x.vcpu", 3.0, "Fargate has tasks of 0.25, 0.5, 1, 2, 4, 8, 16 vCPU"),
    ("ecs.services.x.memory_gb", 9.0, "with 1 vCPU, Fargate has 2 to 8 in steps of 1 GB"),
    ("ecs.services.x.market", "cheap", "'spot' or 'on-demand'"),
    ("ecs.services.x.min_tasks", 3, "at most max_tasks (2)"),
    ("ecs.services.x.max_tasks", 51, "less than or equal to 50"),
    ("ecs.services.x.backlog_per_task", 0, "greater than or equal to 1"),
    ("ecs.services.x.sleep_minutes", 4, "greater than or equal to 5"),
    ("ecs.services.x.concurrency", 33, "less than or equal to 32"),
    ("ecs.services.x.request_days", 0, "greater than or equal to 1"),
    ("ecs.services.x.execute_command", "bash", "true or false"),
    ("ecs.services.x.environment", {"INFERENCE_TOPK": "3"}, "must not name INFERENCE_TOPK: the server knows"),
    ("ecs.services.x.environment", {"INFERENCE_MAX_BYTES": "9"}, "must not name INFERENCE_MAX_BYTES"),
    ("ecs.services.x.load_balancer", "yes", "be a table"),
    ("ecs.services.x.load_balancer.certificate", "mine", "the ARN of a certificate of ACM's"),
    ("ecs.services.x.load_balancer.allowed", [], "name at least one"),
    ("ecs.services.x.load_balancer.allowed.0", ["office"], 'a range of IPv4 addresses, such as "203.0.113.0/24"'),
    ("ecs.services.x.load_balancer.internet", "open", "true or false"),
    ("ecs.services.x.load_balancer.tokens", "mine", "be a table"),
    ("ecs.services.x.load_balancer.tokens.issuer", "http://a.example", "an https:// address"),
    ("ecs.services.x.load_balancer.tokens.jwks", "", "an https:// address"),
    ("ecs.services.x.load_balancer.tokens.claims", {"exp": {"values": ["1"]}}, "cannot be named"),
    ("ecs.services.x.load_balancer.tokens.claims.x.values", [], "name at least one"),
    ("ecs.services.x.load_balancer.tokens.claims.x.format", "csv", "'single-string', 'string-array'"),
    ("ecs.services.x.load_balancer.trust_store", "mine", "the ARN of a trust store"),
    ("ecs.services.x.load_balancer.firewall", "on", "true or false"),
    ("ecs.services.x.load_balancer.requests_per_5_minutes", 9, "greater than or equal to 10"),
    ("ecs.services.x.load_balancer.log_days", 0, "greater than or equal to 1"),
]
CERTIFICATE = "arn:aws:acm:us-east-1:111122223333:certificate/11111111-2222-3333-4444-555555555555"
TRUST_STORE = "arn:aws:elasticloadbalancing:us-east-1:111122223333:truststore/mine/0123456789abcdef"
TOKENS = {"issuer": "https://a.example/", "jwks": "https://a.example/keys", "claims": {"x": {"values": ["mlstack"]}}}
DOOR = {"certificate": CERTIFICATE, "allowed": ["203.0.113.0/24"], "internet": True, "tokens": TOKENS}
NEIGHBOURS: dict[str, dict[str, Any]] = {
    "ecs.services.x.load_balancer.": DOOR,
    "ecs.training.memory_gb": {"enabled": True},
}
"""What a table must say besides, by how the keys begin."""


def changed(key: str, value: object) -> dict[str, Any]:
    """The sandbox profile with one key changed."""
    *path, last = key.split(".")
    base = document("sandbox", {})
    for begin, table in NEIGHBOURS.items():
        if key.startswith(begin):
            place_of(base, begin.split(".")[:-1]).update(copy.deepcopy(table))
    place_of(base, path)[last] = value
    return base


def place_of(document: dict[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """A table of a profile, there or not."""
    for name in path:
        document = document.setdefault(name, {})
    return document


@pytest.mark.parametrize(("key", "value", "allowed"), BAD)
def test_a_bad_value_is_one_line_with_file_key_value_and_what_is_allowed(key: str, value: object, allowed: str) -> None:
    plain = key.removesuffix(".0")

    with pytest.raises(config.ProfileError) as caught:
        config.parse(changed(plain, value), source="config/mine.toml")

    [line] = str(caught.value).splitlines()
    assert line.startswith(f"config/mine.toml: {plain}")
    assert " = " in line
    assert ": must " in line
    assert allowed in line
    if not isinstance(value, list | dict):
        assert line.startswith(f"config/mine.toml: {key} = {json.dumps(value)}: must ")


def table_in(annotation: Any) -> tuple[type[BaseModel] | None, str]:  # noqa: ANN401  # a field can be anything
    """The table that a field holds, and what stands before its keys: a name where people choose it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, ""
    tables = [one for one in get_args(annotation) if isinstance(one, type) and issubclass(one, BaseModel)]
    return (tables[0], "x." if get_origin(annotation) is dict else "") if tables else (None, "")


def keys(model: type[BaseModel], path: str = "") -> set[str]:
    """Every key of a table and of the tables in it, by its whole path."""
    found = set()
    for name, field in model.model_fields.items():
        table, named = table_in(field.annotation)
        if table:
            found |= keys(table, f"{path}{name}.{named}")
        if table is None or named or get_origin(field.annotation):
            found.add(f"{path}{name}")
    return found


def test_a_long_value_is_cut_where_it_is_shown() -> None:
    with pytest.raises(config.ProfileError) as caught:
        config.parse(changed("notebook.on_start", "x" * 20_000), source="x.toml")

    assert len(str(caught.value)) < 500


def test_the_variables_of_the_own_server_are_those_that_it_knows() -> None:
    assert {name for name in BOUNDS if name.startswith("INFERENCE_")} == INFERENCE_VARIABLES


def test_every_key_has_a_bad_value_in_these_tests() -> None:
    assert {key.removesuffix(".0") for key, *_ in BAD} == keys(config.Profile)


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ("people_pathing", 'AWS closed Rekognition People Pathing on 2025-10-31; use "labels" in [vision.videos]'),
        ("Streaming", "AWS closed Rekognition streaming video on 2026-04-30; put frames or clips"),
        ("media-analysis", "AWS closed Rekognition bulk media analysis on 2026-04-30; use `mlstack vision backfill"),
        ("a2i", "AWS closed Augmented AI (A2I) on 2026-07-30; use vision.moderation.review = true"),
    ],
)
@pytest.mark.parametrize("table", ["images", "videos"])
def test_what_aws_has_closed_is_refused_with_its_successor(table: str, asked: str, line: str) -> None:
    with pytest.raises(config.ProfileError, match="must be left out") as caught:
        config.parse(changed(f"vision.{table}", {"elsewhere/": [asked]}), source="x.toml")

    assert line in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"vision.images": {"a/": ["custom_labels"]}}, "vision.custom_labels.project_version: must name"),
        (
            {"vision.moderation.review": True, "vision.moderation.action": "record"},
            'vision.moderation.action = "record": must be "tag" or "quarantine" while review is true',
        ),
        ({"notebook.network": "own"}, 'notebook.subnet: must be given while network is "own"'),
        (
            {"notebook.network": "own", "notebook.subnet": "subnet-0123456789abcdef0"},
            'notebook.security_groups = []: must be given while network is "own"',
        ),
        (
            {"notebook.enabled": True, "notebook.network": "stage", "network.enabled": False},
            'network.enabled = false: must be true while notebook.network is "stage"',
        ),
        (
            {"notebook.enabled": True, "notebook.network": "stage", "notebook.zone": 3},
            "notebook.zone = 3: must be at most network.availability_zones (2)",
        ),
        (
            {"notebook.enabled": True, "notebook.network": "stage", "notebook.direct_internet": False},
            "the notebook could not switch itself off; price $29.20 a month in this region",
        ),
        (
            {
                "notebook.network": "stage",
                "notebook.direct_internet": False,
                "notebook.repositories": ["https://example.com/a"],
            },
            'notebook.repositories = ["https://example.com/a"]: must be left out while direct_internet is false',
        ),
        (
            {"endpoints.realtime": {"a": {"copy_cpus": 2.0}}},
            "endpoints.realtime.a.max_instances = 1: must be at least 2: a copy takes more than half of ml.m5.large",
        ),
        (
            {"endpoints.asynchronous": {"a": {"deployment": {"keep_minutes": 60}}}},
            "endpoints.asynchronous.a.deployment.max_minutes = 60: must be more than the 60 minutes",
        ),
        (
            {"endpoints.serverless": {"a": {"model": "none", "image": "pytorch-training-cpu"}}},
            'endpoints.serverless.a.image = "pytorch-training-cpu": must be an image that answers requests',
        ),
        ({"endpoints.classic": {"a": {"min_instances": 5}}}, "endpoints.classic.a.max_instances = 4: must be at least"),
        (
            {"endpoints.classic": {"clas-sifier": {}}},
            'endpoints.classic.clas-sifier = "clas-sifier": must be named otherwise: serverless.classifier',
        ),
        (
            {"endpoints.realtime": {"a": {"vpc": True}}, "network.enabled": False},
            "network.enabled = false: must be true while endpoints.realtime.a.vpc is true",
        ),
        (
            {
                "endpoints.classic": {"a": {"image": "lda", "model": "none"}},
                "stage.region": "eu-west-3",
                "vision.enabled": False,
            },
            'endpoints.classic.a.image = "lda": must be an image that AWS has in eu-west-3: lda is not offered',
        ),
        (
            {"endpoints.classic": {"a": {"model": "none", "image": f"{REGISTRY}.eu-west-1.amazonaws.com/a:1"}}},
            "must lie in us-east-1, the stage's region: SageMaker pulls from no other",
        ),
        (
            {"endpoints.serverless": {"a": {"model": "none", "image": "triton-gpu"}}},
            'endpoints.serverless.a.image = "triton-gpu": must be an image for CPU: serverless endpoints have no GPU',
        ),
        (
            {"endpoints.classic": {"a": {"model": "none", "image": "triton-gpu"}}},
            'endpoints.classic.a.instance_type = "ml.m5.large": must be a type with a GPU',
        ),
        (
            {"endpoints.classic": {"a": {"instance_type": "ml.m6g.large"}}},
            'endpoints.classic.a.instance_type = "ml.m6g.large": must be a type with x86_64 processors',
        ),
        (
            {
                "endpoints.classic": {
                    "a": {"model": "none", "image": "triton-gpu", "instance_type": "ml.g5.xlarge", "kms_key": KEY}
                }
            },
            "must be left out: SageMaker refuses a key for ml.g5.xlarge, whose disk is its own",
        ),
        (
            {"endpoints.classic": {"a": {"deployment": {"step_percent": 40}}}},
            "endpoints.classic.a.deployment.step_percent = 40: must be at least 50 with 2 instances",
        ),
        (
            {"endpoints.classic": {"a": {"deployment": {"traffic": "linear", "step_percent": 5, "max_minutes": 480}}}},
            'endpoints.classic.a.deployment.step_percent = 5: must be 10 to 50 while traffic is "linear"',
        ),
        (
            {"storage.enabled": False},
            "storage.enabled = false: must be true while training.enabled is true",
        ),
        (
            {"stage.name": "sixteen-lettersx"},
            'stage.name = "sixteen-lettersx": must have at most 15 letters while training.enabled is true',
        ),
        (
            {"training.algorithms": ["lda"], "stage.region": "eu-west-3", "vision.enabled": False},
            'training.algorithms = ["lda"]: must be algorithms that AWS has in eu-west-3: lda is not offered',
        ),
        (
            {"training.accelerator": "gpu", "training.instance_types": ["ml.m5.xlarge"]},
            'training.instance_types = ["ml.m5.xlarge"]: must have a type with a GPU',
        ),
        (
            {"workstations.gpu": {}, "network.enabled": False},
            "network.enabled = false: must be true while there is workstations.gpu",
        ),
        (
            {"workstations.gpu": {"internet": False}, "network.interface_endpoints": ["ssm", "monitoring"]},
            "must have ssmmessages and ec2messages and cloudformation while workstations.gpu.internet is false",
        ),
        (
            {"workstations.gpu": {"internet": False}},
            "are its only way out; price $73.00 a month in this region",
        ),
        (
            {"workstations.gpu": {"kms_key": KEY.replace("us-east-1", "eu-west-1")}},
            "must be a key in us-east-1, the stage's region",
        ),
        (
            {"workstations.gpu": {"max_hours": 7, "keep_awake_hours": 8}},
            "workstations.gpu.keep_awake_hours = 8: must be at most max_hours (7)",
        ),
        (
            {"workstations.gpu": {"flavour": "tensorflow", "instance_type": "g5g.xlarge"}},
            'workstations.gpu.flavour = "tensorflow": must be what AWS builds: AWS builds no tensorflow AMI for arm64',
        ),
        (
            {"workstations.gpu": {"flavour": "tensorflow", "os": "ubuntu-24.04"}},
            'workstations.gpu.os = "ubuntu-24.04": must be what AWS builds: AWS builds no tensorflow AMI for x86_64',
        ),
        (
            {"workstations.gpu": {"instance_type": "g5g.xlarge", "os": "ubuntu-26.04"}},
            "AWS builds no pytorch AMI for arm64 on ubuntu-26.04; on arm64 there are ubuntu-22.04",
        ),
        (
            {
                "stage.region": "us-west-1",
                "vision.images": {"a/": ["custom_labels"]},
                "vision.custom_labels.project_version": MODEL,
            },
            'stage.region = "us-west-1": must be a region with Rekognition Custom Labels',
        ),
        (
            {"ecs.training": {"max_hours": 3}},
            "ecs.training.enabled: must be true, or nothing of [ecs.training] has an effect",
        ),
        (
            {"ecs.training": {"enabled": True, "accelerator": "cpu", "gpus": 1}},
            'ecs.training.gpus = 1: must be left out while accelerator is "cpu": it has no effect',
        ),
        (
            {"ecs.training": {"enabled": True, "vcpu": 8.0}},
            'ecs.training.vcpu = 8.0: must be left out while accelerator is "gpu": it has no effect',
        ),
        (
            {"ecs.training": {"enabled": True, "gpus": 4, "instance_types": ["g5.xlarge", "g5.12xlarge"]}},
            "must be types with 4 GPUs or more (gpus), such as g4dn.12xlarge, and not g5.xlarge",
        ),
        (
            {"ecs.training": {"enabled": True, "accelerator": "cpu", "storage_gb": 201}},
            'ecs.training.storage_gb = 201: must be at most 200 while accelerator is "cpu"',
        ),
        (
            {"ecs.training": {"enabled": True, "accelerator": "cpu", "memory_gb": 64.0}},
            'ecs.training.memory_gb = 64.0: must be what Fargate has while accelerator is "cpu"',
        ),
        (
            {"ecs.training": {"enabled": True}, "network.enabled": False},
            "network.enabled = false: must be true while something runs on ECS",
        ),
        (
            {"ecs.training": {"enabled": True}, "storage.enabled": False, "training.enabled": False},
            "storage.enabled = false: must be true while ecs.training.enabled is true",
        ),
        (
            {"ecs": {"internet": False, "services": {"x": {}}}, "network.interface_endpoints": ["logs", "sqs"]},
            "must have ecr.api and ecr.dkr while ecs.internet is false",
        ),
        (
            {"ecs": {"internet": False, "services": {"x": {"execute_command": True}}}},
            "must have ecr.api and ecr.dkr and logs and sqs and ssmmessages while ecs.internet is false",
        ),
        ({"ecs.services": {"training": {}}}, "must not name training: the training task has it"),
        (
            {"ecs.services": {"x": {"load_balancer": {key: DOOR[key] for key in ("certificate", "allowed")}}}},
            "ecs.services.x.load_balancer.tokens: must be there, or trust_store",
        ),
        (
            {"ecs.services": {"x": {"load_balancer": DOOR | {"internet": False}}}},
            "ecs.services.x.load_balancer.internet = false: must be true while there are tokens",
        ),
        (
            {"ecs.services": {"x": {"load_balancer": DOOR}}, "stage.region": "eu-west-1"},
            "must be in eu-west-1, the stage's region",
        ),
        (
            {"ecs.services": {"max_tasks": 4}},
            "ecs.services.max_tasks = 4: must be a table, [ecs.services.NAME], with keys such as model, architecture",
        ),
        (
            {"ecs.services": {"x": {"load_balancer": DOOR | {"tokens": TOKENS | {"claims": {"aud": ["mine"]}}}}}},
            "must be a table, [ecs.services.x.load_balancer.tokens.claims.NAME], with keys such as values, format",
        ),
    ],
)
def test_keys_that_contradict_each_other_are_refused(changes: dict[str, Any], line: str) -> None:
    contradiction = document("sandbox", {})
    for key, value in changes.items():
        *path, last = key.split(".")
        place = contradiction
        for name in path:
            place = place.setdefault(name, {})
        place[last] = value

    with pytest.raises(config.ProfileError) as caught:
        config.parse(contradiction, source="x.toml")

    assert line in str(caught.value)
    assert str(caught.value).startswith("x.toml: ")


@pytest.mark.parametrize(
    ("kind", "key", "reason"),
    [
        ("serverless", "vpc", "SageMaker puts no serverless endpoint into a VPC"),
        ("serverless", "network_isolation", "no network isolation for serverless endpoints"),
        ("serverless", "capture", "captures no data of serverless endpoints"),
        ("serverless", "variants", "one model and one variant"),
        ("serverless", "instance_type", "a serverless endpoint has no instances"),
        ("serverless", "provisioned_concurrency", "it bills while nobody asks"),
        ("asynchronous", "min_instances", "goes down to no instance"),
        ("realtime", "deployment", "copies change one after the other"),
        ("asynchronous", "capture", "lies in S3 already"),
        ("classic", "accelerator_type", "AWS ended Elastic Inference on 2023-04-15"),
    ],
)
def test_a_key_that_sagemaker_would_refuse_or_ignore_is_refused_with_the_reason(
    kind: str, key: str, reason: str
) -> None:
    with pytest.raises(config.ProfileError) as caught:
        config.parse(document("sandbox", {"endpoints": {kind: {"a": {key: 1}}}}), source="x.toml")

    assert str(caught.value).startswith(f"x.toml: endpoints.{kind}.a.{key}: is not a key; ")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("overrides", "line"),
    [
        ({"stage": {"regions": "us-east-1"}}, "x.toml: stage.regions: is not a key; did you mean region?"),
        ({"vision": {"zzz": 1}}, "x.toml: vision.zzz: is not a key; allowed: alarm_email, alarms, backfill_buckets"),
        ({"visoin": {"enabled": True}}, "x.toml: visoin: is not a key; did you mean vision?"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(overrides: dict[str, Any], line: str) -> None:
    with pytest.raises(config.ProfileError) as caught:
        config.parse(document("sandbox", overrides), source="x.toml")

    assert str(caught.value).startswith(line)


def test_a_missing_key_is_named_with_what_it_is_for() -> None:
    incomplete = document("sandbox", {})
    del incomplete["stage"]["owner"]

    with pytest.raises(config.ProfileError, match=r"x\.toml: stage\.owner: is missing; Tag `owner` on everything"):
        config.parse(incomplete, source="x.toml")


def test_several_mistakes_are_several_lines() -> None:
    with pytest.raises(config.ProfileError) as caught:
        config.parse(document("sandbox", {"stage": {"name": "X", "log_days": 8}}), source="x.toml")

    assert len(str(caught.value).splitlines()) == 2


def test_a_stage_with_every_stack_left_out_is_refused() -> None:
    nothing = {
        name: {"enabled": False} for name in ("network", "storage", "vision", "notebook", "endpoints", "training")
    }

    with pytest.raises(
        config.ProfileError,
        match="at least one of network, storage, vision, notebook, endpoints, training, workstations, ecs",
    ):
        config.parse(document("sandbox", nothing), source="x.toml")


@given(
    st.dictionaries(
        st.sampled_from(["stage", "network", "storage", "vision", "", "x"]),
        st.one_of(st.none(), st.text(), st.integers(), st.dictionaries(st.text(), st.text())),
    )
)
def test_any_other_document_is_a_profile_error_of_whole_lines(anything: dict[str, Any]) -> None:
    with pytest.raises(config.ProfileError) as caught:
        config.parse(anything, source="x.toml")

    assert all(line.startswith("x.toml: ") for line in str(caught.value).splitlines())


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ("nope", "profile = 'nope': must be one of production, sandbox, team, or the path of a .toml file"),
        ("../../etc/passwd", "must be one of production, sandbox, team"),
        ("app.py", "must be one of production, sandbox, team"),
        ("config/none.toml", "config/none.toml: no such profile file"),
    ],
)
def test_an_unknown_profile_is_refused_with_the_known_ones(choice: str, reason: str) -> None:
    with pytest.raises(config.ProfileError) as caught:
        config.load(choice)

    assert reason in str(caught.value)


@pytest.mark.parametrize("content", [b"[stage", b"\xff\xfe", b"[stage]\nname = 1\nname = 2\n"])
def test_a_file_that_is_no_toml_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)

    with pytest.raises(config.ProfileError, match=r"broken\.toml: is not valid TOML"):
        config.load(str(path))


@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_profile_is_valid_and_named_after_its_file(name: str) -> None:
    assert config.load(name).stage.name == name


def test_the_default_profile_is_the_sandbox() -> None:
    assert config.load(None) == config.load("sandbox")


def test_a_profile_cannot_be_changed_after_it_was_read() -> None:
    profile = config.load("sandbox")

    with pytest.raises(ValueError, match="frozen"):
        profile.stage.name = "other"  # type: ignore[misc]  # what the test is about


def test_the_schema_in_config_is_the_one_of_the_models() -> None:
    committed = json.loads((ROOT / "config" / "schema.json").read_text(encoding="utf-8"))

    assert committed == config.schema(), "run `make schema`"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Every field that is read from a profile while the test runs, as (model, field)."""
    seen: set[tuple[str, str]] = set()
    plain = Settings.__getattribute__

    def watched(settings: Settings, name: str) -> Any:  # noqa: ANN401  # a field can be anything
        kind = type(settings)
        if name in kind.model_fields:
            seen.add((kind.__name__, name))
        return plain(settings, name)

    monkeypatch.setattr(Settings, "__getattribute__", watched)
    return seen


def fields(model: type[BaseModel]) -> set[tuple[str, str]]:
    """Every leaf of the profile, as (model, field)."""
    found = set()
    for name, field in model.model_fields.items():
        table, _ = table_in(field.annotation)
        found |= fields(table) if table else {(model.__name__, name)}
    return found


class Asked(dict[str, Any]):
    """An analysis's options, which remembers what its request asks for."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self.keys_read: set[str] = set()

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401  # an option can be anything
        self.keys_read.add(key)
        return super().__getitem__(key)


def asked_by_functions() -> set[tuple[str, str]]:
    """What no stack reads because it is handed to a function, which does."""
    vision = config.load("sandbox").vision
    found = {("Moderation", "act_at")}  # tests/functions/image_analysis say what comes of it
    for name, analysis in ANALYSES.items():
        options = Asked(vision.options(name) | {"collection": "c", "person": "p"})
        analysis.request(options)
        table = getattr(vision, name, None)
        found |= {(type(table).__name__, key) for key in options.keys_read}
    return found


def test_no_key_is_dead(reads: set[tuple[str, str]], tmp_path: Path) -> None:
    own = {"network": "own", "subnet": "subnet-0123456789abcdef0", "security_groups": ["sg-0123456789abcdef0"]}
    profiles = [
        config.parse(document(name, changes), source=name)
        for name, changes in (
            (
                "sandbox",
                {
                    "notebook": {"enabled": True, "network": "stage"},
                    "endpoints": ENDPOINTS,
                    "workstations": {"gpu": {}},
                    "ecs": {
                        "training": {"enabled": True},
                        "services": {"x": {"load_balancer": DOOR | {"firewall": True}}},
                    },
                },
            ),
            ("production", {"notebook": {"enabled": True, **own}}),
        )
    ]
    reads.clear()  # validation reads too; what counts is what the stacks read

    for profile in profiles:
        Platform(cdk.App(context=FLAGS, outdir=str(tmp_path / profile.stage.name)), profile)

    assert fields(config.Profile) - reads - asked_by_functions() == set()


def test_a_bad_profile_ends_the_app_with_one_line_and_code_2_and_makes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "cdk.out"
    kept = {
        key: os.environ[key] for key in ("PATH", "JSII_NODE", "JSII_RUNTIME_PACKAGE_CACHE_ROOT") if key in os.environ
    }
    context = json.dumps({"profile": "sandbx"})

    outcome = subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        env=kept | {"HOME": str(tmp_path), "CDK_OUTDIR": str(out), "CDK_CONTEXT_JSON": context},
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome.returncode == 2
    assert outcome.stdout == ""
    assert len(outcome.stderr.splitlines()) == 1
    assert "must be one of production, sandbox, team" in outcome.stderr
    assert not list(out.glob("*.template.json"))
