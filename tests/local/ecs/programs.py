"""An image of small programs that tasks are made of."""

PROGRAMS = """
import http.server, json, os, pathlib, signal, sys, threading, time

def serve(*_):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(503 if pathlib.Path(os.environ["SM_MODEL_DIR"], "sick").exists() else 200)
            self.end_headers()
        def log_message(self, *args):
            pass
    server = http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler)
    print("serving", flush=True)
    server.serve_forever()

def wait(*words):
    print("waiting", *words, flush=True)
    threading.Event().wait()

def gentle(seconds="0"):
    def end(*_):
        print("ending", flush=True)
        time.sleep(float(seconds))
        sys.exit(0)
    signal.signal(signal.SIGTERM, end)
    print("waiting", flush=True)
    threading.Event().wait()

def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("waiting", flush=True)
    threading.Event().wait()

def end(code="0"):
    print("ends with", code, flush=True)
    sys.exit(int(code))

def write(path, text):
    pathlib.Path(path).write_text(text)

def read(path):
    print(pathlib.Path(path).read_text(), flush=True)

def tell(*names):
    print(json.dumps({name: os.environ.get(name) for name in names}), flush=True)

globals()[sys.argv[1]](*sys.argv[2:])
"""
DOCKERFILE = """
FROM python:3.13-slim
WORKDIR /srv
COPY programs ./programs
ENTRYPOINT ["python", "-m", "programs"]
"""
SOURCE = {"Dockerfile": DOCKERFILE, "programs/__main__.py": PROGRAMS, "programs/__init__.py": ""}
PING = (
    "import os,urllib.request as u; "
    "u.urlopen('http://127.0.0.1:'+os.environ['SAGEMAKER_BIND_TO_PORT']+'/ping', timeout=2)"
)
"""What asks a program that serves whether it is well."""
