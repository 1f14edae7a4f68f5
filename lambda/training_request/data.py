"""What a job reads from S3: whether it may, and whether anything lies there."""

from collections.abc import Mapping

from catalogue.spelling import meant
from training_request.built_in import BUILT_IN
from training_request.facts import Facts, Listing
from training_request.problems import Problems, listed
from training_request.request import Request, Training
from training_request.s3_uri import fault
from training_request.settings import OWN, Settings

CHANNELS = ("train", "validation", "test", "pretrained")
"""The channels of the project's own image, of which it needs the first."""
LABELLED = CHANNELS[:3]
"""Those that hold a folder for each label."""
_FEWEST_LABELS = 2


def places(request: Request) -> dict[str, str]:
    """What lies where in S3, by the key of the request that names it."""
    found = {"transform.data": request.transform.data} if request.transform else {}
    if request.training:
        found |= {f"{request.training.place}.data.{name}": uri for name, uri in request.training.data.items()}
    return found


def check(request: Request, told: Settings, problems: Problems) -> None:
    """Note channels that the algorithm does not know or lacks, and places that no job of the stage may read."""
    if request.training:
        _check_channels(request.training, problems)
    for key, uri in places(request).items():
        if reason := fault(uri, told.buckets):
            problems.add(key, reason)


def check_contents(request: Request, facts: Facts, problems: Problems) -> None:
    """Note places where nothing lies, and data that is not laid out as the project's own image reads it."""
    for key, uri in places(request).items():
        found = facts.listings.get(uri)
        if found is None or problems.at(key):
            continue
        if found.failure:
            problems.add(key, f"{uri} cannot be looked at: {found.failure}")
        elif found.found is None:
            problems.add(key, f"there is no data under {uri}; upload it, as with `aws s3 sync FOLDER {uri}`")
    training = request.training
    if training and training.algorithm == OWN:
        _check_labels(training, facts.listings, problems)


def warnings(request: Request, facts: Facts) -> list[str]:
    """What may be meant, but seldom is: a model judged on the pictures that it has learned."""
    training = request.training
    if training is None:
        return []
    read = {name: facts.listings.get(uri, Listing()).found or uri for name, uri in training.data.items()}
    alike = [name for name in ("validation", "test") if name in read and read[name] == read.get("train")]
    return [
        f"{training.place}.data.{name}: is what the model learns, and says nothing of what it does not"
        for name in alike
    ]


def _check_channels(training: Training, problems: Problems) -> None:
    own = training.algorithm == OWN
    needed = CHANNELS[:1] if own else BUILT_IN[training.algorithm].channels
    others = CHANNELS[1:] if own else BUILT_IN[training.algorithm].optional
    for name in training.data:
        if name not in {*needed, *others}:
            near = meant(name, (*needed, *others), f"it has {listed((*needed, *others))}")
            problems.add(f"{training.place}.data.{name}", f"{_image(training)} has no such channel; {near}")
    for name in needed:
        if name not in training.data and not problems.has(f"{training.place}.data"):
            problems.add(f"{training.place}.data.{name}", f"is missing: {_image(training)} does not train without it")


def _check_labels(training: Training, listings: Mapping[str, Listing], problems: Problems) -> None:
    folders: dict[str, tuple[str, ...]] = {}
    for name in LABELLED:
        key, uri = f"{training.place}.data.{name}", training.data.get(name, "")
        found = listings.get(uri)
        if found is None or problems.at(key):
            continue
        folders[name] = found.folders
        if found.found and not found.found.endswith("/"):
            problems.add(key, f"{uri} is one object; name the folder that holds a folder for each label")
        elif len(found.folders) < _FEWEST_LABELS and name == "train":
            there = f"only {listed(found.folders)}" if found.folders else "none"
            problems.add(key, f"{uri} must hold a folder for each label, two at least, and there is {there}")
    for name in LABELLED[1:]:
        strange = sorted(set(folders.get(name, ())) - set(folders.get("train", ())))
        if strange and folders.get("train") and not problems.at(f"{training.place}.data.train"):
            known = listed(folders["train"])
            problems.add(
                f"{training.place}.data.{name}",
                f"has {listed(strange)}, which no picture of train is labelled with; train has {known}",
            )


def _image(training: Training) -> str:
    return "the training image" if training.algorithm == OWN else training.algorithm
