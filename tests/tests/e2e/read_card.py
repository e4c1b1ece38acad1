# Reads a model card as the Hugging Face Hub does, without the Hub, and prints what it found in it.
import json
import sys

from huggingface_hub import EvalResult, ModelCard
from huggingface_hub.repocard_data import eval_results_to_model_index

card = ModelCard(open(sys.argv[1], encoding="utf-8").read())
data = card.data.to_dict()
results = card.data.eval_results
for result in results:
    assert isinstance(result, EvalResult), result
    # YAML takes some spellings of numbers for texts.
    assert isinstance(result.metric_value, float), result
    assert result.dataset_split == "test", result
# What the library writes of what it read is what it read.
index = eval_results_to_model_index(card.data.model_name, results)
assert index == data["model-index"], (index, data["model-index"])
again = ModelCard(str(card))
assert again.data.to_dict() == data and again.text == card.text
assert "license" not in data, data["license"]
print(json.dumps({
    "name": card.data.model_name,
    "library": card.data.library_name,
    "pipeline": data["pipeline_tag"],
    "tags": card.data.tags,
    "metrics": card.data.metrics,
    "results": {result.metric_type: result.metric_value for result in results},
    "tasks": sorted({result.task_type for result in results}),
    "text": card.text,
}))
