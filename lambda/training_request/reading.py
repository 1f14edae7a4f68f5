"""Reads a request's JSON into values; everything that cannot be read is noted, and something sensible taken instead."""

from collections.abc import Mapping

from shared.training_run import LONGEST_NAME, config_name, endpoint_name
from training_request import tuning_reading
from training_request.machines import default_type
from training_request.problems import Problems, RequestError, listed, quoted
from training_request.request import Compilation, Deployment, Gate, Machines, Request, Training, Transform
from training_request.section import Section, scalar, text
from training_request.settings import OWN, Settings

KEYS = (*("model", "train", "tune", "version", "evaluate", "gate", "compile", "approval", "deploy", "transform"),)
TRAIN_KEYS = (
    *("algorithm", "data", "content_type", "hyperparameters", "instance_type", "instances", "volume_gb", "spot"),
    *("max_run_minutes", "max_wait_minutes"),
)
TUNE_KEYS = (*TRAIN_KEYS, *tuning_reading.KEYS)
EVALUATE_KEYS = ("instance_type", "max_run_minutes")
TRANSFORM_KEYS = ("data", "content_type", "instance_type", "instances", "max_run_minutes")
COMPILE_KEYS = ("target", "platform", "options", "input_shape", "max_run_minutes")
_HOUR = 60
LONGEST_TYPE = 256
"""Characters of a content type."""
_LONGEST_EXECUTION = 80
_MOST_CHANNELS = 20
_MOST_HYPERPARAMETERS = 100
_MOST_GB = 16_384
_MOST_INSTANCES = 1000
_LONGEST_RUN = 28 * 24 * _HOUR
_MOST_VERSION = 999_999_999


def read(event: object, told: Settings, problems: Problems) -> Request:
    """The request of an event; raise RequestError where there is none that could be looked at."""
    document = event.get("request") if isinstance(event, Mapping) else None
    if not isinstance(document, Mapping):
        message = f"request: must be an object of {listed(KEYS)}, not {quoted(document)}"
        raise RequestError(message)
    execution = event.get("execution") if isinstance(event, Mapping) else None
    if not isinstance(execution, str) or not 1 <= len(execution) <= _LONGEST_EXECUTION:
        problems.add("execution", f"must be the execution's name, of 1 to {_LONGEST_EXECUTION} characters")
        execution = "unknown"
    whole = Section("", document, problems, KEYS)
    ways = [name for name in ("train", "tune", "version") if whole.has(name)]
    if len(ways) != 1:
        found = f"{listed(ways)} are given" if ways else "none is given"
        problems.add("request", f'must hold exactly one of "train", "tune" and "version", and {found}')
    training = _training(whole, ways[0], told) if ways and ways[0] != "version" else None
    tune = whole.section("tune", TUNE_KEYS) if ways == ["tune"] else None
    return Request(
        execution=execution,
        model=whole.text(
            "model", next(iter(told.models), "model"), among=told.models, needed=f"name one of {listed(told.models)}"
        ),
        training=training,
        tuning=tuning_reading.tuning(tune, told) if tune else None,
        version=whole.whole("version", 1, least=1, most=_MOST_VERSION) if "version" in ways else None,
        evaluation=_evaluation(whole, training, told),
        gate=_gate(whole),
        compilation=_compilation(whole, told),
        automatic=whole.text("approval", "manual", among=("automatic", "manual")) == "automatic",
        deployment=_deployment(whole, told),
        transform=_transform(whole, told, training.algorithm if training else OWN),
    )


def _training(whole: Section, way: str, told: Settings) -> Training | None:
    part = whole.section(way, TUNE_KEYS if way == "tune" else TRAIN_KEYS)
    if part is None:
        return None
    algorithm = part.text("algorithm", OWN, among=(OWN, *told.algorithms), where="training.algorithms of the profile")
    machines = _machines(part, told, default_type(told, "training", algorithm))
    spot = part.flag("spot", default=True)
    wait = part.whole("max_wait_minutes", 0, least=1, most=_LONGEST_RUN)
    if wait and not spot:
        part.wrong("max_wait_minutes", "is for spot capacity alone; leave it out, or set spot to true")
    data = {
        name: uri.strip()
        for name, uri in part.texts(
            "data",
            most=_MOST_CHANNELS,
            as_text=text,
            needed=f'name places such as {{"train": "s3://{told.datasets_bucket}/waste/train/"}}',
        ).items()
    }
    return Training(
        place=way,
        algorithm=algorithm,
        data=data,
        hyperparameters=part.texts("hyperparameters", most=_MOST_HYPERPARAMETERS, as_text=scalar),
        machines=machines,
        spot=spot,
        max_wait_minutes=(wait or None) if spot else None,
        content_type=part.text("content_type", "", longest=LONGEST_TYPE) or None,
    )


