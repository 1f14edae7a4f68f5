"""Which images the project offers, and what AWS's own files do not say of them, such as until when they are patched.

`scripts/images.py` looks each one up in the files of the SageMaker SDK and writes what it finds to images.json.
Until when AWS patches an image: https://aws.github.io/deep-learning-containers/reference/support_policy, and
docs/src/data of https://github.com/aws/deep-learning-containers (read in November 2026).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

Kind = Literal["framework", "algorithm"]
Hardware = Literal["cpu", "gpu", "any"]
Use = Literal["training", "inference", "both"]
Processor = Literal["cpu", "gpu"]
Architecture = Literal["x86_64", "arm64"]

FRAMEWORKS = "deep-learning-containers"
POLICY = "https://aws.github.io/deep-learning-containers/reference/support_policy"
ALGORITHMS = "https://docs.aws.amazon.com/sagemaker/latest/dg/common-info-all-im-models.html"
TRITON = "https://docs.aws.amazon.com/sagemaker/latest/dg/deploy-models-frameworks-triton.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One image, as the SDK's files and AWS's support policy know it."""

    config: str
    """The SDK's file that knows it, without .json."""
    version: str
    use: Use
    scope: str = ""
    """The part of that file: training, inference or inference_graviton; "" where the file has no parts."""
    base: str = ""
    """The framework under a Hugging Face image, such as pytorch2.9.0."""
    processor: Processor | None = None
    """Which of the images of one version; None where there is one image for every machine."""
    hardware: Hardware = "any"
    architecture: Architecture = "x86_64"
    kind: Kind = "framework"
    accounts: str = FRAMEWORKS
    """The group of images that lie in the same accounts."""
    end_of_patch: date | None = None
    """The last day on which AWS patches it; None where AWS names none."""
    published_tag: str = ""
    """The tag in AWS's release notes, where the SDK makes up a shorter one that they do not have."""
    instead: str = ""
    """Another image that serves the same purpose and is offered in more regions."""
    source: str = POLICY


def _cpu(line: Line, published_tag: str = "", instead: str = "") -> Line:
    return replace(line, processor="cpu", hardware="cpu", published_tag=published_tag, instead=instead)


def _gpu(line: Line, published_tag: str = "", instead: str = "") -> Line:
    return replace(line, processor="gpu", hardware="gpu", published_tag=published_tag, instead=instead)


def _algorithm(name: str, accounts: str, *, hardware: Hardware = "any", instead: str = "") -> Line:
    return Line(
        config=name,
        version="1",
        use="both",
        hardware=hardware,
        kind="algorithm",
        accounts=accounts,
        instead=instead,
        source=ALGORITHMS,
    )


_PYTORCH = Line(
    config="pytorch-amzn2023", version="2.14", scope="training", use="training", end_of_patch=date(2027, 9, 28)
)
_PYTORCH_2_13 = replace(_PYTORCH, version="2.13", end_of_patch=date(2027, 7, 20))
_TORCHSERVE = Line(
    config="pytorch", version="2.6.0", scope="inference", use="inference", end_of_patch=date(2026, 6, 30)
)
_HUGGING_FACE_TRAINING = Line(
    config="huggingface", version="5.3.0", base="pytorch2.9.0", scope="training", use="training"
)
_HUGGING_FACE = Line(config="huggingface", version="5.5.3", base="pytorch2.6.0", scope="inference", use="inference")
_TENSORFLOW_TRAINING = Line(
    config="tensorflow", version="2.21.0", scope="training", use="training", end_of_patch=date(2027, 7, 10)
)
_TENSORFLOW = Line(
    config="tensorflow", version="2.20.0", scope="inference", use="inference", end_of_patch=date(2027, 8, 20)
)
_TRITON = Line(config="sagemaker-tritonserver", version="26.05", use="inference", source=TRITON)
_RAY = Line(config="ray-serve", version="1.4", use="inference")

LINES: Mapping[str, Line] = {
    "pytorch-training-cpu": _cpu(_PYTORCH, instead="pytorch-2.13-training-cpu"),
    "pytorch-training-gpu": _gpu(_PYTORCH, instead="pytorch-2.13-training-gpu"),
    "pytorch-2.13-training-cpu": _cpu(_PYTORCH_2_13),
    "pytorch-2.13-training-gpu": _gpu(_PYTORCH_2_13),
    "pytorch-inference-cpu": _cpu(_TORCHSERVE, instead="ray-serve-cpu"),
    "pytorch-inference-gpu": _gpu(_TORCHSERVE, instead="ray-serve-gpu"),
    "pytorch-inference-arm64": replace(_cpu(_TORCHSERVE), scope="inference_graviton", architecture="arm64"),
    "huggingface-training-gpu": _gpu(_HUGGING_FACE_TRAINING, instead="pytorch-2.13-training-gpu"),
    "huggingface-inference-cpu": _cpu(_HUGGING_FACE, instead="ray-serve-cpu"),
    "huggingface-inference-gpu": _gpu(_HUGGING_FACE, instead="ray-serve-gpu"),
    "tensorflow-training-cpu": _cpu(_TENSORFLOW_TRAINING, "2.21.0-cpu-py312-amzn2023-sagemaker"),
    "tensorflow-training-gpu": _gpu(_TENSORFLOW_TRAINING, "2.21.0-gpu-py312-cu129-amzn2023-sagemaker"),
    "tensorflow-inference-cpu": _cpu(_TENSORFLOW, "2.20.0-cpu-py312-amzn2023-sagemaker"),
    "tensorflow-inference-gpu": _gpu(_TENSORFLOW, "2.20.0-gpu-py312-cu129-amzn2023-sagemaker"),
    "triton-cpu": _cpu(_TRITON, instead="ray-serve-cpu"),
    "triton-gpu": _gpu(_TRITON, instead="ray-serve-gpu"),
    "ray-serve-cpu": _cpu(_RAY),
    "ray-serve-gpu": _gpu(_RAY),
    "scikit-learn": Line(
        config="sklearn",
        version="1.9-0",
        scope="training",
        use="both",
        processor="cpu",
        hardware="cpu",
        accounts="xgboost-and-scikit-learn",
        end_of_patch=date(2027, 7, 16),
    ),
    "xgboost": Line(
        config="xgboost",
        version="3.2-0",
        scope="training",
        use="both",
        kind="algorithm",
        accounts="xgboost-and-scikit-learn",
        end_of_patch=date(2027, 5, 13),
    ),
    **{
        name: _algorithm(name, "vision-and-text")
        for name in ("blazingtext", "image-classification", "object-detection", "semantic-segmentation", "seq2seq")
    },
    **{
        name: _algorithm(name, "tables-and-vectors")
        for name in (
            "factorization-machines",
            "ipinsights",
            "kmeans",
            "knn",
            "linear-learner",
            "ntm",
            "object2vec",
            "pca",
        )
    },
    "randomcutforest": _algorithm("randomcutforest", "tables-and-vectors", hardware="cpu"),
    "forecasting-deepar": _algorithm("forecasting-deepar", "forecasting"),
    "lda": _algorithm("lda", "lda", hardware="cpu", instead="ntm"),
}
"""By the names that a profile and the command line use."""
