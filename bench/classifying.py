"""Judges a picture again and again in this process, as a program with the model inside would; prints what it took.

Run as a script with the model's folder, the picture, the threads and the rounds; prints one JSON object.
"""

import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "containers" / "inference")]

from inference.classifier import Classifier  # noqa: E402  # the container's folder is on the path only now
from inference.model import Model  # noqa: E402
from inference.settings import Settings  # noqa: E402


def main() -> None:
    """Load, warm up, measure, print."""
    folder, photo = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes()
    threads, rounds = int(sys.argv[3]), int(sys.argv[4])
    settings = Settings.read({"SM_MODEL_DIR": str(folder), "INFERENCE_THREADS": str(threads)}, processors=threads)
    classifier = Classifier(Model.load(folder, cores=settings.cores), settings)

    def once(_number: int) -> float:
        started = time.perf_counter()
        classifier.answer("image/jpeg", photo)
        return time.perf_counter() - started

    once(0)
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        times = list(pool.map(once, range(rounds)))
    taken = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    sys.stdout.write(json.dumps({"times": times, "taken": taken, "peak_mib": peak}))


if __name__ == "__main__":
    main()
