#!/usr/bin/env bash
# expect_column_to_exist with column_index 0 does not look at the place of the column.
#
# Versions: great_expectations 1.24.1, pandas 3.1.1, numpy 2.4.6.
# Guess: `column_index=0` asks that the column is the first, as `column_index=1` asks that it is the second.
# Seen: of columns a, b, the column b is met at index 0 and at index 1, and not at index 2; 0 is taken for "no index given".
# So a suite that pins the first column of a file passes when another column comes before it.
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
batch = asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": pd.DataFrame({"a": [1], "b": [2]})})
found = {
    index: bool(batch.validate(gx.expectations.ExpectColumnToExist(column="b", column_index=index)).success)
    for index in (0, 1, 2)
}
print("column b at index:", found)
assert found == {0: True, 1: True, 2: False}, found
PYTHON
