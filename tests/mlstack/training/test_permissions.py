"""The page on training names every permission that the commands need, and none that they do not."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import botocore.session
from botocore import xform_name

ROOT = Path(__file__).parents[3]
PREFIXES = {"stepfunctions": "states"}
SERVICES = ("cloudformation", "lambda", "logs", "sagemaker", "stepfunctions")
S3 = {
    "download_file": {"s3:GetObject"},
    "get_object": {"s3:GetObject"},
    "list_objects_v2": {"s3:ListBucket"},
    "put_object": {"s3:PutObject"},
    "upload_fileobj": {"s3:PutObject", "s3:AbortMultipartUpload"},
}
"""Whose actions are not called as its operations are."""
WORDS = {"Search"}
"""Operations that are called as what others do, here regular expressions."""
INVOKE = {"lambda:Invoke": "lambda:InvokeFunction"}
ELSEWHERE = {"sagemaker:ListTags"}
"""What `mlstack endpoint list` needs, for the endpoints that runs made."""


def operations() -> dict[str, set[str]]:
    """The actions by the names of boto3's methods."""
    found = dict(S3)
    session = botocore.session.get_session()
    for service in SERVICES:
        for operation in session.get_service_model(service).operation_names:
            if operation in WORDS:
                continue
            action = f"{PREFIXES.get(service, service)}:{operation}"
            found.setdefault(xform_name(operation), set()).add(INVOKE.get(action, action))
    return found


def called() -> Iterator[str]:
    """The names of the methods that the commands call, and of the paginators that they ask for."""
    files = [*(ROOT / "mlstack" / "training").rglob("*.py"), ROOT / "mlstack" / "deployment.py"]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr="get_paginator"), args=[ast.Constant(value=str(name))]):
                    yield name
                case ast.Call(func=ast.Attribute(attr=name)):
                    yield name


def test_the_page_names_what_the_commands_need() -> None:
    page = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    section = page.partition("## Who may do it")[2].partition("\n## ")[0]
    known = operations()

    needed = set[str]().union(*(known[name] for name in called() if name in known))

    assert set(re.findall(r"`((?:cloudformation|lambda|logs|s3|sagemaker|states):\w+[a-z])`", section)) == (
        needed | ELSEWHERE
    )
