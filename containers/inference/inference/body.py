"""A request's body, as it arrives."""

import asyncio
from collections.abc import AsyncIterable

from inference.refusal import RefusalError


async def read(chunks: AsyncIterable[bytes], declared: str | None, *, max_bytes: int, seconds: float) -> bytes:
    """All chunks; raise RefusalError for more than ``max_bytes``, as soon as that is known, or longer than ``seconds``.

    ``declared`` is the Content-Length, which a chunked request has not.
    """
    if declared and declared.isdecimal() and int(declared[:20]) > max_bytes:
        raise _too_large(max_bytes)
    found = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in chunks:
                found += chunk
                if len(found) > max_bytes:
                    raise _too_large(max_bytes)
    except TimeoutError as error:
        raise RefusalError(408, "too_slow", f"the body did not arrive within {seconds:g} seconds") from error
    return bytes(found)


def _too_large(max_bytes: int) -> RefusalError:
    return RefusalError(413, "too_large", f"the body is larger than {max_bytes:,} bytes")
