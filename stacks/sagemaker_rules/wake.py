"""Whether an alarm that is to wake something can fire at all."""


def never_fires(comparison: str, threshold: float | None, *, most: float) -> bool:
    """Whether values up to ``most`` never break the threshold; False where that is unknown."""
    match comparison, threshold:
        case _, None:
            return False
        case "GreaterThanThreshold", float():
            return threshold >= most
        case "GreaterThanOrEqualToThreshold", float():
            return threshold > most
        case _:
            return False
