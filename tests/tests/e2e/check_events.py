"""Validates RunEvents, a line each, and each of their facets, by OpenLineage's JSON schemas.

Usage: check_events.py EVENTS SCHEMAS; prints how many events and facets there were, and which facets no schema is there for.
"""

import json
import pathlib
import sys

import jsonschema
import referencing
from referencing.jsonschema import DRAFT202012

schemas = [json.loads(path.read_text()) for path in pathlib.Path(sys.argv[2]).rglob("*.json")]
registry = referencing.Registry().with_resources((schema["$id"], DRAFT202012.create_resource(schema)) for schema in schemas)
by_name = {schema["$id"].rpartition("/")[2]: schema for schema in schemas}


def check(instance, reference):
    formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator({"$ref": reference}, registry=registry, format_checker=formats).validate(instance)


def facets(event):
    for holder, members in [(event["run"], ["facets"]), (event["job"], ["facets"])]:
        yield from (facet for name in members for facet in holder.get(name, {}).items())
    for dataset in event["inputs"] + event["outputs"]:
        for name in ["facets", "inputFacets", "outputFacets"]:
            yield from dataset.get(name, {}).items()


told = {"events": 0, "facets": 0, "kinds": set(), "without_schema": set()}
for line in open(sys.argv[1], encoding="utf-8"):
    event = json.loads(line)
    check(event, event["schemaURL"])
    told["events"] += 1
    for name, facet in facets(event):
        location, _, definition = facet["_schemaURL"].partition("#")
        file = location.rpartition("/")[2]
        if file not in by_name:
            told["without_schema"].add(name)
            continue
        # A facet's schema in the version that is there, which what is written by an earlier minor one fulfils.
        check(facet, f"{by_name[file]['$id']}#{definition}")
        # And the member under which the schema has it.
        check({name: facet}, by_name[file]["$id"])
        told["facets"] += 1
        told["kinds"].add(name)
print(json.dumps({name: sorted(value) if isinstance(value, set) else value for name, value in told.items()}))
