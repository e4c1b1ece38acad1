"""A wheel that carries the programs, in an environment that has nothing else. Arguments: scripts/wheel, the build's directory."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

script, target = sys.argv[1:3]
work = Path(tempfile.mkdtemp(prefix="tier0-wheel-"))
made = {**os.environ, "CARGO_TARGET_DIR": target, "WHEEL_PYTHON": sys.executable, "WHEEL_FOR_TESTS": "1"}
subprocess.run([script, str(work / "wheel")], env=made, check=True)
(wheel,) = (work / "wheel").glob("tier0-*-py3-none-linux_*.whl")
assert wheel.stat().st_size < 300 << 20, wheel.stat().st_size

subprocess.run([sys.executable, "-m", "venv", str(work / "empty")], check=True)
# Nothing of this machine but the system's own programs: no Rust, no nats-server, no home.
bare = {"PATH": "/usr/bin:/bin", "HOME": str(work), "TMPDIR": str(work)}
empty = work / "empty" / "bin"
pip = [str(empty / "pip"), "install", "--quiet", "--disable-pip-version-check", "--no-index", str(wheel)]
subprocess.run(pip, env=bare, check=True)
version = subprocess.run([str(empty / "tier0"), "--version"], env=bare, check=True, capture_output=True, text=True).stdout
assert version.startswith("tier0 "), version

LEARN = """
import sys, tier0
fleet = tier0.connect(sys.argv[1])
rows = [{"x": float(i % 17), "c": "ab"[i % 2], "y": "Yes" if i % 17 + i % 2 * 5 + i % 7 > 12 else "No"} for i in range(800)]
predictor = tier0.TabularPredictor("y", fleet=fleet).fit(rows, time_limit=2, progress=False)
assert set(predictor.predict(rows[:20])) <= {"Yes", "No"}
assert tier0.compare(rows[:400], rows[400:])["verdict"] == "none"
"""
fleet = str(work / "fleet")
try:
    subprocess.run([str(empty / "tier0"), "up", "--detach", "--dir", fleet], env=bare, check=True)
    subprocess.run([str(empty / "python"), "-c", LEARN, fleet], env=bare, check=True)
finally:
    subprocess.run([str(empty / "tier0"), "down", "--dir", fleet], env=bare, check=False)
    subprocess.run(["rm", "-rf", str(work)], check=False)
