"""Rekognition on the stage's images and videos."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from aws_cdk import aws_rekognition as rekognition
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from shared.analyses import ANALYSES, ENROLMENT
from shared.video_analyses import VIDEO_ANALYSES
from stacks.ai_services.backfill import Backfill, BackfillProps
from stacks.ai_services.image_analysis import ImageAnalysis, ImageAnalysisProps, calls_per_second
from stacks.ai_services.moderation_review import ModerationReview, ModerationReviewProps
from stacks.ai_services.monitoring import Monitoring, MonitoringProps, WatchedQueue, WatchedReview
from stacks.ai_services.results_table import ResultsTables, ResultsTablesProps
from stacks.ai_services.video_analysis import VideoAnalysis, VideoAnalysisProps
from stacks.components.bucket import PrivateBucket, PrivateBucketProps
from stacks.components.retention import Retention
from stacks.components.stop_executions import StopExecutions, StopExecutionsProps
from stacks.vision_settings import Vision

# How long messages may wait while none is finished: a photo takes seconds, 20 long videos may take hours.
PATIENCE = {"Images": cdk.Duration.hours(1), "Videos": cdk.Duration.hours(12), "Jobs": cdk.Duration.hours(1)}


@dataclass(frozen=True, kw_only=True, slots=True)
class VisionStackProps:
    """The stage's buckets, or None where storage is left out: then the stack brings two of its own."""

    media: s3.IBucket | None
    results: s3.IBucket | None
    retention: Retention
    log_retention: logs.RetentionDays
    stage: str
    settings: Vision


