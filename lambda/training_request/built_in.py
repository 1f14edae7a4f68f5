"""What SageMaker's built-in algorithms take and tell, as far as a job would otherwise fail late.

https://docs.aws.amazon.com/sagemaker/latest/dg/common-info-all-im-models.html (channels), model-checkpoints.html
(checkpoints), and of each algorithm the page of its hyperparameters and of its tuning; read in November 2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

RECORD_IO = "application/x-recordio"
PROTOBUF = "application/x-recordio-protobuf"
CSV = "text/csv"
IMAGES = "application/x-image"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
LIBSVM = "text/libsvm"


@dataclass(frozen=True, kw_only=True, slots=True)
class BuiltIn:
    """One algorithm."""

    needs: tuple[str, ...] = ()
    """Hyperparameters without which it fails after its machines have started."""
    needs_with: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Those that it needs where another one begins with a text: the name, that other one and the text."""
    metrics: tuple[str, ...] = ()
    """What AWS names as objectives; SageMaker knows by which expressions, and no request may name them."""
    channels: tuple[str, ...] = ("train",)
    optional: tuple[str, ...] = ("test",)
    checkpoints: bool = False
    """Whether it goes on after an interruption; those that do not may wait for an hour at most in all."""
    content_types: Mapping[str, str] = field(default_factory=dict)
    """The content type of its channels, by what a file's name ends in, "" for all others; {} where it asks for none."""
    labelled: tuple[str, ...] = ()
    """The channels whose tables begin with a label, where the others have none."""
    sharded: tuple[str, ...] = ()
    """The channels of which each instance must get a part."""
    isolated: bool = True
    """Whether it trains without a network."""
    requests: tuple[str, ...] = (CSV, JSON, PROTOBUF)
    """What its models take as a request; the first is batch transform's."""
    answers: tuple[str, ...] = (JSON_LINES, JSON)
    """What its models write; the first is batch transform's."""


_TABLES: Mapping[str, str] = {".csv": CSV, "": PROTOBUF}
_UNLABELLED: Mapping[str, str] = {".csv": f"{CSV};label_size=0", "": PROTOBUF}  # cdf-training.html
_PICTURES: Mapping[str, str] = {".rec": RECORD_IO, "": IMAGES}
_PICTURE_REQUESTS = ("image/jpeg", "image/png", IMAGES)
_COUNTED = ("num_classes", "num_training_samples")


def _each(parts: tuple[str, ...], *names: str) -> tuple[str, ...]:
    return tuple(f"{part}:{name}" for part in parts for name in names)


_BOTH = ("validation", "test")
_LINEAR = _each(
    _BOTH,
    *("objective_loss", "absolute_loss", "binary_classification_accuracy", "binary_f_beta", "dcg", "macro_f_beta"),
    *("macro_precision", "macro_recall", "mse", "multiclass_accuracy", "multiclass_top_k_accuracy", "precision"),
    *("recall", "roc_auc_score"),
)
_XGBOOST = _each(
    ("validation",),
    *("accuracy", "auc", "error", "f1", "logloss", "mae", "map", "merror", "mlogloss", "mse", "ndcg", "rmse"),
)

