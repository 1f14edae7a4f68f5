"""The figures that the template does not have: each with what it rests on, and said where it is only assumed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Span:
    """From least to most."""

    low: float
    high: float

    def draw(self, rng: Random) -> float:
        """Each value as likely as another."""
        return rng.uniform(self.low, self.high)

    def draw_between_magnitudes(self, rng: Random) -> float:
        """Each ratio as likely as another: twice the least as often as half the most."""
        return math.exp(rng.uniform(math.log(self.low), math.log(self.high)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """Times in seconds."""

    answer_s: Span = Span(0.003, 0.040)
    """Of a processor, for one photo."""
    read_s: float = 0.04
    write_s: float = 0.04
    delivery_s: float = 1.0
    """From the object in S3 by EventBridge to the message in the queue."""
    metric_lag_s: float = 60.0
    metrics_sleep_s: float = 6 * HOUR
    metrics_wake_s: Span = Span(0.0, 15 * MINUTE)
    place_s: Span = Span(10.0, 30.0)
    """From the wish for a task until Fargate begins to fetch its images."""
    image_mib: float = 150.0
    """Both images, as they are fetched."""
    pull_mib_per_s: Span = Span(8.0, 20.0)
    start_s: Span = Span(8.0, 25.0)
    """The model's download, the server until its health check has seen it, and the worker."""
    scale_out_s: Span = Span(30.0, 120.0)
    """From a task without a place until its capacity provider asks for an instance."""
    boot_s: Span = Span(60.0, 180.0)
    """An instance from its launch, which is when it begins to bill, until it is registered in the cluster."""
    idle_instance_s: float = 5 * MINUTE
    watch_every_s: float = 5 * MINUTE
    interruptions_per_hour: float = 0.02
    """Of each Spot task, or of each Spot instance."""
    without_notice: float = 0.05
    """The part of the interruptions that end a task at once."""
    notice_s: float = 120.0
    grace_s: float = 50.0
    """What the worker takes at most to finish what it has in hand, before it gives it back."""
    fargate_spot: float = 0.30
    ec2_spot: float = 0.35
    """What Spot costs, as a part of the list price."""
    poll_s: float = 20.0
    """How long a worker's call waits for a message; each call bills."""
    watch_gb_s: float = 0.25
    """Of a function, each time that the watch looks."""
    host_disk_gb: int = 30
    gpu_host_disk_gb: int = 100
    host_memory_gb: float = 1.0
    """What the system and ECS's agent take of an instance."""


SOURCES: Mapping[str, str] = {
    "answer_s": "of a small drawing to a photo of 12 megapixels, each ratio as likely; --measure measures both",
    "read_s and write_s": "assumed: a GET and a PUT of S3 take some 40 ms each within a region",
    "delivery_s": "assumed: EventBridge says 'near real time' and names no figure",
    "metric_lag_s": "assumed: SQS's figures are of every minute and are there a minute later",
    "metrics_sleep_s, metrics_wake_s": (
        "docs.aws.amazon.com/AWSSimpleQueueService, monitoring-using-cloudwatch: active for up to 6 h after the last "
        "call, and up to 15 min of delay when it wakes; between 0 and 15 each is as likely here"
    ),
    "place_s, pull_mib_per_s": (
        "elasticscale.com/blog/reduce-aws-fargate-pull-times-with-soci: 53 to 62 s for 413 MB (2024-04); "
        "github.com/aws/containers-roadmap/issues/358 and 696: 20 to 60 s for some 250 MB; how it divides is assumed"
    ),
    "image_mib": "assumed: python:slim, and the wheels that containers/inference and containers/worker name",
    "start_s": "the server itself was measured at 1 to 2 s; health check, model and slower start are assumed",
    "scale_out_s, boot_s": (
        "assumed; AWS names the delays without figures: AmazonECS developer guide, "
        "capacity-cluster-speed-up-ec2-best-practice"
    ),
    "one instance from zero": "stacks/frameworks/ecs/gpu_capacity.py: a step of one, without which ECS begins with two",
    "idle_instance_s": "lambda/ecs_watch: 5 min without a task, looked at every 5; ECS itself takes 15",
    "interruptions_per_hour, without_notice": "assumed, and hostile: AWS publishes neither for Fargate Spot",
    "notice_s": "docs.aws.amazon.com/AmazonECS, fargate-capacity-providers: two minutes",
    "fargate_spot": "assumed: aws.amazon.com/fargate/pricing says 'up to a 70 % discount'; it varies",
    "ec2_spot": "assumed: nobody publishes a price that holds; DescribeSpotPriceHistory knows today's",
    "what Fargate bills": "aws.amazon.com/fargate/pricing: from the image's download on, by the second, 60 at least",
}
