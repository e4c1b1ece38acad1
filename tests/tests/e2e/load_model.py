"""Loads a registered model by MLflow's own loaders and prints what it predicts for a table.

The table is read as its reader would: dates as microseconds since 1970, and columns as the signature has them.
"""

import json
import sys

import mlflow
import pandas as pd

uri, table, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
model = mlflow.pyfunc.load_model(uri)
data = pd.read_csv(table, nrows=rows)
given = pd.DataFrame(index=data.index)
for column in model.metadata.signature.inputs:
    values = data[column.name]
    kind = column.type.name
    if kind == "double":
        # Blanks are missing; what is no number is a date.
        numbers = pd.to_numeric(values, errors="coerce").astype(float)
        if numbers.isna().all():
            numbers = pd.to_datetime(values).astype("datetime64[us]").astype("int64").astype(float)
        values = numbers
    given[column.name] = values
predicted = model.predict(given)

# The flavour `onnx` checks the model by ONNX's own rules.
path = mlflow.artifacts.download_artifacts(uri)
mlflow.onnx.load_model(path)

answer = {name: predicted[name].tolist() for name in predicted.columns}
answer["signature"] = {column.name: column.type.name for column in model.metadata.signature.inputs}
answer["run_id"] = model.metadata.run_id
json.dump(answer, sys.stdout)