class VisionStack(cdk.Stack):
    """Every image and video uploaded under the profile's prefixes is analysed."""

    def __init__(self, scope: Construct, construct_id: str, props: VisionStackProps, *, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env, description="mlstack layer 1: Rekognition on S3")
        settings = props.settings
        self.media = props.media or self._bucket("Media", props.retention, event_bridge=True)
        self.results = props.results or self._bucket("Results", props.retention)
        self.tables = ResultsTables(
            self, "Tables", ResultsTablesProps(retention=props.retention, expire=settings.results_days > 0)
        )
        self._tell(
            MediaBucketName=(self.media.bucket_name, "Upload images and videos here"),
            ResultsBucketName=(self.results.bucket_name, "Rekognition's full answers"),
            ResultsTableName=(self.tables.results.table_name, "What was found, by object and by name"),
        )
        self.images = self._images(props) if settings.images else None
        self.backfill = self._backfill(props, self.images) if self.images else None
        self.videos = self._videos(props) if settings.videos else None
        self.review = self._review(props) if settings.moderates else None
        self._stop(props)
        if settings.alarms or settings.dashboard:
            self._monitor(settings)

    def _images(self, props: VisionStackProps) -> ImageAnalysis:
        images = ImageAnalysis(
            self,
            "Images",
            ImageAnalysisProps(
                media=self.media,
                results=self.results,
                table=self.tables.results,
                pace=self.tables.pace,
                collection=self._collection(props) if props.settings.needs_collection else None,
                log_retention=props.log_retention,
                stage=props.stage,
                settings=props.settings,
            ),
        )
        rates = calls_per_second(props.settings, self.region)
        self._tell(
            Routes=(_json(props.settings.images), "Which analyses the images under each prefix get"),
            CallsPerSecond=(_json(rates), "The most calls a second of each analysis"),
            ImageProperties=(_json(props.settings.labels.image_properties), "Whether labels ask for colours as well"),
            QueueUrl=(images.queue.queue_url, "Where new images wait"),
            QueueArn=(images.queue.queue_arn, "Where new images wait"),
            DeadLetterQueueUrl=(images.dead_letters.queue_url, "What someone must look at"),
            DeadLetterQueueArn=(images.dead_letters.queue_arn, "What someone must look at"),
        )
        return images

    def _backfill(self, props: VisionStackProps, images: ImageAnalysis) -> Backfill:
        backfill = Backfill(
            self,
            "Backfill",
            BackfillProps(
                function=images.function,
                results=self.results,
                log_retention=props.log_retention,
                max_concurrency=props.settings.max_concurrency,
            ),
        )
        self._tell(
            BackfillBuckets=(_json(props.settings.backfill_buckets), "What it may read beside the media bucket"),
            BackfillStateMachineArn=(backfill.state_machine.state_machine_arn, "Analyses what lay there before"),
        )
        return backfill

    def _videos(self, props: VisionStackProps) -> VideoAnalysis:
        settings = props.settings
        names = {name for chosen in settings.videos.values() for name in chosen}
        videos = VideoAnalysis(
            self,
            "Videos",
            VideoAnalysisProps(
                media=self.media,
                results=self.results,
                table=self.tables.results,
                pace=self.tables.pace,
                log_retention=props.log_retention,
                stage=props.stage,
                results_days=settings.results_days,
                routes=settings.videos,
                options={name: settings.options(name) for name in sorted(names)},
                jobs=settings.video_jobs,
            ),
        )
        self._tell(
            VideoRoutes=(_json(settings.videos), "Which analyses the videos under each prefix get"),
            VideoQueueUrl=(videos.start_queue.queue_url, "Where new videos wait"),
            VideoResultsQueueUrl=(videos.results_queue.queue_url, "Where finished jobs wait"),
            VideoDeadLetterQueueUrl=(videos.dead_letters.queue_url, "Videos and jobs that someone must look at"),
        )
        return videos

    def _review(self, props: VisionStackProps) -> ModerationReview:
        settings = props.settings.moderation
        routes = {**props.settings.images, **props.settings.videos}
        review = ModerationReview(
            self,
            "Review",
            ModerationReviewProps(
                media=self.media,
                media_prefixes=[prefix for prefix, names in routes.items() if "moderation" in names],
                table=self.tables.results,
                retention=props.retention,
                log_retention=props.log_retention,
                stage=props.stage,
                results_days=props.settings.results_days,
                action="quarantine" if settings.action == "quarantine" else "tag",
                review=settings.review,
                review_days=settings.review_days,
            ),
        )
        self._tell(
            ReviewStateMachineArn=(review.state_machine.state_machine_arn, "Acts on what is flagged"),
            ReviewDeadLetterQueueUrl=(review.dead_letters.queue_url, "Flagged content whose review did not begin"),
        )
        if review.quarantine:
            self._tell(QuarantineBucketName=(review.quarantine.bucket_name, "What was taken out of the media bucket"))
        return review

    def _stop(self, props: VisionStackProps) -> None:
        """Let the stack go while a review waits or a backfill runs."""
        holders = {"Backfill": self.backfill, "Review": self.review}
        machines = {name: holder.state_machine for name, holder in holders.items() if holder}
        if machines:
            StopExecutions(
                self,
                "StopExecutions",
                StopExecutionsProps(
                    state_machines=machines,
                    started_by=[self.review.rule] if self.review else [],
                    log_retention=props.log_retention,
                ),
            )

    def _monitor(self, settings: Vision) -> None:
        queues, functions, machines, review = [], {}, {}, None
        if self.images:
            queues += [self._watched("Images", self.images.queue, self.images.dead_letters)]
            functions["image_analysis"] = self.images.function
        if self.videos:
            queues += [
                self._watched("Videos", self.videos.start_queue, self.videos.dead_letters),
                self._watched("Jobs", self.videos.results_queue, None),
            ]
            functions |= {
                "video_start": self.videos.start_function,
                "video_results": self.videos.results_function,
            }
        if self.review:
            functions["moderation_review"] = self.review.function
            machines["review"] = self.review.state_machine
            review = WatchedReview(state_machine=self.review.state_machine, dead_letters=self.review.dead_letters)
        if self.backfill:
            machines["backfill"] = self.backfill.state_machine
        Monitoring(
            self,
            "Monitoring",
            MonitoringProps(
                queues=queues,
                review=review,
                functions=functions,
                tables={"results": self.tables.results, "pace": self.tables.pace},
                state_machines=machines,
                operations=_operations(settings),
                alarms=settings.alarms,
                alarm_email=settings.alarm_email,
                dashboard=settings.dashboard,
            ),
        )

    @staticmethod
    def _watched(name: str, queue: sqs.IQueue, dead_letters: sqs.IQueue | None) -> WatchedQueue:
        return WatchedQueue(name=name, queue=queue, dead_letters=dead_letters, patience=PATIENCE[name])

    def _collection(self, props: VisionStackProps) -> rekognition.CfnCollection:
        """The faces that the stage knows; they go with an ephemeral stage."""
        # CloudFormation makes no name for a collection: a kept one must not stand in the way of the next stack's.
        unique = cdk.Fn.select(4, cdk.Fn.split("-", cdk.Fn.select(2, cdk.Fn.split("/", self.stack_id))))
        collection = rekognition.CfnCollection(self, "Faces", collection_id=f"{self.stack_name}-Faces-{unique}")
        collection.apply_removal_policy(props.retention.removal_policy)
        self._tell(CollectionId=(collection.ref, "The faces that the stage knows"))
        enrolling = [prefix for prefix, names in props.settings.images.items() if ENROLMENT in names]
        for prefix in enrolling[:1]:
            self._tell(EnrolmentPrefix=(prefix, "Upload faces here, a folder for each person"))
        return collection

    def _tell(self, **outputs: tuple[str, str]) -> None:
        """What the command line finds the stage by."""
        for name, (value, description) in outputs.items():
            cdk.CfnOutput(self, name, value=value, description=description)

    def _bucket(self, name: str, retention: Retention, *, event_bridge: bool = False) -> s3.Bucket:
        return PrivateBucket(self, name, PrivateBucketProps(retention=retention, event_bridge=event_bridge)).resource


def _operations(settings: Vision) -> list[str]:
    """What the stage calls of Rekognition, except the pages of video results, which follow from their starts."""
    videos = {name for names in settings.videos.values() for name in names}
    return [
        *(ANALYSES[name].operation for name in settings.analyses),
        *(VIDEO_ANALYSES[name].start for name in VIDEO_ANALYSES if name in videos),
    ]


def _json(value: object) -> str:
    return json.dumps(dict(value) if isinstance(value, Mapping) else value)
