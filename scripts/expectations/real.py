"""Great Expectations on pandas: a suite on a file gives a result."""

import json
import logging
import os
import sys
import warnings

os.environ["GX_ANALYTICS_ENABLED"] = "false"
warnings.filterwarnings("ignore")

import great_expectations as gx  # noqa: E402
import pandas as pd  # noqa: E402

logging.disable(logging.CRITICAL)


def batch_of(path):
    table = pd.read_parquet(path) if path.endswith(".parquet") else pd.read_csv(path)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("table")
    definition = asset.add_batch_definition_whole_dataframe("whole")
    return definition.get_batch({"dataframe": table})


def validate(batch, suite, result_format):
    made = gx.ExpectationSuite(
        name=suite["name"],
        expectations=suite["expectations"],
        suite_parameters=suite.get("suite_parameters") or {},
    )
    return batch.validate(made, result_format=result_format).to_json_dict()


if __name__ == "__main__":
    data, suite, result_format, out = sys.argv[1:]
    with open(suite) as file:
        result = validate(batch_of(data), json.load(file), result_format)
    with open(out, "w") as file:
        json.dump(result, file)
