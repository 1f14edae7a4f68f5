"""The server's door: programs of this machine come in, web pages do not."""

import socket
import urllib.error
import urllib.request

import pytest

from mlstack.local.application import own
from mlstack.local.aws import LocalAws
from mlstack.local.report import ROUTE


@pytest.mark.parametrize("host", ["localhost:5000", "127.0.0.1:5000", "bucket.localhost:5000"])
def test_a_program_that_means_this_machine_comes_in(host: str) -> None:
    assert own({"HTTP_HOST": host})


@pytest.mark.parametrize(
    "environ",
    [
        {"HTTP_HOST": "rebound.example:5000"},
        {"HTTP_HOST": "localhost.example:5000"},
        {"HTTP_HOST": ""},
        {},
        {"HTTP_HOST": "localhost:5000", "HTTP_ORIGIN": "https://page.example"},
        {"HTTP_HOST": "localhost:5000", "HTTP_SEC_FETCH_SITE": "cross-site"},
    ],
)
def test_a_web_page_does_not(environ: dict[str, str]) -> None:
    assert not own(environ)


def test_a_page_cannot_reset_the_server(local_aws: LocalAws) -> None:
    where = f"{local_aws.place.endpoint}/moto-api/reset"
    request = urllib.request.Request(where, method="POST", headers={"Origin": "https://page.example"})  # noqa: S310  # loopback

    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(request, timeout=5)  # noqa: S310  # loopback

    refused.value.close()


def test_the_server_listens_on_loopback_alone(local_aws: LocalAws) -> None:
    addresses = {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}

    for address in addresses - {"127.0.0.1", "127.0.1.1"}:
        with socket.socket() as visitor:
            assert visitor.connect_ex((address, local_aws.place.port)) != 0
    assert urllib.request.urlopen(local_aws.place.endpoint + ROUTE, timeout=5).status == 200  # noqa: S310  # loopback
