"""The training job of a request, as SageMaker's CreateTrainingJob takes it."""

from typing import Any

from catalogue import images
from training_request import hyperparameters
from training_request.built_in import BUILT_IN
from training_request.facts import Facts, Listing
from training_request.machines import volume
from training_request.problems import Problems
from training_request.request import Request, Training
from training_request.run import Run
from training_request.settings import OWN, Settings
from training_request.tagging import tags

Document = dict[str, Any]  # a part of an AWS request: its shape is botocore's to check, and a test has it do so
_HOUR = 60
_LONGEST_WAIT = 28 * 24 * _HOUR


def check(request: Request, told: Settings, problems: Problems) -> None:
    """Note hyperparameters that the algorithm refuses or lacks, and times that do not fit."""
    training = request.training
    if training is None:
        return
    if training.algorithm == OWN:
        _check_own(training, problems)
    else:
        _check_built_in(request, training, told, problems)
    wait, run = wait_minutes(training), training.machines.max_run_minutes
    key = f"{training.place}.max_wait_minutes"
    if not training.spot:
        return
    if not checkpoints(training.algorithm) and wait > _HOUR:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html
        problems.add(
            key if training.max_wait_minutes else f"{training.place}.max_run_minutes",
            f"must be {_HOUR} at most: {training.algorithm} writes no checkpoints, and SageMaker lets such an "
            "algorithm wait and run on spot for an hour in all; set spot to false for longer",
        )
    elif wait < run:
        problems.add(key, f"must be {run} at least, for it holds the {run} minutes of max_run_minutes")


def checkpoints(algorithm: str) -> bool:
    """Whether an algorithm goes on after an interruption where it was."""
    return algorithm == OWN or BUILT_IN[algorithm].checkpoints


def wait_minutes(training: Training) -> int:
    """How long a spot job may wait and run together: twice its run, unless somebody says."""
    run = training.machines.max_run_minutes
    if training.max_wait_minutes:
        return training.max_wait_minutes
    return min(2 * run, _LONGEST_WAIT) if checkpoints(training.algorithm) else max(_HOUR, run)


def image(algorithm: str, told: Settings) -> str:
    """The image that trains; raise catalogue.images.ImageError where AWS has none in the region."""
    return told.training_image if algorithm == OWN else images.uri(algorithm, told.region)


def planned(request: Request, training: Training, facts: Facts, told: Settings, run: Run) -> Document:
    """CreateTrainingJob without the job's name and role."""
    return {
        "AlgorithmSpecification": specification(training, told),
        "HyperParameters": dict(training.hyperparameters),
        "InputDataConfig": channels(training, facts),
        "OutputDataConfig": {"S3OutputPath": run.uri("output/")},
        "ResourceConfig": resources(training),
        "StoppingCondition": stopping(training),
        "EnableManagedSpotTraining": training.spot,
        # SageMaker restores whatever begins with this text: without the slash, that of other runs too.
        "CheckpointConfig": {"S3Uri": run.checkpoints},
        "EnableNetworkIsolation": training.algorithm == OWN or BUILT_IN[training.algorithm].isolated,
        "Environment": {},
        "Tags": tags(request, told),
    }


def specification(training: Training, told: Settings) -> Document:
    """The image, and by which expressions SageMaker finds the metrics of the project's own."""
    found: Document = {"TrainingImage": image(training.algorithm, told), "TrainingInputMode": "File"}
    if training.algorithm == OWN:
        found["MetricDefinitions"] = hyperparameters.metric_definitions()
    return found


def channels(training: Training, facts: Facts) -> list[Document]:
    """What is read, with the content type that a built-in algorithm must be told."""
    found: list[Document] = []
    for name, uri in training.data.items():
        listing = facts.listings.get(uri, Listing())
        sharded = training.algorithm != OWN and name in BUILT_IN[training.algorithm].sharded
        source = {
            "S3DataType": "S3Prefix",
            "S3Uri": listing.found or uri,
            "S3DataDistributionType": "ShardedByS3Key" if sharded else "FullyReplicated",
        }
        channel: Document = {"ChannelName": name, "DataSource": {"S3DataSource": source}}
        if content_type := _content_type(training, name, listing):
            channel["ContentType"] = content_type
        found.append(channel)
    return found


def resources(training: Training) -> Document:
    """The machines and their disks."""
    machines, size = training.machines, volume(training.machines)
    found: Document = {"InstanceType": machines.instance_type, "InstanceCount": machines.instances}
    return found if size is None else {**found, "VolumeSizeInGB": size}


def stopping(training: Training) -> Document:
    """When SageMaker ends the job whatever it does."""
    found = {"MaxRuntimeInSeconds": training.machines.max_run_minutes * 60}
    return {**found, "MaxWaitTimeInSeconds": wait_minutes(training) * 60} if training.spot else found


def _content_type(training: Training, name: str, listing: Listing) -> str | None:
    if training.content_type or training.algorithm == OWN:
        return training.content_type
    known = BUILT_IN[training.algorithm]
    found = known.content_types.get(listing.suffix, known.content_types.get(""))
    return found.replace("label_size=0", "label_size=1") if found and name in known.labelled else found


def _check_own(training: Training, problems: Problems) -> None:
    place = f"{training.place}.hyperparameters"
    for name, text in training.hyperparameters.items():
        if reason := hyperparameters.fault(name, text) or hyperparameters.network_fault(name, text, training.data):
            problems.add(f"{place}.{name}", reason)
    if reason := hyperparameters.size_fault(training.hyperparameters):
        problems.add(f"{place}.image_size", reason)


def _check_built_in(request: Request, training: Training, told: Settings, problems: Problems) -> None:
    try:
        image(training.algorithm, told)
    except images.ImageError as error:
        problems.add(f"{training.place}.algorithm", str(error))
    tuned = {one.name for one in request.tuning.ranges} if request.tuning else set()
    known = BUILT_IN[training.algorithm]
    given = {**dict.fromkeys(tuned, ""), **training.hyperparameters}
    needed = [*known.needs]
    needed += [
        name for name, (other, start) in known.needs_with.items() if other in given and given[other].startswith(start)
    ]
    for name in needed:
        if name not in given:
            problems.add(
                f"{training.place}.hyperparameters.{name}",
                f"is missing: {training.algorithm} fails without it, after its machines have started",
            )
