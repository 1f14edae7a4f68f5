"""What somebody who works with a stage's buckets may do in them: read some, read and write the others."""

from collections.abc import Iterator, Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

READ = ("s3:GetObject", "s3:GetObjectVersion")
WRITE = ("s3:AbortMultipartUpload", "s3:DeleteObject", *READ, "s3:PutObject")


def data_access(read: Sequence[s3.IBucket], write: Sequence[s3.IBucket]) -> Iterator[iam.PolicyStatement]:
    """The statements for the buckets that are read, and for those that are written too."""
    for buckets, actions in ((read, READ), (write, WRITE)):
        if buckets:
            yield iam.PolicyStatement(
                actions=["s3:GetBucketLocation", "s3:ListBucket"], resources=[bucket.bucket_arn for bucket in buckets]
            )
            yield iam.PolicyStatement(
                actions=list(actions), resources=[bucket.arn_for_objects("*") for bucket in buckets]
            )
