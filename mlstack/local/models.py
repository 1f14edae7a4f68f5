"""botocore's models of the services, read once a process: every session would read megabytes of JSON for itself."""

from functools import cache
from typing import Any

from botocore.loaders import JSONFileLoader

from mlstack.local.mend import replace


def share() -> None:
    """Let every session of this process, moto's own too, use the same models."""
    read = cache(JSONFileLoader().load_file)

    def load_file(_self: JSONFileLoader, file_path: str) -> Any:  # noqa: ANN401 - JSON
        return read(file_path)

    replace(JSONFileLoader, "load_file", load_file)
