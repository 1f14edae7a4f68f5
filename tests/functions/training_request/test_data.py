"""What a job reads: of the stage's buckets, there, and laid out as the image reads it."""

from dataclasses import replace

import pytest

from tests.functions.training_request.conftest import DATA, FOUND, GPU, LABELS, planned, refusals, train
from training_request.facts import Facts, Listing

TRAIN, TEST = DATA["train"], DATA["test"]
FULL = Listing(found=TRAIN, folders=LABELS)


def facts(**listings: Listing) -> Facts:
    """What lies at train and test, with all else as it should be."""
    return replace(FOUND, listings={TRAIN: listings.get("train", FULL), TEST: listings.get("test", FULL)})


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("waste/train", "must be a place in S3 such as s3://datasets/waste/train/"),
        ("https://datasets/waste", "must be a place in S3 such as s3://datasets/waste/train/"),
        ("s3:///waste", "must be a place in S3 such as s3://datasets/waste/train/"),
        ("s3://datasets/\nwaste", 'must be a text of 1 to 2500 characters, not "s3://datasets/ waste"'),
        (f"s3://datasets/{'w' * 1024}", "must be a place in S3 such as s3://datasets/waste/train/"),
        (
            "s3://datasets",
            "names the whole bucket; name a prefix in it, such as s3://datasets/waste/train/",
        ),
        ("s3://datasets//", "names the whole bucket; name a prefix in it, such as s3://datasets/waste/train/"),
        (
            "s3://mine/waste",
            (
                "mine is no bucket of this stage, and its jobs may read no other; copy the data first: "
                "`aws s3 sync s3://mine/waste s3://datasets/waste`"
            ),
        ),
    ],
)
def test_a_place_that_no_job_may_read_is_refused(uri: str, reason: str) -> None:
    assert refusals(train(data={"train": uri})) == {"train.data.train": reason}


def test_a_place_without_data_is_refused() -> None:
    said = refusals(train(), facts(train=Listing()))

    assert said == {
        "train.data.train": f"there is no data under {TRAIN}; upload it, as with `aws s3 sync FOLDER {TRAIN}`"
    }


def test_a_bucket_that_may_not_be_listed_is_named() -> None:
    said = refusals(train(), facts(train=Listing(failure="AccessDenied: not you")))

    assert said == {"train.data.train": f"{TRAIN} cannot be looked at: AccessDenied: not you"}


def test_data_that_is_transformed_is_looked_for_too() -> None:
    request = train() | {"transform": {"data": "s3://datasets/new/"}}
    there = replace(facts(), listings={TRAIN: FULL, TEST: FULL, "s3://datasets/new/": Listing()})

    said = refusals(request, there)

    assert list(said) == ["transform.data"]


@pytest.mark.parametrize(
    ("folders", "there"), [((), "none"), (("compost",), "only compost")], ids=["no folder", "one folder"]
)
def test_pictures_without_a_folder_for_each_label_are_refused(folders: tuple[str, ...], there: str) -> None:
    said = refusals(train(), facts(train=Listing(found=TRAIN, folders=folders), test=Listing(found=TEST)))

    reason = f"{TRAIN} must hold a folder for each label, two at least, and there is {there}"
    assert said == {"train.data.train": reason}


def test_one_object_is_no_folder_of_labels() -> None:
    said = refusals(train(), facts(train=Listing(found=TRAIN.rstrip("/"), example="train.zip")))

    assert said["train.data.train"].endswith("is one object; name the folder that holds a folder for each label")


def test_a_label_that_is_only_in_the_test_is_refused() -> None:
    said = refusals(train(), facts(test=Listing(found=TEST, folders=("compost", "glass"))))

    reason = "has glass, which no picture of train is labelled with; train has compost, landfill and recycling"
    assert said == {"train.data.test": reason}


def test_a_job_is_given_the_folder_and_not_all_that_begins_alike() -> None:
    bare = TRAIN.rstrip("/")
    there = replace(FOUND, listings={bare: FULL})

    plan = planned(train(data={"train": bare}), there)

    source = plan["training"]["InputDataConfig"][0]["DataSource"]["S3DataSource"]
    assert source["S3Uri"] == TRAIN


def test_a_channel_that_nobody_reads_is_refused() -> None:
    said = refusals(train(data={**DATA, "validate": "s3://datasets/x/"}))

    assert said == {"train.data.validate": "the training image has no such channel; did you mean validation?"}


def test_a_built_in_algorithm_says_which_channels_it_has() -> None:
    said = refusals(
        train(
            algorithm="image-classification",
            data={"train": TRAIN, "test": TEST},
            hyperparameters={"num_classes": 3, "num_training_samples": 60},
            instance_type="ml.g4dn.xlarge",
        ),
        told=GPU,
    )

    assert said == {
        "train.data.test": (
            "image-classification has no such channel; it has train, validation, train_lst, validation_lst and model"
        ),
        "train.data.validation": "is missing: image-classification does not train without it",
    }


def test_a_model_that_is_judged_on_what_it_learned_is_a_warning() -> None:
    plan = planned(train(data={"train": TRAIN, "test": TRAIN.rstrip("/"), "validation": "s3://datasets/other/"}))

    assert plan["warnings"] == ["train.data.test: is what the model learns, and says nothing of what it does not"]
