"""What the holder of a register notes about look-ups, for the staff who may know (第13条), and for nobody else.

Each look-up writes one record of one length, sealed with a key of the holder's side: whether a protected person was
asked for is nothing that the file's size, its time or whoever copies it tells. Only the numbers of the tickets with
which one was asked for come out again.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag

from governance.errors import Unavailable
from masking.keys import KeyRing

FILE = ".look-ups"

_USE = "look-ups"
_BODY = 128


class Watch:
    """The notes of one holder.

    Args:
        folder: the holder's own folder.
        keyring: seals the records.
    """

    def __init__(self, folder: Path, *, keyring: KeyRing) -> None:
        self._folder = folder
        self._keyring = keyring

    def note(self, ticket: str, *, alerted: bool) -> None:
        """Note one look-up, durably.

        Raises:
            Unavailable: it cannot be written; nothing may be answered then.
        """
        body = json.dumps({"ticket": ticket, "alerted": alerted}).encode().ljust(_BODY)
        if len(body) != _BODY:
            raise Unavailable("department-memory", file=FILE)
        line = base64.b64encode(self._keyring.seal(body, use=_USE)) + b"\n"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
            file = os.open(self._folder / FILE, flags, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if os.write(file, line) != len(line):
                    raise OSError
                os.fsync(file)
            finally:
                os.close(file)
        except OSError:
            raise Unavailable("department-memory", file=FILE) from None

    def alerts(self) -> tuple[str, ...]:
        """Numbers of the tickets with which a protected person was asked for, oldest first, each once.

        Raises:
            Unavailable: the notes cannot be read, or are not what was written.
        """
        try:
            lines = (self._folder / FILE).read_bytes().splitlines()
        except FileNotFoundError:
            return ()
        except OSError:
            raise Unavailable("department-memory", file=FILE) from None
        try:
            notes = [json.loads(self._keyring.unseal(base64.b64decode(line), use=_USE)) for line in lines]
        except (InvalidTag, ValueError):
            raise Unavailable("department-memory", file=FILE) from None
        return tuple(dict.fromkeys(str(note["ticket"]) for note in notes if note["alerted"]))
