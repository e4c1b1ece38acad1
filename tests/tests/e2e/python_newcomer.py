"""The demonstration in a terminal, and what a newcomer does with what it prints. Arguments: the script, the build's directory."""

import contextlib
import io
import json
import os
import pty
import re
import select
import shlex
import subprocess
import sys
import time
import urllib.request

script, target = sys.argv[1:3]
WAITS = "Enter takes the fleet down."

pid, terminal = pty.fork()
if pid == 0:
    os.environ["CARGO_TARGET_DIR"] = target
    os.execv(script, [script])

said, until = "", time.monotonic() + 150


def hear(stop: str | None) -> None:
    """Reads what the demonstration prints, until it says something, or to its end."""
    global said
    while stop is None or stop not in said:
        assert time.monotonic() < until, said
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:  # the other side of the terminal is gone
            part = b""
        if not part:
            assert stop is None, said
            return
        said += part.decode("utf-8", "replace").replace("\r\n", "\n")


hear(WAITS)
try:
    # The page.
    console = re.search(r"All of this in a browser: (\S+/console/)", said).group(1)
    with urllib.request.urlopen(console) as page:
        assert page.status == 200 and b"<html" in page.read()[:400].lower()
    # The curl, as it stands there.
    curl = next(line for line in said.splitlines() if line.startswith("curl "))
    answer = json.loads(subprocess.run([*shlex.split(curl), "--silent", "--fail"], capture_output=True, check=True).stdout)
    # The Python, as it stands there.
    lines = said[said.index("import tier0") : said.index("All of this in a browser")]
    lines = re.sub(r"\x1b\[[0-9;]*m", "", lines)
    scope: dict = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(lines, scope)
    assert "prediction" in printed.getvalue(), printed.getvalue()
    import tier0

    directory = re.search(r'connect\("([^"]+)"\)', lines).group(1)
    endpoint = tier0.connect(directory).endpoint(re.search(r'endpoint\("([^"]+)"\)', lines).group(1))
    predicted = endpoint.predict(scope["rows"])
    of_curl = answer["predictions"][0]
    assert of_curl["prediction"] == predicted.prediction[0], (of_curl, predicted)
    for name, (probability,) in predicted.probabilities.items():
        assert of_curl[f"probability_{name}"] == probability, (of_curl, predicted)
finally:
    os.write(terminal, b"\n")
hear(None)
_, status = os.waitpid(pid, 0)
assert os.waitstatus_to_exitcode(status) == 0, said
assert not os.path.exists(directory), "the demonstration leaves its directory"
