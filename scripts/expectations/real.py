"""Great Expectations: a suite on a file gives a result."""

import functools
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


@functools.cache
def context():
    made = gx.get_context(mode="ephemeral")
    made.variables.progress_bars = {"globally": False}
    return made


@functools.cache
def tables():
    asset = context().data_sources.add_pandas("pandas").add_dataframe_asset("table")
    return asset.add_batch_definition_whole_dataframe("whole")


def batch_of(path):
    """The table, on pandas."""
    table = pd.read_parquet(path) if path.endswith(".parquet") else pd.read_csv(path)
    return tables().get_batch({"dataframe": table})


@functools.cache
def database(directory):
    import sqlalchemy

    # LIKE as the standard has it: capital letters are others.
    sqlalchemy.event.listen(sqlalchemy.Engine, "connect", lambda made, _: made.execute("PRAGMA case_sensitive_like = 1"))
    location = f"sqlite:///{directory}/tables.db"
    return sqlalchemy.create_engine(location), context().data_sources.add_sqlite("sqlite", connection_string=location)


def sql_batch_of(path, other):
    """The table, on SQLite, with another that is called `other`."""
    engine, source = database(os.path.dirname(path))
    name = "t" + os.path.basename(path).partition(".")[0]
    pd.read_csv(path).to_sql(name, engine, index=False)
    pd.read_csv(other).to_sql("other", engine, index=False, if_exists="replace")
    return source.add_table_asset(name, table_name=name).add_batch_definition_whole_table("whole").get_batch()


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
        # NumPy's scalars, of which Great Expectations leaves some, as the values that they are.
        json.dump(result, file, default=lambda value: value.item())
