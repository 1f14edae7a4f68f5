"""One request for predictions, from its first byte to its line in the log."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from inference import accept, body, log
from inference.classifier import Classifier
from inference.gate import Gate
from inference.health import Health
from inference.refusal import RefusalError
from inference.settings import Settings

RETRY_S = 1
GONE = 499  # not HTTP's: the caller hung up
CUT_OFF = RefusalError(503, "cut_off", "this server was stopped before it had an answer; another one answers")
FAULT = RefusalError(500, "fault", "the server failed; its log says where")


class Invocations:
    """Answers ``POST /invocations``: reads in the event loop, computes in threads, sends away what is too much."""

    def __init__(self, classifier: Classifier, gate: Gate, health: Health, settings: Settings) -> None:
        self._classifier = classifier
        self._gate = gate
        self._health = health
        self._settings = settings
        self._threads = ThreadPoolExecutor(max_workers=settings.threads, thread_name_prefix="inference")

    async def answer(self, request: Request) -> Response:
        """Predictions, or a refusal with its reason; always one line in the log."""
        started, line = time.perf_counter(), dict[str, object]()
        try:
            response = await self._answer(request, line)
        except RefusalError as refusal:
            line["code"] = refusal.code
            response = refused(refusal)
        except asyncio.CancelledError:  # only by the server's end, when the time to drain is over
            line["code"], response = CUT_OFF.code, refused(CUT_OFF)
        except ClientDisconnect:
            line["code"], response = "gone", Response(status_code=GONE)
        except Exception as error:  # noqa: BLE001  # told to the caller and the log; neither may see what was sent
            log.fault("fault", error)
            self._health.doubt()
            line["code"], response = FAULT.code, refused(FAULT)
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        log.write("invocation", status=response.status_code, milliseconds=milliseconds, **line)
        return response

    async def _answer(self, request: Request, line: dict[str, object]) -> Response:
        accept.check(request.headers.get("accept", ""))
        with self._gate.admitted():
            content = await body.read(
                request.stream(),
                request.headers.get("content-length"),
                max_bytes=self._settings.max_bytes,
                seconds=self._settings.read_seconds,
            )
            line["bytes"] = len(content)
            content_type = request.headers.get("content-type", "")
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(self._threads, self._classifier.answer, content_type, content)
            line["images"] = found.images
            return JSONResponse(found.document)


def refused(refusal: RefusalError) -> Response:
    """The refusal as an answer."""
    headers = {"retry-after": str(RETRY_S)} if refusal.status == 503 else None  # noqa: PLR2004  # its name: unavailable
    return JSONResponse(refusal.described(), refusal.status, headers)
