"""A container that is cheap to start: it answers with its model's text and its own setting, and fails on request."""

import io
import tarfile

SERVER = """
import http.server, os, pathlib, sys, time
print("hello from the container", flush=True)
if os.environ.get("ENDS"):
    sys.exit(3)
model = pathlib.Path(os.environ["SM_MODEL_DIR"], "answer.txt")
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if os.environ.get("UNWELL") else 200)
        self.end_headers()
        if self.path == "/execution-parameters":
            self.wfile.write(os.environ.get("PARAMETERS", "").encode())
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if body == "crash":
            os._exit(1)
        time.sleep(float(body.removeprefix("sleep ")) if body.startswith("sleep ") else 0)
        said = (model.read_text() if model.exists() else "no model", os.environ.get("SETTING", ""), body)
        answer = "|".join(said).encode()
        self.send_response(422 if body == "refuse" else 500 if body == "fail" else 200)
        self.send_header("Content-Type", self.headers.get("Accept", "text/plain"))
        attributes = "X-Amzn-SageMaker-Custom-Attributes"
        self.send_header(attributes, self.headers.get(attributes, ""))
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    def log_message(self, *args):
        print("request", self.headers.get("Content-Type"), flush=True)
    def address_string(self):
        return "anybody"
http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""
DOCKERFILE = """
FROM python:3.13-slim
WORKDIR /srv
RUN pip install nothing
COPY serving ./serving
ENTRYPOINT ["python", "-m", "serving"]
"""
SOURCE = {"Dockerfile": DOCKERFILE, "serving/__main__.py": SERVER, "serving/__init__.py": ""}
BUILDSPEC = """
version: 0.2
phases:
  pre_build:
    commands:
      - aws ecr get-login-password | docker login --username AWS --password-stdin $IMAGE_REPOSITORY_URI
  build:
    commands:
      - docker build -t $IMAGE_REPOSITORY_URI:$IMAGE_TAG .
      - docker push $IMAGE_REPOSITORY_URI:$IMAGE_TAG
"""


def archive(**files: str) -> bytes:
    """A model.tar.gz."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(name.replace("_", "."))
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()
