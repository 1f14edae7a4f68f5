"""Serves the model of a folder: ``python -m inference``; SageMaker adds the word ``serve``."""

import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence

from inference import app, log, picture, processors
from inference.classifier import Classifier
from inference.gate import Gate
from inference.model import Model
from inference.model_folder import ModelError
from inference.server import Server
from inference.settings import Settings, SettingsError


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Serve until SIGTERM; 0 when every request was answered, 1 with one line on standard error otherwise."""
    # As process 1 of a container it would sleep through SIGTERM while the model loads.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        settings = _settings(arguments, environment)
        # With its protocol named, asyncio sends every answer at once; without, it waits 40 ms for company (Nagle).
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
            _bind(listener, settings.port)
            classifier = Classifier(Model.load(settings.model_folder, cores=settings.cores), settings)
            return _serve(listener, classifier, settings)
    except (SettingsError, ModelError, OSError) as error:
        sys.stderr.write(f"{' '.join(str(error).split())}\n")
        return 1


def _serve(listener: socket.socket, classifier: Classifier, settings: Settings) -> int:
    log.begin()
    picture.warn_of_nothing()
    gate = Gate(settings.concurrency)
    server = Server(app.application(classifier, gate, settings), gate, drain_s=settings.drain_seconds)
    server.run(sockets=[listener])
    return 1 if server.cut_off else 0


def _settings(arguments: Sequence[str], environment: Mapping[str, str]) -> Settings:
    if [*arguments] not in ([], ["serve"]):
        message = "the only argument is serve; everything else is told by the environment"
        raise SettingsError(message)
    return Settings.read(environment, processors=processors.count())


def _bind(listener: socket.socket, port: int) -> None:
    """Take the port before the model is loaded; it is listened to after that."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("0.0.0.0", port))  # noqa: S104  # a container is asked from outside
    except OSError as error:
        message = f"SAGEMAKER_BIND_TO_PORT: port {port} cannot be had: {error.strerror}"
        raise SettingsError(message) from error


if __name__ == "__main__":
    code = main(sys.argv[1:], os.environ)
    sys.stdout.flush()
    os._exit(code)  # an inference that was cut off would keep its thread, and the process with it
