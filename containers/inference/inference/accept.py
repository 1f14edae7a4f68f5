"""Whether a caller takes JSON."""

from inference.refusal import RefusalError

TAKEN = {"application/json", "application/*", "*/*"}


def check(accept: str) -> None:
    """Raise RefusalError for an Accept header that rules out JSON, which is all that this server writes."""
    if accept.strip() and not any(_takes_json(wish) for wish in accept.split(",")):
        raise RefusalError(406, "not_acceptable", "answers are written as application/json only")


def _takes_json(wish: str) -> bool:
    kind, *parameters = (part.strip().lower() for part in wish.split(";"))
    refused = {"q=0", "q=0.0", "q=0.00", "q=0.000"} & {parameter.replace(" ", "") for parameter in parameters}
    return kind in TAKEN and not refused
