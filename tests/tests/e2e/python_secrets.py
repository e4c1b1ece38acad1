"""Files of secrets that the client reads, as the processes of a fleet read theirs. Argument: a token of a fleet, which no message may show."""

import os
import sys
import tempfile
from pathlib import Path

import tier0
from tier0 import _secrets

token = sys.argv[1]
work = Path(tempfile.mkdtemp(prefix="tier0-python-"))
path = work / "token"


def refusal(what) -> str:
    try:
        what()
    except tier0.SecretFileError as error:
        assert error.code == "secret_file" and token not in str(error), error
        return str(error)
    raise AssertionError("a file that is open to others was read")


def connect() -> tier0.Fleet:
    return tier0.connect(api_url="http://127.0.0.1:9")


path.write_text(token + "\n")
for variable in ("TIER0_API_TOKEN_FILE", "TIER0_SERVING_TOKEN_FILE"):
    os.environ[variable] = str(path)
    for mode in (0o644, 0o640, 0o620, 0o604, 0o666):
        path.chmod(mode)
        said = refusal(connect)
        assert f"mode {mode:04o}" in said and f"chmod 600 {path}" in said, said
    for mode in (0o600, 0o400):
        path.chmod(mode)
        connect()
    path.chmod(0o600)
    for wrong, why in (("", "is empty"), (" \n", "is empty"), ("x" * (64 << 10) + "x", "more than 65536 bytes")):
        path.write_text(wrong)
        assert why in refusal(connect)
    path.write_bytes(b"\xff\xfe")
    assert "UTF-8" in refusal(connect)
    path.write_text(token + "\n")
    os.environ[variable] = str(work / "none")
    assert "cannot read" in refusal(connect)
    os.environ[variable] = str(work)
    assert "cannot read" in refusal(connect)
    del os.environ[variable]

# The key of the certificate by which a fleet knows the program, in a file of its own or beside the certificate.
path.chmod(0o644)
for certificate in ((work / "any.pem", path), path):
    said = refusal(lambda: tier0.connect(api_url="https://127.0.0.1:9", client_certificate=certificate))
    assert "mode 0644" in said, said

# A secret that Kubernetes mounts is root's, and its group may read it.
assert not 0o440 & _secrets._open_bits(0, 65532) and 0o440 & _secrets._open_bits(0, 0)
assert 0o440 & _secrets._open_bits(1000, 1000) and 0o460 & _secrets._open_bits(0, 65532)
