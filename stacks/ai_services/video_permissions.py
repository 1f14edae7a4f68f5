"""What the two functions of video analysis may do: what the profile asks for, and nothing beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3

from shared.video_analyses import VIDEO_ANALYSES
from stacks.ai_services.video_completions import REKOGNITION
from stacks.components.acknowledgement import acknowledge

DOCUMENTS, PROGRESS = "vision/video/*", "vision/video/progress/*"


@dataclass(frozen=True, kw_only=True, slots=True)
class VideoPermissions:
    """Where videos, results and records lie, and which analyses are wanted."""

    analyses: Sequence[str]
    media: s3.IBucket
    prefixes: Sequence[str]
    results: s3.IBucket
    table: dynamodb.ITableV2
    pace: dynamodb.ITableV2

    def allow_starts(self, function: lambda_.Function, teller: iam.IRole) -> None:
        """Let the function start exactly the jobs that the profile enables, of videos under its prefixes."""
        videos = [self.media.arn_for_objects(f"{prefix}*") for prefix in self.prefixes]
        _allow(
            function,
            # Rekognition reads a video with the caller's own permission.
            (["s3:GetObject", "s3:GetObjectVersion"], videos),
            # Without it S3 answers AccessDenied for an object that is gone. No condition on s3:prefix: that key is
            # absent when S3 decides between the two answers.
            (["s3:ListBucket"], [self.media.bucket_arn]),
            (["dynamodb:GetItem", "dynamodb:UpdateItem"], [self.table.table_arn]),
            (["dynamodb:UpdateItem"], [self.pace.table_arn]),
            ([f"rekognition:{VIDEO_ANALYSES[name].start}" for name in self.analyses], ["*"]),
        )
        function.add_to_role_policy(
            iam.PolicyStatement(
                actions=["iam:PassRole"],
                # AWS's own example for Rekognition passes the role without a condition, so the key may be absent. The
                # bound that always holds is the role itself, which trusts nobody but Rekognition.
                conditions={"StringEqualsIfExists": {"iam:PassedToService": REKOGNITION}},
                resources=[teller.role_arn],
            )
        )
        _acknowledge_jobs(function)
        for prefix in self.prefixes:
            acknowledge(
                function.role or function,
                f"AwsSolutions-IAM5[Resource::.../{prefix}*]",
                "The videos are not known before they are uploaded; the prefix bounds what can be read.",
            )

    def allow_results(self, function: lambda_.Function) -> None:
        """Let the function fetch exactly the results that the profile enables, and write only there where they lie."""
        _allow(
            function,
            (["s3:PutObject"], [self.results.arn_for_objects(DOCUMENTS)]),
            (["s3:DeleteObject", "s3:GetObject"], [self.results.arn_for_objects(PROGRESS)]),
            (["s3:ListBucket"], [self.results.bucket_arn]),  # tells "not there" from "forbidden", as above
            (["dynamodb:BatchWriteItem", "dynamodb:GetItem", "dynamodb:UpdateItem"], [self.table.table_arn]),
            (["dynamodb:GetItem", "dynamodb:UpdateItem"], [self.pace.table_arn]),
            ([f"rekognition:{VIDEO_ANALYSES[name].get}" for name in self.analyses], ["*"]),
        )
        _acknowledge_jobs(function)
        for place, reason in (
            (DOCUMENTS, "One document per page; the prefix bounds what can be written."),
            (PROGRESS, "One document per job that is being fetched; the prefix bounds what can be read and removed."),
        ):
            acknowledge(function.role or function, f"AwsSolutions-IAM5[Resource::.../{place}]", reason)


def _allow(function: lambda_.Function, *statements: tuple[Sequence[str], Sequence[str]]) -> None:
    for actions, resources in statements:
        function.add_to_role_policy(iam.PolicyStatement(actions=list(actions), resources=list(resources)))


def _acknowledge_jobs(function: lambda_.Function) -> None:
    acknowledge(
        function.role or function,
        "AwsSolutions-IAM5[Resource::*]",
        "Rekognition's video APIs have no resource to name: a video is read with the caller's own S3 permission.",
    )
