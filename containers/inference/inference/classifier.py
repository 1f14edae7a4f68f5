"""Questions to answers: everything about a request that takes a processor's time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference import picture, question
from inference.model import Model
from inference.refusal import RefusalError
from inference.settings import Settings

Predictions = Sequence[Mapping[str, str | float]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back, and how many pictures it is about."""

    document: Mapping[str, object]
    images: int


class Classifier:
    """Answers requests with a model."""

    def __init__(self, model: Model, settings: Settings) -> None:
        self._model = model
        self._settings = settings

    def answer(self, content_type: str, body: bytes) -> Answer:
        """The answer's document; raise RefusalError for the request, or for its only picture."""
        asked = question.read(content_type, body, max_images=self._settings.max_images)
        if not asked.several:
            return Answer(self._classified(asked.pictures[0]), images=1)
        return Answer({"results": [self._result(one) for one in asked.pictures]}, images=len(asked.pictures))

    def prove(self) -> None:
        """Make an inference; raise whatever goes wrong."""
        self._model.prove()

    def _result(self, content: bytes | RefusalError) -> Mapping[str, object]:
        """One among several, whose neighbours are answered even where it is refused."""
        try:
            return self._classified(content)
        except RefusalError as refusal:
            return refusal.described()

    def _classified(self, content: bytes | RefusalError) -> Mapping[str, object]:
        if isinstance(content, RefusalError):
            raise content
        preprocessing = self._model.preprocessing
        seen = picture.read(content, max_pixels=self._settings.max_pixels, enough=preprocessing.enough)
        probabilities = self._model.probabilities(preprocessing.tensor(seen))
        return {"predictions": predictions(self._model.labels, probabilities, self._settings.top_k)}


def predictions(labels: Sequence[str], probabilities: NDArray[np.float64], top_k: int) -> Predictions:
    """The most probable labels, best first; equal ones in the order of the labels."""
    best = np.argsort(-probabilities, kind="stable")[:top_k]
    return [{"label": labels[number], "score": round(float(probabilities[number]), 6)} for number in best]
