"""Where a stage looks for uploads: a pure decision over its routes."""

from mlstack.errors import UserError
from shared.analyses import ENROLMENT, Routes, wanted
from shared.video_analyses import wanted_of_video


def of_photo(routes: Routes, videos: Routes, chosen: str | None) -> str:
    """The prefix to upload photos under: the chosen one, or the first that does not enrol faces.

    Raises:
        UserError: where no analysis looks there.
    """
    usual = [prefix for prefix, names in routes.items() if ENROLMENT not in names]
    prefix = chosen if chosen is not None else next(iter(usual), None)
    if prefix is not None and wanted(routes, prefix):
        return prefix
    known = _said(routes) or "none: name some in [vision.images] and deploy"
    if prefix is not None and wanted_of_video(videos, prefix):
        message = f"{prefix!r} takes videos (MP4 or MOV); for photos say --prefix with one of {known}"
    else:
        message = f"no analysis looks at {prefix!r}; say --prefix with one of {known}"
    raise UserError(message)


def of_video(videos: Routes, chosen: str | None) -> str:
    """The prefix to upload a video under: the chosen one, or the first.

    Raises:
        UserError: where no analysis of videos looks there.
    """
    if not videos:
        message = "the stage analyses no videos; name prefixes in [vision.videos] of its profile and deploy it"
        raise UserError(message)
    prefix = chosen if chosen is not None else next(iter(videos))
    if not wanted_of_video(videos, prefix):
        message = f"no analysis of videos looks at {prefix!r}; say --prefix with one of {_said(videos)}"
        raise UserError(message)
    return prefix


def _said(routes: Routes) -> str:
    return ", ".join(repr(one) for one in routes)
