#!/usr/bin/env bash
# StringSplit without a delimiter: ONNX says "consecutive whitespace", ONNX Runtime splits at spaces alone.
#
# Versions: onnx 1.23.2, onnxruntime 1.32.0 (CPU provider), numpy 2.4.6.
# Guess: tabs and line ends separate words as spaces do, as the operator's text and onnx's own reference evaluator have it.
# Seen: "a<TAB>b c<LF>d" is four words to the reference evaluator and two to ONNX Runtime; runs of spaces are one separator to both.
# So a text that was tokenised by whitespace in training is tokenised otherwise where it is served.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6
"$work/venv/bin/python" - <<'PYTHON'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

texts = helper.make_tensor_value_info("texts", TensorProto.STRING, ["n"])
words = helper.make_tensor_value_info("words", TensorProto.STRING, ["n", "k"])
counts = helper.make_tensor_value_info("counts", TensorProto.INT64, ["n"])
graph = helper.make_graph([helper.make_node("StringSplit", ["texts"], ["words", "counts"])], "split", [texts], [words, counts])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
onnx.checker.check_model(model)
rows = np.array(["a\tb c\nd", "a   b"], dtype=object)
reference = [int(count) for count in ReferenceEvaluator(model).run(["counts"], {"texts": rows})[0]]
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
found, runtime = session.run(["words", "counts"], {"texts": rows})
print("reference evaluator:", reference)
print("onnxruntime:        ", runtime.tolist(), found.tolist())
assert reference == [4, 2], reference
assert runtime.tolist() == [2, 2], runtime
assert found[0][0] == "a\tb", found
PYTHON
