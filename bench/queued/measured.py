"""The service time of the real inference server, measured on this machine."""

from dataclasses import replace

from bench import serving
from bench.queued.assumptions import Assumptions, Span


def measured(assumed: Assumptions, rounds: int = 1) -> Assumptions:
    """The same, with the answers of `python -m inference` to a small drawing and to a photo of 12 megapixels.

    The server is kept busy on all processors, so that one answer takes their number over the answers a second; what
    asks it, and whatever else is at work here, is counted in: the figures are rather too high.
    """
    found = serving.measure(rounds)
    answers = sorted(serving.PROCESSORS / load.per_second for load in (found.drawing, found.photo))
    return replace(assumed, answer_s=Span(answers[0], answers[-1]))
