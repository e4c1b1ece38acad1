#!/usr/bin/env bash
# expect_column_values_to_be_in_type_list never finds the texts of pandas 3, which expect_column_values_to_be_of_type finds.
#
# Versions: great_expectations 1.24.1, pandas 3.1.1, numpy 2.4.6.
# Guess: a column is in the list ["str"] where it is of the type "str", as a column of numbers is in ["int64"] where it is of "int64".
# Seen: a column of texts is of the type "str" and in no list: not in ["str"], ["str", "object"] or ["string", "StringDtype"], although the
# result says that its type is "str". The list is compared as types of NumPy, the single name as a text.
# So a suite that allows a column to be text or something else fails on every table with pandas 3.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: great_expectations==1.24.1 pandas==3.1.1 numpy==2.4.6
GX_ANALYTICS_ENABLED=false "$work/venv/bin/python" - <<'PYTHON'
import logging
import warnings

warnings.filterwarnings("ignore")
import great_expectations as gx
import pandas as pd

logging.disable(logging.CRITICAL)
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False}
asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("table")
table = pd.DataFrame({"text": ["a", "b"], "number": [1, 2]})
batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": table})


def listed(column, names):
    result = batch.validate(gx.expectations.ExpectColumnValuesToBeInTypeList(column=column, type_list=names))
    return bool(result.success), result.result["observed_value"]


def single(column, name):
    return bool(batch.validate(gx.expectations.ExpectColumnValuesToBeOfType(column=column, type_=name)).success)


found = {
    "number of int64": single("number", "int64"),
    "number in [int64]": listed("number", ["int64"]),
    "text of str": single("text", "str"),
    "text in [str]": listed("text", ["str"]),
    "text in [str, object]": listed("text", ["str", "object"]),
    "text in [string, StringDtype]": listed("text", ["string", "StringDtype"]),
}
print(found)
assert found == {
    "number of int64": True,
    "number in [int64]": (True, "int64"),
    "text of str": True,
    "text in [str]": (False, "str"),
    "text in [str, object]": (False, "str"),
    "text in [string, StringDtype]": (False, "str"),
}, found
PYTHON
