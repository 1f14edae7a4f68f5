"""Where Rekognition tells that a video job has ended, and the role by which it does."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

REKOGNITION = "rekognition.amazonaws.com"


class VideoCompletions(Construct):
    """A topic whose messages reach ``queue`` as they are; only Rekognition may speak on it, for this account alone.

    Rekognition's managed policy would bind the topic's name to a prefix; a role of its own needs no name.
    """

    def __init__(self, scope: Construct, construct_id: str, queue: sqs.IQueue) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Topic", enforce_ssl=True)
        self.topic.add_subscription(subscriptions.SqsSubscription(queue, raw_message_delivery=True))
        # The account alone: a job of a stored video has no ARN, and a condition on one that is absent never holds.
        # https://docs.aws.amazon.com/rekognition/latest/dg/cross-service-confused-deputy-prevention.html
        here = {"StringEquals": {"aws:SourceAccount": cdk.Stack.of(self).account}}
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(REKOGNITION, conditions=here),
            description="Lets Rekognition tell that a job has ended",
        )
        self.topic.grant_publish(self.role)
