"""The last line of a file: a digest of all before it, so that damage is found before it is read."""

from hashlib import sha256

from scr.errors import FitError

_MARK = b"\nscr-sha256:"
_LENGTH = len(_MARK) + 2 * sha256().digest_size


def sealed(content: bytes | memoryview) -> bytes:
    """Content with its digest behind it; programs that read HDF5 pass over it.

    Parameters
    ----------
    content
        A whole file.

    Examples
    --------
    >>> opened(sealed(b"content"), "fit.nc")
    b'content'
    """
    whole = bytes(content)
    return whole + _MARK + sha256(whole).hexdigest().encode("ascii")


def opened(content: bytes, name: str) -> bytes:
    """The content of a sealed file.

    Parameters
    ----------
    content
        The file with its digest.
    name
        Its name, for the message.

    Raises
    ------
    FitError
        If there is no digest, or it is that of another content.
    """
    body, seal = content[:-_LENGTH], content[-_LENGTH:]
    if not seal.startswith(_MARK):
        msg = (
            f"{name} is not a whole file that Fit.save of this version wrote: its last line, with "
            "the digest of all before, is not there. It was cut short, written by an earlier "
            "version, or changed by another program. Copy it again, or fit again."
        )
        raise FitError(msg)
    if sha256(body).hexdigest().encode("ascii") != seal[len(_MARK) :]:
        msg = (
            f"{name} is damaged: its content is not what Fit.save wrote, as its digest tells. "
            "Copy it again from where it was whole, or fit again."
        )
        raise FitError(msg)
    return body