BUILT_IN: Mapping[str, BuiltIn] = {
    "blazingtext": BuiltIn(
        needs=("mode",),
        metrics=("train:mean_rho", "validation:accuracy"),
        optional=("validation",),
        requests=(JSON_LINES, JSON),
    ),
    "factorization-machines": BuiltIn(
        needs=("feature_dim", "num_factors", "predictor_type"),
        metrics=_each(
            ("test",), "rmse", "binary_classification_accuracy", "binary_classification_cross_entropy", "binary_f_beta"
        ),
        content_types={"": PROTOBUF},
        requests=(JSON, PROTOBUF),
    ),
    "forecasting-deepar": BuiltIn(
        needs=("context_length", "epochs", "prediction_length", "time_freq"),
        metrics=("test:RMSE", "test:mean_wQuantileLoss", "train:final_loss"),
        requests=(JSON_LINES, JSON),
    ),
    "image-classification": BuiltIn(
        needs=_COUNTED,
        metrics=("validation:accuracy",),
        channels=("train", "validation"),
        optional=("train_lst", "validation_lst", "model"),
        checkpoints=True,
        content_types=_PICTURES,
        requests=_PICTURE_REQUESTS,
        answers=(JSON, JSON_LINES),
    ),
    "ipinsights": BuiltIn(
        needs=("num_entity_vectors", "vector_dim"),
        metrics=("validation:discriminator_auc",),
        optional=("validation",),
        content_types={"": CSV},
        requests=(CSV, JSON, JSON_LINES),
    ),
    "kmeans": BuiltIn(needs=("feature_dim", "k"), metrics=_each(("test",), "msd", "ssd"), content_types=_UNLABELLED),
    "knn": BuiltIn(
        needs=("feature_dim", "k", "predictor_type", "sample_size"),
        needs_with={"dimension_reduction_target": ("dimension_reduction_type", "")},
        metrics=_each(("test",), "accuracy", "mse"),
        content_types=_TABLES,
    ),
    "lda": BuiltIn(
        needs=("num_topics", "feature_dim", "mini_batch_size"), metrics=("test:pwll",), content_types=_UNLABELLED
    ),
    "linear-learner": BuiltIn(
        needs=("predictor_type",),
        needs_with={"num_classes": ("predictor_type", "multiclass_classifier")},
        metrics=(*_LINEAR, "validation:rmse"),
        optional=_BOTH,
        content_types=_TABLES,
    ),
    "ntm": BuiltIn(
        needs=("feature_dim", "num_topics"),
        metrics=("validation:total_loss",),
        optional=(*_BOTH, "auxiliary"),
        content_types=_UNLABELLED,
    ),
    "object-detection": BuiltIn(
        needs=_COUNTED,
        metrics=("validation:mAP",),
        channels=("train", "validation"),
        optional=("train_annotation", "validation_annotation", "model"),
        checkpoints=True,
        content_types=_PICTURES,
        requests=_PICTURE_REQUESTS,
        answers=(JSON,),
    ),
    "object2vec": BuiltIn(
        needs=("enc0_max_seq_len", "enc0_vocab_size"),
        metrics=_each(_BOTH, "mean_squared_error", "accuracy", "cross_entropy"),
        optional=(*_BOTH, "auxiliary"),
        content_types={"": JSON_LINES},
        requests=(JSON_LINES, JSON),
    ),
    "pca": BuiltIn(needs=("feature_dim", "mini_batch_size", "num_components"), content_types=_UNLABELLED),
    "randomcutforest": BuiltIn(  # https://docs.aws.amazon.com/sagemaker/latest/dg/randomcutforest.html
        needs=("feature_dim",),
        metrics=("test:f1",),
        content_types=_UNLABELLED,
        labelled=("test",),
        sharded=("train",),
    ),
    "semantic-segmentation": BuiltIn(
        needs=_COUNTED,
        metrics=_each(("validation",), "mIOU", "pixel_accuracy"),
        channels=("train", "validation", "train_annotation", "validation_annotation"),
        optional=("label_map", "model"),
        checkpoints=True,
        content_types={"": IMAGES},
        isolated=False,  # API_CreateTrainingJob, EnableNetworkIsolation
        requests=_PICTURE_REQUESTS,
        answers=("image/png", PROTOBUF),
    ),
    "seq2seq": BuiltIn(
        metrics=_each(("validation",), "accuracy", "bleu", "perplexity"),
        channels=("train", "validation", "vocab"),
        optional=(),
        requests=(JSON, PROTOBUF),
        answers=(JSON,),
    ),
    "xgboost": BuiltIn(
        needs=("num_round",),
        needs_with={"num_class": ("objective", "multi:")},
        metrics=_XGBOOST,
        optional=("validation",),
        checkpoints=True,
        content_types={".csv": CSV, ".parquet": "application/x-parquet", "": LIBSVM},
        requests=(CSV, LIBSVM, PROTOBUF),
        answers=(CSV, JSON),
    ),
}
MINIMISED = frozenset(
    {
        *_each(
            ("test", "validation"), "mse", "rmse", "mean_squared_error", "cross_entropy", "total_loss", "absolute_loss"
        ),
        *_each(("test", "validation"), "objective_loss", "binary_classification_cross_entropy"),
        *_each(("validation",), "error", "logloss", "mae", "merror", "mlogloss", "perplexity", "loss"),
        *("train:final_loss", "train:loss", "test:RMSE", "test:mean_wQuantileLoss", "test:msd", "test:ssd"),
    }
)
"""The metrics that are the better the smaller they are; the project's own among them."""
