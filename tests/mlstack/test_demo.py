"""The demo ends with 0 only when everything came out as it must."""

from pathlib import Path

import pytest

from mlstack import demo
from mlstack.assembly import Assembly, Stack
from mlstack.endpoint.verdict import Answer
from mlstack.endpoint.verdict import Prediction as Scored
from mlstack.endpoint.verdict import Verdict as Prediction
from mlstack.errors import UserError
from mlstack.vision.uploads import Verdict


def verdict(name: str, status: str, reason: str = "") -> Verdict:
    """What came of one photo."""
    return Verdict(photo=Path(name), uri=f"s3://media/{name}", status=status, reason=reason)


def prediction(label: str) -> Prediction:
    """What an endpoint says of a drawing of compost."""
    answer = Answer(predictions=(Scored(label, 0.9), Scored("landfill", 0.1)))
    return Prediction(photo=Path("compost-1.jpg"), status="predicted", answer=answer)


GOOD = verdict("cat.jpg", "analysed")
TAGS = {"stage": "s"}
HOSTILE = verdict("clock (really a webp).jpg", "refused", "a WebP file")


def stack(name: str) -> Stack:
    """A stack of an assembly."""
    return Stack(
        id=name,
        name=name,
        environment="aws://unknown-account/us-east-1",
        template={},
        template_path=Path(),
        tags={"stage": "s"},
    )


def test_the_demo_is_content_when_photos_are_analysed_the_hostile_one_refused_and_nothing_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    demo.judge([GOOD, HOSTILE], {"classifier": [prediction("compost")]}, [])

    assert "nothing is left" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("verdicts", "left", "said"),
    [
        ([verdict("cat.jpg", "late", "slow"), HOSTILE], [], "cat.jpg is late: slow"),
        ([verdict("cat.jpg", "refused", "odd")], [], "cat.jpg is refused: odd"),
        ([verdict(HOSTILE.photo.name, "analysed")], [], "really a webp).jpg is analysed"),
        ([GOOD, HOSTILE], ["bucket photos"], "bucket photos is left"),
    ],
)
def test_the_demo_ends_with_1_and_names_what_went_wrong(
    capsys: pytest.CaptureFixture[str], verdicts: list[Verdict], left: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as end:
        demo.judge(verdicts, {}, left)

    assert end.value.code == 1
    assert said in capsys.readouterr().out


def test_the_demo_ends_with_1_where_an_endpoint_takes_a_drawing_for_something_else(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        demo.judge([GOOD, HOSTILE], {"classifier": [prediction("recycling")]}, [])

    assert "classifier takes compost-1.jpg for recycling" in capsys.readouterr().out


def test_the_demos_stage_is_the_one_of_the_vision_stack() -> None:
    assert demo.stage_of(Assembly((stack("mlstack-s-Network"), stack("mlstack-s-Vision")))) == "s"


def test_a_profile_without_vision_has_nothing_to_show() -> None:
    with pytest.raises(UserError, match=r"set vision\.enabled = true"):
        demo.stage_of(Assembly((stack("mlstack-s-Network"),)))


def test_the_demo_ships_photographs_of_which_one_is_hostile() -> None:
    photos = [path for path in demo.PHOTOS.iterdir() if path.suffix != ".md"]

    assert len(photos) >= 5
    assert [path for path in photos if demo.HOSTILE in path.name] != []
    credits_text = (demo.PHOTOS / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in photos if f"`{path.name}`" not in credits_text] == []
