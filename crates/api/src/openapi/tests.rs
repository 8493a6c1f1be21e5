//! The document describes everything, and the copy in `docs/` is the one that is served.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::router;

fn document() -> Value {
    serde_json::to_value(router::document()).unwrap()
}

fn pointer_of(reference: &str) -> &str {
    reference.trim_start_matches('#')
}

fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap();
            methods
                .iter()
                .map(move |(method, operation)| (format!("{method} {path}"), operation))
        })
        .collect()
}

#[test]
fn every_operation_says_what_it_is_for_and_how_it_fails() {
    let document = document();
    let mut ids = BTreeSet::new();
    for (name, operation) in operations(&document) {
        assert!(
            operation["summary"]
                .as_str()
                .is_some_and(|text| text.len() > 5),
            "{name}"
        );
        assert!(operation["tags"][0].is_string(), "{name}");
        let id = operation["operationId"].as_str().unwrap();
        assert!(ids.insert(id.to_owned()), "{name}: {id} is there twice");
        let responses = operation["responses"].as_object().unwrap();
        assert!(
            responses
                .keys()
                .any(|status| status.starts_with(['2', '3'])),
            "{name} never succeeds"
        );
    }
}

#[test]
fn every_reference_and_every_tag_is_defined() {
    let document = document();
    let text = document.to_string();
    for (at, _) in text.match_indices("#/components/") {
        let reference = text.split_at(at).1;
        let pointer = pointer_of(reference.split('"').next().unwrap());
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    let tags: Vec<&Value> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    for (name, operation) in operations(&document) {
        assert!(tags.contains(&&operation["tags"][0]), "{name}");
    }
}

#[test]
fn shapes_that_are_asked_for_or_answered_have_an_example() {
    let document = document();
    for (name, operation) in operations(&document) {
        let bodies = [
            &operation["requestBody"]["content"]["application/json"],
            &operation["responses"]["200"]["content"]["application/json"],
            &operation["responses"]["201"]["content"]["application/json"],
        ];
        for body in bodies {
            let Some(reference) = body["schema"]["$ref"].as_str() else {
                continue;
            };
            let shape = document.pointer(pointer_of(reference)).unwrap();
            assert!(
                !shape["example"].is_null(),
                "{name}: {reference} has no example"
            );
        }
    }
}
