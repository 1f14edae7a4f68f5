"""Rekognition on a port of this machine: answers DetectLabels, and refuses what goes beyond its calls per second."""

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWER = json.dumps({"Labels": [{"Name": "Cat", "Confidence": 99.0}]}).encode()
REFUSAL = json.dumps({"__type": "ProvisionedThroughputExceededException", "message": "too fast"}).encode()


class Quota:
    """At most so many calls in any second."""

    def __init__(self, per_second: float, latency_s: float) -> None:
        self.per_second = per_second
        self.latency_s = latency_s
        self.answered: Counter[str] = Counter()
        """How often each image was answered, which is billed."""
        self.refused = 0
        self._last: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self, image: str) -> bool:
        """Whether one more call is answered now."""
        with self._lock:
            now = time.monotonic()
            while self._last and self._last[0] <= now - 1:
                self._last.popleft()
            if len(self._last) >= self.per_second:
                self.refused += 1
                return False
            self._last.append(now)
            self.answered[image] += 1
            return True


@contextmanager
def serving(quota: Quota) -> Iterator[str]:
    """Answer on a free port; give the endpoint's URL."""

    class Handler(BaseHTTPRequestHandler):
        """One call."""

        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            """Answer or refuse."""
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            taken = quota.take(asked["Image"]["S3Object"]["Name"])
            if taken:
                time.sleep(quota.latency_s)
            body = ANSWER if taken else REFUSAL
            self.send_response(200 if taken else 400)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        """Lets many functions connect at once."""

        request_queue_size = 200
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
