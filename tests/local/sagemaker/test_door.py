"""What is a request to SageMaker's runtime, and what the container gets of it."""

import io
from typing import Any

import pytest

from mlstack.local.sagemaker.door import Answer, Asked, Code, InvocationError, answer, read

SIGNED = "AWS4-HMAC-SHA256 Credential=KEY/20261122/us-east-1/sagemaker/aws4_request, SignedHeaders=host"
REQUEST: dict[str, Any] = {
    "REQUEST_METHOD": "POST",
    "PATH_INFO": "/endpoints/waste/invocations",
    "HTTP_AUTHORIZATION": SIGNED,
    "HTTP_X_AMZN_SAGEMAKER_CUSTOM_ATTRIBUTES": "a=1",
    "CONTENT_TYPE": "image/jpeg",
    "CONTENT_LENGTH": "2",
    "wsgi.input": io.BytesIO(b"hi"),
}


def test_a_request_is_read_with_what_the_container_gets() -> None:
    asked = read(REQUEST)

    assert asked is not None
    assert (asked.endpoint, asked.asynchronous, asked.body) == ("waste", False, b"hi")
    assert asked.forwarded() == {"Content-Type": "image/jpeg", "X-Amzn-SageMaker-Custom-Attributes": "a=1"}


@pytest.mark.parametrize(
    "changed",
    [
        {"REQUEST_METHOD": "PUT"},
        {"PATH_INFO": "/endpoints/waste/invocations/more"},
        {"PATH_INFO": "/endpoints/a/b/invocations"},
        {"HTTP_AUTHORIZATION": SIGNED.replace("sagemaker", "s3")},
        {"HTTP_AUTHORIZATION": ""},
    ],
)
def test_a_request_to_another_service_is_left_alone(changed: dict[str, Any]) -> None:
    assert read({**REQUEST, **changed}) is None


def test_an_asynchronous_request_says_its_type_in_a_header_of_its_own() -> None:
    headers = {"content-type": "application/json", "x-amzn-sagemaker-content-type": "image/png"}

    assert Asked("waste", asynchronous=True, body=b"", headers=headers).forwarded() == {"Content-Type": "image/png"}


@pytest.mark.parametrize(("code", "expected"), [(Code.MODEL, "ModelError"), (Code.NOTHING, None)])
def test_a_refusal_has_awss_header_and_body(code: Code, expected: str | None) -> None:
    def refuse(_asked: Asked) -> Answer:
        raise InvocationError(code, "because", 424, OriginalStatusCode=400)

    said = answer(Asked("waste", asynchronous=False, body=b"", headers={}), refuse)

    assert said.status == 424
    assert said.headers.get("x-amzn-ErrorType") == expected
    assert b'"OriginalStatusCode": 400' in said.body
