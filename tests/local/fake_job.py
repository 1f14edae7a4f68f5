"""A container for jobs that is cheap to start: what it does, its hyperparameters or its arguments say."""

TRAINING = """
import json, os, pathlib, signal, sys, time
base = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])
config = base / "input" / "config"
wanted = json.loads((config / "hyperparameters.json").read_text())
resources = json.loads((config / "resourceconfig.json").read_text())
model, checkpoints = base / "model", base / "checkpoints"
ended = []
def end(number, frame):
    print("told to end", flush=True)
    ended.append(number)
if "deaf" in wanted:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
else:
    signal.signal(signal.SIGTERM, end)
print(sys.argv[1:], resources["current_host"], "of", len(resources["hosts"]), flush=True)
(model / "files.json").write_text(json.dumps({
    path.relative_to(base).as_posix(): path.read_text() for path in sorted((base / "input" / "data").rglob("*"))
    if path.is_file()}))
(model / f"{resources['current_host']}.json").write_text(json.dumps({
    "environment": dict(os.environ), "hyperparameters": wanted, "resources": resources,
    "channels": json.loads((config / "inputdataconfig.json").read_text())}))
for line in json.loads(wanted.get("say", "[]")):
    print(line, flush=True)
if "leave" in wanted:
    (base / "output" / "data" / "report.txt").write_text(wanted["leave"])
if "checkpoint" in wanted:
    before = checkpoints / "state.txt"
    print("resumed" if before.exists() else "fresh", flush=True)
    (checkpoints / "log.txt").write_text("resumed" if before.exists() else "fresh")
    if not before.exists():
        before.write_text("half")
        wanted["sleep"] = "60"
until = time.monotonic() + float(wanted.get("sleep", 0))
while time.monotonic() < until and not ended:
    time.sleep(0.01)
if ended:
    (model / "stopped.txt").write_text("saved in time")
if "fail" in wanted and resources["current_host"] == wanted.get("host", "algo-1"):
    if wanted["fail"]:
        (base / "output" / "failure").write_text(wanted["fail"])
    sys.exit(3)
if "x" in wanted:
    print(f"validation:score={-(float(wanted['x']) - 3) ** 2};", flush=True)
    until = time.monotonic() + float(wanted.get("linger", 0))
    while time.monotonic() < until and not ended:
        time.sleep(0.01)
"""
PROCESSING = """
import json, os, pathlib, sys, time
base, root = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"]), pathlib.Path(os.environ["SAGEMAKER_PROCESSING_DIR"])
host = json.loads((base / "config" / "resourceconfig.json").read_text())["current_host"]
print("processing", sys.argv[1:], flush=True)
files = {path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()}
out = root / "output"
out.mkdir(exist_ok=True)
(out / f"{host}.json").write_text(json.dumps({"files": files, "environment": dict(os.environ),
    "config": json.loads((base / "config" / "processingjobconfig.json").read_text())}))
if "--message" in sys.argv:
    (base / "output" / "message").write_text("said at the end")
if "--sleep" in sys.argv:
    time.sleep(60)
sys.exit(2 if "--fail" in sys.argv else 0)
"""
DOCKERFILE = """
FROM python:3.13-slim
WORKDIR /srv
COPY job ./job
ENTRYPOINT ["python", "-m", "job"]
"""
SOURCE = {"Dockerfile": DOCKERFILE, "job/__main__.py": TRAINING, "job/process.py": PROCESSING, "job/__init__.py": ""}
