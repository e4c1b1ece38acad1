"""Reads RunEvents, a line each, with the classes of OpenLineage's own client, and prints how many there were."""

import json
import sys

from openlineage.client import facet_v2 as facets
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.serde import Serde

parent = facets.parent_run
CLASSES = {
    "parent": parent.ParentRunFacet,
    "errorMessage": facets.error_message_run.ErrorMessageRunFacet,
    "jobType": facets.job_type_job.JobTypeJobFacet,
    "documentation": facets.documentation_job.DocumentationJobFacet,
    "schema": facets.schema_dataset.SchemaDatasetFacet,
    "dataSource": facets.datasource_dataset.DatasourceDatasetFacet,
    "version": facets.dataset_version_dataset.DatasetVersionDatasetFacet,
    "inputStatistics": facets.input_statistics_input_dataset.InputStatisticsInputDatasetFacet,
    "outputStatistics": facets.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
}
PARTS = {
    "run": lambda run: parent.Run(**run),
    "job": lambda job: parent.Job(**job),
    "root": lambda root: parent.Root(parent.RootRun(**root["run"]), parent.RootJob(**root["job"])),
    "fields": lambda fields: [facets.schema_dataset.SchemaDatasetFacetFields(**field) for field in fields],
}


def facet(name, members):
    schema, producer = members.pop("_schemaURL"), members.pop("_producer")
    if name == "tier0":
        return None
    read = CLASSES[name](
        producer=producer,
        **{member: PARTS.get(member, lambda value: value)(value) for member, value in members.items()},
    )
    assert read._schemaURL == schema, (read._schemaURL, schema)
    return read


def read(members):
    found = {name: facet(name, value) for name, value in (members or {}).items()}
    return {name: value for name, value in found.items() if value is not None}


def datasets(kind, own, members):
    return [
        kind(
            namespace=dataset["namespace"],
            name=dataset["name"],
            facets=read(dataset["facets"]),
            **{own: read(dataset.get(own))},
        )
        for dataset in members
    ]


count = 0
with open(sys.argv[1], encoding="utf-8") as lines:
    for line in lines:
        given = json.loads(line)
        event = RunEvent(
            eventType=RunState[given["eventType"]],
            eventTime=given["eventTime"],
            run=Run(runId=given["run"]["runId"], facets=read(given["run"]["facets"])),
            job=Job(
                namespace=given["job"]["namespace"],
                name=given["job"]["name"],
                facets=read(given["job"]["facets"]),
            ),
            inputs=datasets(InputDataset, "inputFacets", given["inputs"]),
            outputs=datasets(OutputDataset, "outputFacets", given["outputs"]),
            producer=given["producer"],
        )
        assert event.schemaURL == given["schemaURL"], event.schemaURL
        Serde.to_json(event)
        count += 1
print(json.dumps({"events": count}))
