"""The local AWS's process: takes a loopback port, proves that it reaches nothing real, then listens.

Run as `python -m mlstack.local.server FOLDER REGION ACCOUNT` in the isolated environment.
"""

import gc
import os
import sys
from pathlib import Path
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket

from mlstack.errors import UserError
from mlstack.local import guard, models
from mlstack.local.environment import Place, aws

HOST = "127.0.0.1"


def main(folder: Path, region: str, account: str) -> None:
    """Serve until a signal comes."""
    bound = socket(AF_INET, SOCK_STREAM)
    bound.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    bound.bind((HOST, 0))
    place = Place(port=bound.getsockname()[1], region=region, account=account)
    os.environ.update(aws(place), MOTO_PORT=str(place.port), MOTO_ACCOUNT_ID=account)
    gc.disable()  # what moto brings stays: looking for garbage in it again and again takes longer than reading it
    models.share()
    guard.prove()
    # moto takes seconds to import and reads its settings while it does: refuse before, and set them before.
    from mlstack.local.listening import serve  # noqa: PLC0415

    serve(bound, place, folder)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
    except UserError as error:
        sys.exit(str(error))
    # Threads of requests under way do not hold the process back.
    os._exit(0)
