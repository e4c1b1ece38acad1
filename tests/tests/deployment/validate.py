"""Holds manifests against the schemas of their kinds, strictly: a field that no schema knows is a finding, and so is a kind.

    validate.py DOCUMENTS SCHEMAS VERSION…

DOCUMENTS is a file with a JSON list of manifests, SCHEMAS the directory of other projects' definitions (empty: kinds of theirs are only
counted), VERSION each version of Kubernetes. Prints a JSON object: "findings", a list of texts, and "unchecked", the kinds that were not
held against anything.
"""
import json
import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml

# Kinds of other projects, and where their definitions are.
FOREIGN = {
    ("keda.sh/v1alpha1", "ScaledObject"): "keda/keda.sh_scaledobjects.yaml",
    ("monitoring.coreos.com/v1", "ServiceMonitor"): "prometheus-operator/servicemonitors.yaml",
    ("monitoring.coreos.com/v1", "PrometheusRule"): "prometheus-operator/prometheusrules.yaml",
}


def strict(schema):
    """The schema of a definition, in which an object has the fields that are named and no others."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    own = {key: strict(value) for key, value in schema.items()}
    if schema.get("x-kubernetes-int-or-string"):
        own.pop("type", None)
        own.setdefault("anyOf", [{"type": "integer"}, {"type": "string"}])
    closed = isinstance(schema.get("properties"), dict) and "type" in schema
    if closed and "additionalProperties" not in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        own["additionalProperties"] = False
    return own


def foreign(directory, document, name):
    definition = yaml.safe_load((pathlib.Path(directory) / name).read_text())
    group, version = document["apiVersion"].split("/")
    spec = definition["spec"]
    assert (spec["group"], spec["names"]["kind"]) == (group, document["kind"]), name
    schema = next(one for one in spec["versions"] if one["name"] == version)["schema"]["openAPIV3Schema"]
    closed = strict(schema)
    # Metadata has a schema of Kubernetes' own.
    closed["properties"]["metadata"] = {"type": "object"}
    closed["additionalProperties"] = False
    return [error_text(error) for error in jsonschema.Draft202012Validator(closed).iter_errors(document)]


def error_text(error):
    return f"{'/'.join(str(part) for part in error.absolute_path)}: {error.message[:300]}"


def check(document, directory, versions):
    name = FOREIGN.get((document.get("apiVersion"), document.get("kind")))
    if name is not None:
        return foreign(directory, document, name) if directory else None
    found = []
    for version in versions:
        try:
            used = kubernetes_validate.validate(document, version, strict=True)
            if used != version:
                found.append(f"there are no schemas of Kubernetes {version}, only of {used}")
        except kubernetes_validate.ValidationError as error:
            found.append(f"Kubernetes {version}: {error_text(error)}")
        except kubernetes_validate.SchemaNotFoundError:
            found.append(f"Kubernetes {version} has no such kind")
    return found


def main():
    documents, directory, *versions = sys.argv[1:]
    findings, unchecked = [], set()
    for document in json.loads(pathlib.Path(documents).read_text()):
        found = check(document, directory, versions)
        if found is None:
            unchecked.add(document["kind"])
        for text in found or []:
            findings.append(f"{document['kind']} {document['metadata']['name']}: {text}")
    print(json.dumps({"findings": findings, "unchecked": sorted(unchecked)}))


main()
