"""Pictures to the numbers that a model was trained on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inference.refusal import RefusalError

Size = tuple[int, int]
"""Height and width, as Hugging Face writes them; Pillow's own sizes are the other way round."""
MOST_RESIZED = 4096 * 4096
SPARE = 3  # A picture may be read smaller while it stays this many times as large as what it is resized to.


@dataclass(frozen=True, kw_only=True, slots=True)
class Preprocessing:
    """Resize, cut out the middle, scale, normalise: the steps of Hugging Face's image processors, in their order."""

    size: Size | int
    """Exactly this, or the shorter side, with the picture's proportions kept."""
    crop: Size | None
    """The middle that is cut out after that."""
    resample: Image.Resampling
    scale: float
    """What pixels from 0 to 255 are multiplied with."""
    mean: tuple[float, float, float]
    """Subtracted after that: red, green, blue."""
    std: tuple[float, float, float]
    """Divided by at last."""

    @property
    def output(self) -> Size | None:
        """The size of every picture that the model sees; None where it follows the picture's proportions."""
        return self.crop or (None if isinstance(self.size, int) else self.size)

    @property
    def enough(self) -> int:
        """How many pixels a side must have left so that a smaller decoding makes no difference that matters."""
        return SPARE * (self.size if isinstance(self.size, int) else max(self.size))

    def tensor(self, picture: Image.Image) -> NDArray[np.float32]:
        """An RGB picture as [1, 3, height, width]; raise RefusalError for a shape that would become huge."""
        height, width = self._resized(picture)
        small = picture.resize((width, height), self.resample)
        if self.crop:
            top, left = (height - self.crop[0]) // 2, (width - self.crop[1]) // 2
            small = small.crop((left, top, left + self.crop[1], top + self.crop[0]))
        scaled = (np.asarray(small) * self.scale).astype(np.float32)
        normal = (scaled - np.asarray(self.mean, np.float32)) / np.asarray(self.std, np.float32)
        return np.ascontiguousarray(normal.transpose(2, 0, 1)[None], dtype=np.float32)

    def _resized(self, picture: Image.Image) -> Size:
        if not isinstance(self.size, int):
            return self.size
        shorter, longer = sorted(picture.size)
        grown = int(self.size * longer / shorter)
        if self.size * grown > MOST_RESIZED:
            reason = f"the picture is too long and thin: {picture.width:,} x {picture.height:,} pixels"
            raise RefusalError(422, "too_thin", reason)
        return (grown, self.size) if picture.height > picture.width else (self.size, grown)
