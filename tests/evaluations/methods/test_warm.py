"""What a warm sandbox has imported is all that a usual run needs."""

import subprocess
import sys
from pathlib import Path

from tests.factories.bundles import diabetes_bundle

PROJECT = Path(__file__).resolve().parents[3]
RUN = """
import sys
from pathlib import Path
import evaluations.methods.warm
from evaluations.methods import parameters, registry, results
from evaluations.readers.bundle import load_bundle
before = set(sys.modules)
for name in ("performance.claim", "fairness.group"):
    method = registry.get(name)
    given = parameters.checked(method.parameters, {})
    results.run_method(method, load_bundle(Path(sys.argv[1])), given, seed=1, folder=Path(sys.argv[2]))
new = set(sys.modules) - before
print(sorted(name for name in new if name.partition(".")[0] in ("scipy", "numpy", "onnxruntime")))
"""


def test_a_run_in_a_warm_sandbox_imports_no_library_anew(tmp_path):
    folder = diabetes_bundle(tmp_path / "bundle")
    command = [sys.executable, "-c", RUN, str(folder), str(tmp_path)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
