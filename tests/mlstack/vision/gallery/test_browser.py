"""The page in a real Chromium. Every test also holds that it logs nothing and requests nothing: see the tab fixture.

MLSTACK_SCREENSHOTS=FOLDER keeps what it looked like at the end of each test.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mlstack.vision.gallery.marks import Box, Mark
from mlstack.vision.gallery.page import page
from mlstack.vision.gallery.tiles import Tile
from tests.mlstack.vision.gallery.album import CAT, DOG, NUDITY, SIGN, picture, record, shown
from tests.mlstack.vision.gallery.browser import Tab

Open = Callable[..., Tab]
VISIBLE = "[...document.querySelectorAll('#sheet > li:not([hidden])')].map((one) => Number(one.dataset.number))"


@pytest.fixture
def opened(tab: Tab, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Open]:
    """Open a page with these tiles."""

    def open_page(tiles: Sequence[Tile], *, width: int = 1280, title: str = "Holidays") -> Tab:
        target = tmp_path / "page.html"
        target.write_text(page(tiles, title=title, made="today"), encoding="utf-8")
        tab.open(target, width=width)
        return tab

    yield open_page
    if folder := os.environ.get("MLSTACK_SCREENSHOTS"):
        tab.screenshot(Path(folder) / f"{re.sub(r'[^a-z0-9]+', '-', request.node.name)}.png")


def frame(number: int) -> str:
    return f'li[data-number="{number}"] .frame'


def test_pictures_are_shown_with_their_names(opened: Open) -> None:
    tab = opened([shown("photos/a.jpg", DOG, CAT), shown("photos/b.jpg")])

    assert tab.texts("h1") == ["Holidays"]
    assert tab.texts("#count") == ["2 pictures"]
    assert tab.texts(".file") == ["a.jpg", "b.jpg"]
    assert tab.texts(".chip") == ["Dog98", "Cat71"]
    assert tab.value("[...document.images].map((one) => [one.complete, one.naturalWidth])") == [[True, 300]] * 2


def test_confidence_is_never_shown_higher_than_it_is(opened: Open) -> None:
    tab = opened([shown("a.jpg", Mark("labels", "Dog", 99.6), Mark("labels", "Cat", 99.96), Mark("text", "X", 100.0))])

    assert tab.texts(".chip") == ["X100", "Cat99", "Dog99"]
    tab.click(frame(0))
    assert tab.texts(".found li") == ["Dog99.6 %", "Cat99.9 %", "X100.0 %"]


@pytest.mark.parametrize("width", [1280, 390])
def test_what_has_no_room_is_counted(opened: Open, width: int) -> None:
    marks = [Mark("labels", f"A rather long name, number {number}", 90.0 - number) for number in range(25)]

    tab = opened([shown("a.jpg", *marks, small=picture(200, 300))], width=width)

    chips, [more] = tab.texts(".chip"), tab.texts(".more")
    room, last = tab.rectangle(".chips"), tab.rectangle(".more")
    assert more == f"+{25 - len(chips)}"
    assert last["bottom"] <= room["bottom"] + 1


def test_a_narrower_window_counts_again(opened: Open) -> None:
    marks = [Mark("labels", f"Name {number}", 90.0 - number) for number in range(8)]
    tab = opened([shown("a.jpg", *marks, small=picture(640, 120))])
    before = len(tab.texts(".chip"))

    tab.ask("Emulation.setDeviceMetricsOverride", width=300, height=900, deviceScaleFactor=1, mobile=False)
    tab.settle()

    chips, [more] = tab.texts(".chip"), tab.texts(".more")
    assert len(chips) < before
    assert more == f"+{8 - len(chips)}"


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (640, 120), (100, 640)])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_box_is_at_its_place_in_the_picture(opened: Open, size: tuple[int, int], width: int) -> None:
    tab = opened([shown("a.jpg", DOG, small=picture(*size))], width=width)

    assert tab.value("getComputedStyle(document.images[0]).objectFit") == "contain"
    around, box = tab.rectangle(f"{frame(0)} img"), tab.rectangle(f"{frame(0)} .box")

    scale = min(around["width"] / size[0], around["height"] / size[1])
    left = around["x"] + (around["width"] - scale * size[0]) / 2
    top = around["y"] + (around["height"] - scale * size[1]) / 2
    expected = (
        left + 0.25 * scale * size[0],
        top + 0.5 * scale * size[1],
        0.5 * scale * size[0],
        0.25 * scale * size[1],
    )
    assert [box[side] for side in ("x", "y", "width", "height")] == pytest.approx(expected, abs=2.5)


def test_each_analysis_has_a_colour_of_its_own(opened: Open) -> None:
    analyses = [
        *("labels", "faces", "moderation", "text", "celebrities", "protective_equipment", "custom_labels", "people"),
        "enrolment",
    ]
    tab = opened([shown("a.jpg", *(Mark(name, name, 90, Box(0, 0, 0.5, 0.5)) for name in analyses))])
    tab.click(".veil")

    colours = tab.value("[...document.querySelectorAll('.box')].map((one) => getComputedStyle(one).stroke)")

    assert len(set(colours)) == len(analyses)


def test_boxes_can_be_switched_off(opened: Open) -> None:
    tab = opened([shown("a.jpg", DOG)])

    tab.click("#boxes")

    assert tab.value("getComputedStyle(document.querySelector('.box')).display") == "none"


def test_the_search_leaves_what_has_all_words_in_its_names_or_its_key(opened: Open) -> None:
    tab = opened([shown("zoo/a.jpg", DOG, CAT), shown("zoo/b.jpg", DOG), shown("c.jpg", CAT)])

    tab.write("#search", "CAT zoo")

    assert tab.value(VISIBLE) == [0]
    assert tab.texts("#count") == ["1 of 3 pictures"]


def test_an_analysis_that_is_switched_off_takes_its_boxes_and_pictures_away(opened: Open) -> None:
    tab = opened([shown("a.jpg", DOG, SIGN), shown("b.jpg", DOG), shown("c.jpg")])

    tab.click("#analyses [data-analysis=labels]")

    assert tab.value(VISIBLE) == [0, 2]
    assert tab.texts(".chip") == ["EXIT88"]
    assert tab.value("document.querySelectorAll('.box').length") == 1


def test_the_slider_leaves_what_is_certain_enough(opened: Open) -> None:
    tab = opened([shown("a.jpg", DOG, CAT), shown("b.jpg", CAT), shown("c.jpg")])

    tab.value("document.getElementById('least').focus()")
    tab.press("End")

    assert tab.texts("#least-shown") == ["100 %"]
    assert tab.value(VISIBLE) == []
    assert tab.texts("#empty") == ["Nothing matches these filters."]
    slide(tab, 80)
    assert tab.value(VISIBLE) == [0]
    assert tab.texts(".chip") == ["Dog98"]
    assert tab.value("document.querySelectorAll('.box').length") == 1


def slide(tab: Tab, least: int) -> None:
    tab.value(f"document.getElementById('least').value = {least}")
    tab.value("document.getElementById('least').dispatchEvent(new Event('input', {bubbles: true}))")
    tab.settle()


def test_a_status_can_be_hidden_and_everything_be_cleared(opened: Open) -> None:
    refused = Tile(record=record("b.jpg", "refused", reason="too large"), notes=("no picture: it is gone",))
    tab = opened([shown("a.jpg", DOG), refused])
    assert tab.texts(".badge") == ["refused"]
    assert "it is gone" in tab.texts(".bare")[0]
    assert tab.texts(".why") == ["too large"]

    tab.click("#statuses label:last-child")

    assert tab.value(VISIBLE) == [0]
    tab.write("#search", "nothing")
    assert tab.value(VISIBLE) == []
    tab.click("#reset")
    assert tab.value(VISIBLE) == [0, 1]
    assert tab.value("document.getElementById('search').value") == ""


def test_a_flagged_picture_is_blurred_until_it_is_clicked(opened: Open) -> None:
    tab = opened([shown("a.jpg", NUDITY, DOG)])
    blur = f"getComputedStyle(document.querySelector('{frame(0)} img')).filter"
    assert "blur" in tab.value(blur)
    assert "may offend" in tab.value(f"document.querySelector('{frame(0)}').ariaLabel")

    tab.click(frame(0))

    assert tab.value(blur) == "none"
    assert tab.value("document.getElementById('viewer').open") is False
    tab.click(frame(0))
    assert tab.value("document.getElementById('viewer').open") is True


def test_a_flagged_picture_is_blurred_in_the_viewer_too(opened: Open) -> None:
    tab = opened([shown("a.jpg", DOG), shown("b.jpg", NUDITY)])
    tab.click(frame(0))

    tab.press("ArrowRight")

    blur = "getComputedStyle(document.querySelector('#stage img')).filter"
    assert "blur" in tab.value(blur)
    tab.click("#stage .veil")
    assert tab.value(blur) == "none"


def test_a_picture_opens_large_with_everything_found_in_it(opened: Open) -> None:
    tab = opened([shown("photos/a.jpg", DOG, CAT, SIGN)])

    tab.click(frame(0))

    assert tab.texts("#viewer-title") == ["a.jpg"]
    assert tab.texts("#viewer-marks h3") == ["labels", "text"]
    assert tab.texts(".found li") == ["Dog98.5 %", "Cat71.0 %", "EXIT88.0 %"]
    assert tab.texts("#stage .tag") == ["Dog", "Cat", "EXIT"]


def test_everything_can_be_done_by_keyboard(opened: Open) -> None:
    tab = opened([shown(f"{name}.jpg", DOG) for name in "abc"])
    tab.value(f"document.querySelector('{frame(0)}').focus()")

    tab.press("ArrowRight")
    tab.press("Enter")

    assert tab.texts("#viewer-title") == ["b.jpg"]
    tab.press("ArrowRight")
    assert tab.texts("#viewer-title") == ["c.jpg"]
    tab.press("ArrowRight")
    assert tab.texts("#viewer-title") == ["c.jpg"]
    tab.press("Escape")
    assert tab.value("document.getElementById('viewer').open") is False
    assert tab.value("document.activeElement.closest('li').dataset.number") == "2"


def test_every_control_has_an_accessible_name(opened: Open) -> None:
    tab = opened([shown("a.jpg", DOG), Tile(record=record("b.jpg", "failed"))])

    on_the_sheet = controls(tab)
    tab.click(frame(0))
    in_the_viewer = controls(tab)

    assert {role for role, _ in on_the_sheet} == {"button", "checkbox", "slider", "searchbox"}
    assert [name for role, name in in_the_viewer if role == "button"] == ["Previous picture", "Next picture", "Close"]
    assert ("dialog", "a.jpg") in in_the_viewer
    assert all(name for _, name in on_the_sheet + in_the_viewer)


def controls(tab: Tab) -> list[tuple[str, str]]:
    """What a screen reader finds: roles and names."""
    nodes = [node for node in tab.ask("Accessibility.getFullAXTree")["nodes"] if not node["ignored"]]
    named = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes]
    return [one for one in named if one[0] in {"button", "checkbox", "slider", "searchbox", "dialog", "image"}]


@pytest.mark.parametrize(
    "name",
    [
        "</script><img src=x onerror=document.title='owned'>",
        '"><svg onload=document.title="owned">',
        "\u2028\u2029</title><script>document.title='owned'</script>",
        "javascript:document.title='owned'",
        "{{ script }}${document.title='owned'}",
    ],
)
def test_a_name_from_outside_is_text_wherever_it_is_shown(opened: Open, name: str) -> None:
    key = f"photos/{name.replace('/', '|')}"
    hostile = replace(
        shown(name, Mark("labels", name, 99.0, Box(0, 0, 0.5, 0.5)), Mark(name, name, 98.0)),
        record=record(key, name, reason=name),
        notes=(name,),
    )
    gone = Tile(record=record(f"x/{name}", "refused", reason=name), notes=(name,))

    tab = opened([hostile, gone], title=name)
    before = tab.value("document.title")
    tab.click(frame(0))

    assert "owned" != before == tab.value("document.title")
    assert tab.texts("#stage .tag")[0].startswith(name[:10])
    assert name in tab.texts(".found bdi")
    assert tab.value("document.querySelectorAll('script').length") == 2
    assert tab.value("[...document.images].every((one) => one.src.startsWith('data:image/jpeg'))")


def test_letters_that_turn_a_line_around_stay_in_their_name(opened: Open) -> None:
    tab = opened([shown("photos/\u202egpj.exe", Mark("text", "\u202eعربي", 90.0))])

    assert tab.texts(".file") == ["�gpj.exe"]
    assert tab.texts(".chip bdi") == ["�عربي"]


def test_a_video_shows_when_something_is_seen(opened: Open) -> None:
    dog = Mark("labels", "Dog", 90.0, span=(3.0, 75.5))
    tab = opened([Tile(record=record("clip.mp4", media="video"), marks=(dog,))])

    tab.click(frame(0))

    assert tab.texts(".found span") == ["0:03\N{EN DASH}1:15  90.0 %"]
    assert tab.value("document.querySelectorAll('#stage .spans rect').length") == 1


def test_no_pictures_make_a_page_too(opened: Open) -> None:
    tab = opened([])

    assert tab.texts("#count") == ["0 pictures"]
    assert tab.texts("#empty") == ["There are no pictures here yet."]


def test_a_thousand_pictures_cost_only_what_is_near_the_window(opened: Open) -> None:
    tab = opened([shown(f"{number}.jpg", DOG, CAT, SIGN) for number in range(1000)])
    assert tab.value(VISIBLE) == list(range(1000))
    filled = "[...document.querySelectorAll('.frame')].map((one) => Number(one.parentElement.dataset.number))"
    assert 0 < len(tab.value(filled)) < 100
    assert tab.value("document.querySelectorAll('*').length") < 4000

    tab.value("document.querySelector('li[data-number=\"999\"]').scrollIntoView()")
    tab.until(f"{filled}.includes(999) && !{filled}.includes(0)")

    assert len(tab.value(filled)) < 100
