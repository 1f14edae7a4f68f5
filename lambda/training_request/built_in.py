"""What SageMaker's built-in algorithms take and tell, as far as a job would otherwise fail late.

https://docs.aws.amazon.com/sagemaker/latest/dg/common-info-all-im-models.html (channels), model-checkpoints.html
(checkpoints), and of each algorithm the page of its hyperparameters and of its tuning; read in November 2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass

RECORD_IO = "application/x-recordio"
PROTOBUF = "application/x-recordio-protobuf"
CSV = "text/csv"
IMAGES = "application/x-image"
JSON_LINES = "application/jsonlines"


@dataclass(frozen=True, kw_only=True, slots=True)
class BuiltIn:
    """One algorithm."""

    needs: tuple[str, ...]
    """Hyperparameters without which it fails after its machines have started."""
    metrics: tuple[str, ...]
    """What it tells; SageMaker knows by which expressions, and no request may name them."""
    channels: tuple[str, ...] = ("train",)
    optional: tuple[str, ...] = ("validation", "test")
    checkpoints: bool = False
    """Whether it goes on after an interruption; those that do not may wait for an hour at most in all."""
    content_types: Mapping[str, str] | None = None
    """The content type of its channels, by what a file's name ends in; "" for every other."""
    requests: tuple[str, ...] = (CSV,)
    """What its models take as a request; the first is batch transform's."""
    answers: tuple[str, ...] = ("application/json",)


_TABLES: Mapping[str, str] = {".csv": CSV, "": PROTOBUF}
_UNLABELLED: Mapping[str, str] = {".csv": "text/csv;label_size=0", "": PROTOBUF}
_PICTURES: Mapping[str, str] = {".rec": RECORD_IO, "": IMAGES}


def _both(*names: str) -> tuple[str, ...]:
    return tuple(f"{part}:{name}" for part in ("test", "validation") for name in names)


BUILT_IN: Mapping[str, BuiltIn] = {
    "image-classification": BuiltIn(
        needs=("num_classes", "num_training_samples"),
        metrics=("train:accuracy", "validation:accuracy"),
        channels=("train", "validation"),
        optional=("train_lst", "validation_lst", "model"),
        checkpoints=True,
        content_types=_PICTURES,
        requests=("image/jpeg", "image/png", IMAGES),
    ),
    "xgboost": BuiltIn(
        needs=("num_round",),
        metrics=tuple(
            f"{part}:{name}"
            for part in ("validation", "train")
            for name in (
                *("accuracy", "auc", "error", "f1", "logloss", "mae", "map", "merror", "mlogloss", "mse", "ndcg"),
                "rmse",
            )
        ),
        optional=("validation",),
        checkpoints=True,
        content_types={".csv": CSV, ".parquet": "application/x-parquet", "": "text/libsvm"},
        requests=(CSV, "text/libsvm", PROTOBUF),
    ),
    "kmeans": BuiltIn(
        needs=("feature_dim", "k"),
        metrics=("test:msd", "test:ssd"),
        optional=("test",),
        content_types=_UNLABELLED,
        requests=(CSV, "application/json", PROTOBUF),
    ),
    "linear-learner": BuiltIn(
        needs=("predictor_type",),
        metrics=(
            *_both("absolute_loss", "binary_classification_accuracy", "binary_f_beta", "dcg", "macro_f_beta"),
            *_both("macro_precision", "macro_recall", "mse", "multiclass_accuracy", "multiclass_top_k_accuracy"),
            *_both("objective_loss", "precision", "recall", "roc_auc_score"),
            "validation:rmse",
        ),
        content_types=_TABLES,
        requests=(CSV, "application/json", PROTOBUF),
    ),
}
