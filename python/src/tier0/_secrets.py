"""Files that hold a secret: one that others than this program's user can read or change is refused, as the processes of a fleet refuse it."""

from __future__ import annotations

import os
import stat
from typing import IO

from .errors import SecretFileError

__all__ = ["check", "read"]

#: Longest secret, in bytes: a token.
_MOST = 64 << 10


def read(path: str | os.PathLike[str]) -> str:
    """The secret of a file, without the blanks around it.

    Raises:
        SecretFileError: The file cannot be read, is open to others, is empty or is too long.
    """
    # What was opened is looked at, and not what stands under the path a moment later.
    with _open_closed(path) as file:
        content = file.read(_MOST + 1)
    if len(content) > _MOST:
        raise SecretFileError(
            f"{os.fspath(path)} has more than {_MOST} bytes, which is the most that a secret of its kind has"
        )
    try:
        text = content.decode().strip()
    except UnicodeDecodeError:
        raise SecretFileError(f"{os.fspath(path)} is no text in UTF-8") from None
    if not text:
        raise SecretFileError(f"{os.fspath(path)} is empty; expected a secret")
    return text


def check(path: str | os.PathLike[str]) -> None:
    """Looks whether a file can be read and is closed to others, for what reads it by its path.

    Raises:
        SecretFileError: It is not so.
    """
    # A pipe gives what it holds once.
    if not stat.S_ISFIFO(_status(path).st_mode):
        _open_closed(path).close()


def _status(path: str | os.PathLike[str]) -> os.stat_result:
    try:
        return os.stat(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _open_closed(path: str | os.PathLike[str]) -> IO[bytes]:
    try:
        file = open(path, "rb")
    except OSError as error:
        raise _unreadable(path, error) from error
    status = os.fstat(file.fileno())
    # Systems without users by number have other means.
    if hasattr(os, "geteuid") and stat.S_ISREG(status.st_mode):
        mode = stat.S_IMODE(status.st_mode) & 0o777
        if mode & _open_bits(status.st_uid, os.geteuid()):
            file.close()
            shown = os.fspath(path)
            raise SecretFileError(
                f"the secret in {shown} can be read or changed by others (mode {mode:04o}); close it with `chmod 600 {shown}`,"
                " and renew the secret if others may have read it"
            )
    return file


def _open_bits(owner: int, user: int) -> int:
    """The permission bits by which a file of this owner is open to others than this user: of root, the user's group may read it."""
    return 0o037 if owner == 0 and user != 0 else 0o077


def _unreadable(path: str | os.PathLike[str], error: OSError) -> SecretFileError:
    return SecretFileError(f"cannot read {os.fspath(path)}: {error.strerror}")
