"""Runs every block of the guide, from top to bottom, on a fleet that is there. Arguments: the guide, the fleet's directory."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

guide, directory = Path(sys.argv[1]), sys.argv[2]
program = os.environ["TIER0_PROGRAM"]
os.environ["TIER0_DIR"] = directory
os.environ["PATH"] = f"{Path(program).parent}:{os.environ['PATH']}"
os.chdir(tempfile.mkdtemp(prefix="tier0-guide-"))

# What the test itself has done, and will do.
BY_THE_TEST = {"pip install ./python", "tier0 up --detach", "tier0 down"}

text = guide.read_text(encoding="utf-8")
blocks = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
assert len(blocks) == text.count("```") // 2, "a block that is not understood"
done: set[str] = set()
scope: dict = {"__name__": "guide"}
for language, block in blocks:
    print(f"--- {language}\n{block}", file=sys.stderr)
    if language == "sh":
        for line in block.strip().splitlines():
            if line in BY_THE_TEST:
                done.add(line)
            else:
                subprocess.run(["bash", "-euo", "pipefail", "-c", line], check=True)
    else:
        assert language == "python", f"a block in {language}"
        exec(compile(block, str(guide), "exec"), scope)
assert done == BY_THE_TEST, f"the guide does not say {BY_THE_TEST - done}"
assert sum(language == "python" for language, _ in blocks) > 8
