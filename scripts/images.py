"""Write lambda/catalogue/images.json from the files of the SageMaker SDK, which pip fetches from the package index.

`python scripts/images.py` writes it; `python scripts/images.py --check` writes nothing, says what differs and what
newer versions there are, and ends with 1 where the file would change. `--version 2.28.0` takes another SDK.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from catalogue.image_lines import LINES, Line  # noqa: E402  # the project's root is on the path only now

PACKAGE = "sagemaker-core"
VERSION = "2.27.0"
LICENCE = "Apache-2.0"
FOLDER = "sagemaker/core/image_uri_config/"
TARGET = ROOT / "lambda" / "catalogue" / "images.json"
PATIENCE_S = 300

Config = dict[str, Any]
"""One of the SDK's files: JSON whose parts differ from file to file."""


class SourceError(Exception):
    """The SDK's files do not say what the catalogue takes from them."""


def part(line: Line, config: Config) -> tuple[Config, Config]:
    """A line's part of a file, and its version in that part."""
    whole = config[line.scope] if line.scope else config
    if line.version not in whole["versions"]:
        message = f"{line.config}.json has no version {line.version}"
        raise SourceError(message)
    version = whole["versions"][line.version]
    return whole, version[line.base] if line.base else version


def tag(line: Line, config: Config) -> str:
    """The tag that the SDK gives an image: the version, then whatever that file says belongs into it."""
    whole, version = part(line, config)
    pythons = version.get("py_versions", [])
    if len(pythons) > 1:
        message = f"{line.config}.json {line.version} has several Pythons: {', '.join(pythons)}"
        raise SourceError(message)
    first = version.get("tag_prefix", line.version)
    if line.base:
        first = f"{line.base.removeprefix('pytorch')}-transformers{line.version}"
    in_tag = version.get("processor_in_tag", True) and (whole.get("processors") or version.get("processors"))
    if line.config == "sagemaker-tritonserver" and line.processor == "gpu":
        in_tag = False  # Triton names the processor where it is a CPU only
    words = [first, line.processor if in_tag else "", *pythons]
    words.append(version.get("container_version", {}).get(line.processor, ""))
    if line.architecture == "arm64":
        words.append("sagemaker")
    return "-".join(word for word in words if word)


def document(configs: Mapping[str, Config], version: str, published: str, lines: Mapping[str, Line]) -> Any:  # noqa: ANN401 - JSON
    """What images.json holds; raise SourceError where the files contradict themselves or the lines."""
    accounts: dict[str, dict[str, str]] = {}
    regions: dict[str, dict[str, str]] = {}
    for name, line in lines.items():
        registries = part(line, configs[line.config])[1]["registries"]
        shared = accounts.setdefault(line.accounts, {})
        for region, account in registries.items():
            if shared.setdefault(region, account) != account:
                message = f"{name} lies in {account} in {region}, others of {line.accounts} in {shared[region]}"
                raise SourceError(message)
        regions[name] = registries
    return {
        "source": f"https://pypi.org/project/{PACKAGE}/{version}/ ({FOLDER}*.json)",
        "version": version,
        "licence": LICENCE,
        "published": published,
        "written by": "scripts/images.py",
        "accounts": {group: dict(sorted(found.items())) for group, found in sorted(accounts.items())},
        "images": {
            name: {
                "accounts": line.accounts,
                "repository": part(line, configs[line.config])[1]["repository"],
                "tag": line.published_tag or tag(line, configs[line.config]),
                "not in": sorted(accounts[line.accounts].keys() - regions[name].keys()),
            }
            for name, line in lines.items()
        },
    }


def text(found: dict[str, Any]) -> str:
    """JSON that people can read and diff: a region and its account, or an image, on one line."""
    parts = []
    for key, value in found.items():
        inner = value
        if isinstance(value, dict):
            rows = [f"    {json.dumps(name)}: {_row(row)}" for name, row in value.items()]
            inner = "{\n" + ",\n".join(rows) + "\n  }"
        else:
            inner = json.dumps(value)
        parts.append(f"  {json.dumps(key)}: {inner}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _row(row: dict[str, Any]) -> str:
    if all(isinstance(value, str) and value.isdigit() for value in row.values()):
        return "{\n" + ",\n".join(f"      {json.dumps(key)}: {json.dumps(row[key])}" for key in row) + "\n    }"
    return json.dumps(row)


def newer(configs: Mapping[str, Config], lines: Mapping[str, Line]) -> list[str]:
    """Versions that the SDK has beyond those in the catalogue, for a person to decide about."""
    newest: dict[tuple[str, str], Line] = {}
    for line in lines.values():
        known = newest.setdefault((line.config, line.scope), line)
        newest[line.config, line.scope] = max(known, line, key=lambda one: _numbers(one.version))
    found = []
    for (config, scope), line in sorted(newest.items()):
        whole, _ = part(line, configs[config])
        later = [one for one in whole["versions"] if _numbers(one) > _numbers(line.version)]
        where = f"{config} {scope}".strip()
        found += [f"{where} is {line.version} in the catalogue; the SDK has {', '.join(later)}"] if later else []
    return found


def _numbers(version: str) -> list[int]:
    return [int(word) for word in version.replace("-", ".").split(".") if word.isdigit()]


def read(wheel: Path) -> tuple[dict[str, Config], str]:
    """The files of a wheel that the lines need, and the day on which they were packed."""
    with ZipFile(wheel) as archive:
        names = {line.config for line in LINES.values()}
        configs = {name: json.loads(archive.read(f"{FOLDER}{name}.json")) for name in sorted(names)}
        days = [archive.getinfo(f"{FOLDER}{name}.json").date_time[:3] for name in names]
    year, month, day = max(days)
    return configs, f"{year:04}-{month:02}-{day:02}"


def download(version: str, folder: Path) -> Path:
    """The wheel of one version, without what it depends on."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(folder), f"{PACKAGE}=={version}"]
    try:
        outcome = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired as error:
        message = f"pip took more than {PATIENCE_S} s to fetch {PACKAGE} {version}"
        raise SourceError(message) from error
    wheels = list(folder.glob("*.whl"))
    if outcome.returncode or not wheels:
        said = (outcome.stderr.strip().splitlines() or ["nothing"])[-1]
        message = f"pip could not fetch {PACKAGE} {version} and said: {said}"
        raise SourceError(message)
    return wheels[0]


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or check it; return the exit code."""
    parser = argparse.ArgumentParser(
        description="Write lambda/catalogue/images.json from the files of the SageMaker SDK."
    )
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 where the file would change")
    parser.add_argument("--version", default=VERSION, help=f"of {PACKAGE} (default: {VERSION})")
    parser.add_argument("--wheel", type=Path, help="read this wheel instead of fetching one")
    chosen = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            wheel = chosen.wheel or download(chosen.version, Path(folder))
            version = wheel.name.split("-")[1]
            configs, published = read(wheel)
        wanted = text(document(configs, version, published, LINES))
    except (SourceError, OSError, KeyError, IndexError, ValueError, BadZipFile) as error:
        sys.stderr.write(f"images: {error}\n")
        return 2
    for line in newer(configs, LINES):
        sys.stderr.write(f"images: {line}\n")
    if chosen.check:
        same = TARGET.read_text(encoding="utf-8") == wanted
        sys.stderr.write(f"images: {TARGET.name} is {'as' if same else 'not as'} {PACKAGE} {version} says\n")
        return 0 if same else 1
    TARGET.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
