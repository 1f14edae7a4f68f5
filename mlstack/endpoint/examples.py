"""The stage's endpoints, asked about the drawings in examples/waste, whose names say what is on them."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mlstack.endpoint import invocation, queue
from mlstack.endpoint import stage as endpoints
from mlstack.endpoint.endpoint import Kind
from mlstack.endpoint.photo import Photo
from mlstack.endpoint.verdict import Verdict
from mlstack.patience import Patience
from mlstack.project import ROOT
from mlstack.target import Target

WASTE = ROOT / "examples" / "waste"
PATIENCE_S = 60


def asked(target: Target, drawings: Sequence[Path]) -> dict[str, list[Verdict]]:
    """What each endpoint of the stage says of each drawing, by the endpoint's name."""
    photos = [Photo.look(path) for path in drawings]
    found: dict[str, list[Verdict]] = {}
    for endpoint in endpoints.of_stage(target):
        ask = queue.ask if endpoint.kind is Kind.ASYNCHRONOUS else invocation.ask
        found[endpoint.name] = list(ask(target, endpoint, photos, Patience(PATIENCE_S), _quietly))
    return found


def wrong(said: Mapping[str, Sequence[Verdict]]) -> Iterator[str]:
    """Where an endpoint did not say what the drawing's name says."""
    for name, verdicts in said.items():
        for verdict in verdicts:
            drawn = verdict.photo.stem.rpartition("-")[0]
            best = best_label(verdict)
            if best != drawn:
                yield f"{name} takes {verdict.photo.name} for {best or verdict.reason or 'nothing'}"


def best_label(verdict: Verdict) -> str | None:
    """The best prediction; None where there is none."""
    predictions = verdict.answer.predictions if verdict.answer else None
    return predictions[0].label if predictions else None


def _quietly(_line: str) -> None:
    """The demo shows a step, not each question."""
