"""A real Chromium without a window, driven over a pipe by its DevTools protocol; the standard library is enough.

https://chromedevtools.github.io/devtools-protocol/
"""

import base64
import fcntl
import json
import os
import select
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

IN, OUT, ABOVE = 3, 4, 10  # where --remote-debugging-pipe reads and writes, and where neither of its ends is
PATIENCE_S = 30.0
FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",  # Chromium refuses root otherwise, and containers often lack what its sandbox needs
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
)
Answer = dict[str, Any]  # DevTools speaks JSON


class BrowserError(Exception):
    """Chromium said no, or nothing."""


@dataclass
class Browser:
    """One running Chromium."""

    pid: int
    to: int
    back: int
    unread: bytes = b""
    sent: int = 0
    events: list[Answer] = field(default_factory=list)

    @classmethod
    def start(cls, binary: str, profile: Path) -> "Browser":
        theirs_in, to = os.pipe()
        back, theirs_out = os.pipe()
        silence = os.open(os.devnull, os.O_RDWR)
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, ABOVE) for end in (silence, silence, theirs_in, theirs_out)]
        moves = [(os.POSIX_SPAWN_DUP2, end, place) for end, place in zip(ends, (1, 2, IN, OUT), strict=True)]
        arguments = [binary, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        # A group of its own: Chromium's children end with it.
        pid = os.posix_spawn(binary, arguments, os.environ, file_actions=moves, setpgroup=0)
        for end in (theirs_in, theirs_out, silence, *ends):
            os.close(end)
        return cls(pid, to, back)

    def stop(self) -> None:
        os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.to)
        os.close(self.back)

    def ask(self, method: str, session: str | None = None, **parameters: Any) -> Answer:  # noqa: ANN401 - JSON
        """Send a command and wait for its answer; the events that come before it are kept."""
        self.sent += 1
        whose = {"sessionId": session} if session else {}
        message = {"id": self.sent, "method": method, "params": parameters} | whose
        os.write(self.to, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE_S
        while (heard := self.hear(deadline)).get("id") != self.sent:
            self.events.append(heard)
        if "error" in heard:
            reason = f"{method}: {heard['error']}"
            raise BrowserError(reason)
        result: Answer = heard["result"]
        return result

    def hear(self, deadline: float) -> Answer:
        """The next message."""
        while b"\0" not in self.unread:
            ready, _, _ = select.select([self.back], [], [], max(0.0, deadline - time.monotonic()))
            more = os.read(self.back, 1 << 20) if ready else b""
            if not more:
                raise BrowserError("Chromium has ended" if ready else "Chromium does not answer")
            self.unread += more
        first, _, self.unread = self.unread.partition(b"\0")
        message: Answer = json.loads(first)
        return message

    def tab(self) -> "Tab":
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable", session)
        return Tab(self, target, session)


@dataclass(frozen=True)
class Tab:
    """One page in it."""

    browser: Browser
    target: str
    session: str

    def ask(self, method: str, **parameters: Any) -> Answer:  # noqa: ANN401 - JSON
        return self.browser.ask(method, self.session, **parameters)

    def close(self) -> None:
        self.browser.ask("Target.closeTarget", targetId=self.target)

    def open(self, page: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> None:
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        theme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[theme])
        self.ask("Page.navigate", url=page.as_uri())
        self.until("document.readyState === 'complete'")
        self.settle()

    def settle(self) -> None:
        """Wait until the page is drawn, and its observers have been told."""
        frame = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
        for _ in range(3):
            self.value(frame)

    def value(self, expression: str) -> Any:  # noqa: ANN401 - JSON
        """What a JavaScript expression gives."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(json.dumps(answer["exceptionDetails"])[:1000])
        return answer["result"].get("value")

    def until(self, expression: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not self.value(expression):
            if time.monotonic() > deadline:
                message = f"never true: {expression}"
                raise BrowserError(message)
            time.sleep(0.02)

    def texts(self, selector: str) -> list[str]:
        found: list[str] = self.value(f"[...document.querySelectorAll({selector!r})].map((one) => one.textContent)")
        return found

    def rectangle(self, selector: str) -> Mapping[str, float]:
        rectangle: Mapping[str, float] = self.value(
            f"document.querySelector({selector!r}).getBoundingClientRect().toJSON()"
        )
        return rectangle

    def click(self, selector: str) -> None:
        self.value(f"document.querySelector({selector!r}).scrollIntoView({{block: 'nearest'}})")
        place = self.rectangle(selector)
        at = {"x": place["x"] + place["width"] / 2, "y": place["y"] + place["height"] / 2}
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)
        self.settle()

    def press(self, key: str) -> None:
        for kind in ("keyDown", "keyUp"):
            code = {"Tab": 9, "Enter": 13, "Escape": 27}.get(key, 0)
            letter = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **letter)
        self.settle()

    def write(self, selector: str, text: str) -> None:
        self.value(f"document.querySelector({selector!r}).focus()")
        self.ask("Input.insertText", text=text)
        self.settle()

    def screenshot(self, target: Path) -> None:
        target.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))

    def complaints(self) -> list[str]:
        """Everything that the browser logged about this page, and each request that left it."""
        return [
            said for event in self.browser.events if event.get("sessionId") == self.session for said in _said(event)
        ]


def _said(event: Answer) -> list[str]:
    given = event["params"]
    if event["method"] in {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}:
        return [json.dumps(given)[:500]]
    url = given.get("request", {}).get("url", "") if event["method"] == "Network.requestWillBeSent" else ""
    return [] if url.startswith(("data:", "file:")) or not url else [url]