def _machines(part: Section, told: Settings, kind: str) -> Machines:
    longest = min(told.max_run_minutes, _LONGEST_RUN)
    return Machines(
        instance_type=part.text("instance_type", kind),
        instances=part.whole("instances", 1, least=1, most=min(told.max_instances, _MOST_INSTANCES)),
        volume_gb=part.whole("volume_gb", 0, least=1, most=_MOST_GB) or None,
        max_run_minutes=part.whole("max_run_minutes", min(_HOUR, longest), least=1, most=longest),
    )


def _evaluation(whole: Section, training: Training | None, told: Settings) -> Machines | None:
    """What the test channel is for: judged by default where there is one, unless somebody says false."""
    kind = default_type(told, "processing", OWN)
    if whole.values.get("evaluate") is False:
        return None
    if not whole.has("evaluate"):
        wanted = training is not None and training.algorithm == OWN and "test" in training.data
        return Machines(instance_type=kind, max_run_minutes=min(_HOUR, told.max_run_minutes)) if wanted else None
    part = whole.section("evaluate", EVALUATE_KEYS)
    if part is None:
        return None
    if training is None:
        part.problems.add("evaluate", "needs train or tune: a registered version was judged when it was made")
    elif training.algorithm != OWN:
        part.problems.add("evaluate", f"judges models of the project's own image, not of {training.algorithm}")
    elif "test" not in training.data:
        part.problems.add("evaluate", f"needs data to judge the model on: name it as {training.place}.data.test")
    return _machines(part, told, kind)


def _gate(whole: Section) -> Gate | None:
    part = whole.section("gate", ("metric", "at_least", "at_most"))
    if part is None:
        return None
    least, most = part.number("at_least"), part.number("at_most")
    if part.has("at_least") == part.has("at_most"):
        part.problems.add("gate", 'must hold exactly one of "at_least" and "at_most"')
    return Gate(
        metric=part.text("metric", "", needed="name what is judged, such as accuracy"), at_least=least, at_most=most
    )


def _compilation(whole: Section, told: Settings) -> Compilation | None:
    part = whole.section("compile", COMPILE_KEYS)
    if part is None:
        return None
    platform = part.section("platform", ("os", "arch", "accelerator"))
    if part.has("target") == part.has("platform"):
        part.problems.add("compile", 'must hold exactly one of "target", such as jetson_nano, and "platform"')
    return Compilation(
        target=part.text("target", "") or None,
        platform={name: platform.text(name, "") for name in platform.values} if platform else None,
        options=part.mapping("options") or None,
        input_shape=_shape(part),
        max_run_minutes=part.whole(
            "max_run_minutes", min(15, told.max_run_minutes), least=1, most=told.max_run_minutes
        ),
    )


def _shape(part: Section) -> tuple[int, ...] | None:
    value = part.values.get("input_shape")
    if value is None:
        return None
    if not isinstance(value, list) or not 1 <= len(value) <= 8 or not all(_side(one) for one in value):  # noqa: PLR2004
        part.wrong("input_shape", "must be a list of whole numbers such as [1, 3, 224, 224]")
        return None
    return tuple(value)


def _side(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100_000  # noqa: PLR2004


def _deployment(whole: Section, told: Settings) -> Deployment | None:
    part = whole.section("deploy", ("endpoint", "memory_mb", "max_concurrency"))
    if part is None:
        return None
    name = part.text("endpoint", "model", needed="name the endpoint, such as waste-sorter")
    full = endpoint_name(told.stage, name)
    plain = name.isascii() and all(one and one.isalnum() for one in name.split("-")) and name == name.lower()
    if not plain:
        part.wrong("endpoint", f"must be lower-case letters, digits and single hyphens, not {quoted(name)}")
    elif (over := len(config_name(full, "00000000")) - LONGEST_NAME) > 0:
        part.wrong("endpoint", f"is {over} letters too long: SageMaker takes {LONGEST_NAME} in {full}-00000000")
    memory = part.whole("memory_mb", 0, least=1024, most=6144)
    if memory % 1024:
        part.wrong("memory_mb", f"must be 1024, 2048, 3072, 4096, 5120 or 6144, not {memory}")
    most = part.whole("max_concurrency", 0, least=1, most=200)
    return Deployment(endpoint=full, memory_mb=memory or None, max_concurrency=most or None)


def _transform(whole: Section, told: Settings, algorithm: str) -> Transform | None:
    part = whole.section("transform", TRANSFORM_KEYS)
    if part is None:
        return None
    return Transform(
        data=part.text("data", "", needed=f"name a place such as s3://{told.datasets_bucket}/new/"),
        machines=_machines(part, told, default_type(told, "transform", algorithm)),
        content_type=part.text("content_type", "", longest=LONGEST_TYPE) or None,
    )
