"""The fixtures of the tests of video_start: the two functions are one pipeline."""

from tests.functions.video_start.conftest import lab, moto_lab, told_videos

__all__ = ["lab", "moto_lab", "told_videos"]
