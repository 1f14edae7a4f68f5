"""What AWS has closed or ended: asked for, each is refused with the name of what took its place."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Closed:
    """One feature that new customers no longer get."""

    name: str
    since: str
    """The day it ended or closed to new customers."""
    successor: str
    source: str


_PATHING = Closed(
    "Rekognition People Pathing",
    "2025-10-31",
    'use "labels" in [vision.videos], which gives every person\'s place and time',
    "https://docs.aws.amazon.com/rekognition/latest/dg/persons.html",
)
_STREAMING = Closed(
    "Rekognition streaming video",
    "2026-04-30",
    "put frames or clips into the media bucket, and name analyses in [vision.images] or [vision.videos]",
    "https://docs.aws.amazon.com/rekognition/latest/dg/rekognition-availability-changes.html",
)
_BULK = Closed(
    "Rekognition bulk media analysis",
    "2026-04-30",
    "use `mlstack vision backfill s3://BUCKET/PREFIX`",
    "https://docs.aws.amazon.com/rekognition/latest/dg/rekognition-availability-changes.html",
)
_HUMAN_LOOP = Closed(
    "Augmented AI (A2I)",
    "2026-07-30",
    "use vision.moderation.review = true and `mlstack vision review`",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/a2i-use-augmented-ai-a2i-human-review-loops.html",
)
CLOSED: Mapping[str, Closed] = {
    "people_pathing": _PATHING,
    "person_tracking": _PATHING,
    "persons": _PATHING,
    "streaming": _STREAMING,
    "stream_processor": _STREAMING,
    "connected_home": _STREAMING,
    "bulk": _BULK,
    "bulk_analysis": _BULK,
    "media_analysis": _BULK,
    "a2i": _HUMAN_LOOP,
    "human_loop": _HUMAN_LOOP,
}
"""Analyses, by the names that a profile would use for them."""

_MXNET = Closed(
    "Apache MXNet",
    "2023-09-20",
    "use pytorch-training-cpu or pytorch-training-gpu, and serve the model as ONNX with this project's own image",
    "https://attic.apache.org/projects/mxnet.html",
)
_GLUON_CV = Closed(
    "GluonCV",
    _MXNET.since,
    "use pytorch-training-gpu with torchvision",
    "https://attic.apache.org/projects/mxnet.html",
)
ELASTIC_INFERENCE = Closed(
    "Amazon Elastic Inference",
    "2023-04-15",
    "use an instance with a whole accelerator, such as ml.g4dn.xlarge or ml.inf2.xlarge, or a CPU alone",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/ei.html",
)
_MODEL_MONITOR = Closed(
    "SageMaker Model Monitor",
    "2026-07-30",
    "capture the endpoint's data, and compare it in a job of your own",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor.html",
)
_DEBUGGER = Closed(
    "SageMaker Debugger",
    "2026-07-30",
    "write metrics from the training script, to its log or to CloudWatch",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/train-debugger.html",
)
_CLARIFY = Closed(
    "SageMaker Clarify",
    "2026-07-30",
    "explain the model in a processing job of your own, such as with SHAP",
    "https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-configure-processing-jobs.html",
)
CLOSED_IMAGES: Mapping[str, Closed] = {
    "mxnet": _MXNET,
    "gluoncv": _GLUON_CV,
    "gluon_cv": _GLUON_CV,
    "elastic_inference": ELASTIC_INFERENCE,
    "eia": ELASTIC_INFERENCE,
    "eia1": ELASTIC_INFERENCE,
    "eia2": ELASTIC_INFERENCE,
    "model_monitor": _MODEL_MONITOR,
    "debugger": _DEBUGGER,
    "clarify": _CLARIFY,
}
"""Container images, by their names or the words that their names begin with."""


def closed_image(name: str) -> Closed | None:
    """What an image's name stands for that AWS has closed, such as mxnet-inference; None for every other name."""
    words = name.casefold().replace("-", "_").replace(" ", "_")
    if words.endswith("_eia"):  # such as tensorflow-inference-eia
        return ELASTIC_INFERENCE
    return next((one for key, one in CLOSED_IMAGES.items() if f"{words}_".startswith(f"{key}_")), None)
