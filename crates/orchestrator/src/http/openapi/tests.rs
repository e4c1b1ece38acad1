//! The document and the routes are one.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

/// The paths of the API that the shipped sources below a directory state.
fn stated(directory: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            stated(&path, found);
            continue;
        }
        if path.file_name().is_some_and(|name| name == "tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap();
        let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = shipped.lines().filter(|line| !line.trim_start().starts_with("//"));
        // A path is a whole text: those in messages for people are parts of one.
        let texts = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
        let paths = texts.filter(|text| text.starts_with("/api/v1/") && !text.contains(' '));
        found.extend(paths.map(str::to_owned));
    }
}

#[test]
fn every_route_is_in_the_document() {
    let paths = document()["paths"].as_object().unwrap();
    let mut routes = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    stated(&root.join("../api/src"), &mut routes);
    stated(&root.join("src"), &mut routes);
    let described: BTreeSet<String> = paths.keys().cloned().collect();
    assert_eq!(described, routes);
    let ids: Vec<&str> = operations().map(|it| it["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
}

fn operations() -> impl Iterator<Item = &'static Value> {
    let paths = document()["paths"].as_object().unwrap();
    paths.values().flat_map(|path| path.as_object().unwrap().values())
}

#[test]
fn every_operation_says_what_it_takes_gives_and_refuses() {
    for operation in operations() {
        let id = &operation["operationId"];
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{id}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["schema"]["type"].is_string(), "{id}: {parameter}");
        }
        for status in ["400", "401", "403", "421", "429", "500", "503"] {
            assert!(operation["responses"][status].is_object(), "{id}: {status}");
        }
        let answers: Vec<&Value> =
            ["200", "201", "202"].iter().map(|status| &operation["responses"][status]).collect();
        let is_told = answers.iter().any(|answer| answer["content"].is_object());
        assert!(is_told || operation["responses"]["204"].is_object(), "{id}");
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        for (name, member) in body["properties"].as_object().into_iter().flatten() {
            let is_typed = ["type", "$ref", "anyOf", "enum"].iter().any(|it| !member[it].is_null());
            assert!(is_typed, "{id}: {name}");
        }
    }
}

#[test]
fn every_schema_that_is_named_is_there_once() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in schemas.keys() {
        assert!(!name.ends_with(|it: char| it.is_ascii_digit()), "{name}: two types of one name");
    }
    let text = document.to_string();
    let named = text.split("\"#/components/schemas/").skip(1);
    for name in named.filter_map(|rest| rest.split('"').next()) {
        assert!(schemas.contains_key(name), "{name}");
    }
    assert!(schemas.len() > 60, "{}", schemas.len());
}

#[test]
fn parameters_and_bodies_are_those_of_the_structs() {
    let paths = &document()["paths"];
    let names = |of: &Value| -> Vec<String> {
        let of = of["parameters"].as_array().unwrap().iter();
        of.map(|one| format!("{}:{}", one["in"].as_str().unwrap(), one["name"].as_str().unwrap()))
            .collect()
    };
    let runs = &paths["/api/v1/runs"];
    assert_eq!(
        names(&runs["get"]),
        ["query:before", "query:limit", "query:search", "query:status", "header:If-None-Match"]
    );
    let limit = &runs["get"]["parameters"][1]["schema"];
    assert_eq!((&limit["minimum"], &limit["maximum"]), (&1.into(), &1000.into()));
    let body = &runs["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["properties"]["dataUri"]["type"], json!(["string", "null"]));
    assert_eq!(names(&runs["post"]), ["header:Idempotency-Key"]);
    let cancel = &paths["/api/v1/runs/{run}/cancel"]["post"];
    assert_eq!(names(cancel), ["path:run"]);
    let schema = &cancel["requestBody"]["content"]["application/json"]["schema"];
    let members: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(members, ["by", "reason"]);
    let split = &paths["/api/v1/endpoints/{endpoint}/split"]["post"];
    assert_eq!(names(split), ["path:endpoint", "header:If-Match"]);
    assert!(split["responses"]["412"].is_object());
    let answer = &split["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(answer["$ref"], "#/components/schemas/EndpointDocument");
}
