"""Places in S3, as SageMaker's requests write them."""

from urllib.parse import urlsplit


def place(uri: str) -> tuple[str, str]:
    """Bucket and key of an s3:// or a path-style https:// URL."""
    parts = urlsplit(uri)
    if parts.scheme == "s3":
        return parts.netloc, parts.path.lstrip("/")
    host = parts.netloc.split(".")
    if host[0] == "s3" or host[0].startswith("s3-"):
        bucket, _, key = parts.path.lstrip("/").partition("/")
        return bucket, key
    return parts.netloc.partition(".s3")[0], parts.path.lstrip("/")


def below(uri: str, *names: str) -> str:
    """A place below another."""
    return "/".join([uri.rstrip("/"), *names])
