//! As `jsonschema` 4.26.0 of Python answers.

use serde_json::Value;

use super::*;

/// A schema, and values with their verdicts; none is an exception.
type Case = (&'static str, &'static [(&'static str, Option<bool>)]);

fn schema(text: &str) -> Result<Schema, Refused> {
    let json: Value = serde_json::from_str(text).unwrap();
    Schema::new(&Place::default(), &json)
}

#[test]
fn values_are_valid_as_in_python() {
    #[rustfmt::skip]
    let cases: &[Case] = &[
            (r##"{"type": "integer"}"##, &[
                (r##"1"##, Some(true)),
                (r##"1.0"##, Some(true)),
                (r##"1.5"##, Some(false)),
                (r##"true"##, Some(false)),
                (r##"1e400"##, Some(false)),
            ]),
            (r##"{"$schema": "http://json-schema.org/draft-04/schema#", "type": "integer"}"##, &[
                (r##"1"##, Some(true)),
                (r##"1.0"##, Some(false)),
            ]),
            (r##"{"type": ["string", "null"]}"##, &[
                (r##""a""##, Some(true)),
                (r##"null"##, Some(true)),
                (r##"[]"##, Some(false)),
            ]),
            (r##"{"enum": [1, "a", [true], {"b": null}]}"##, &[
                (r##"1.0"##, Some(true)),
                (r##"true"##, Some(false)),
                (r##""a""##, Some(true)),
                (r##"[1]"##, Some(false)),
                (r##"[true]"##, Some(true)),
                (r##"{"b": null}"##, Some(true)),
            ]),
            (r##"{"const": {"a": [1, 2]}}"##, &[
                (r##"{"a": [1, 2.0]}"##, Some(true)),
                (r##"{"a": [2, 1]}"##, Some(false)),
                (r##"{}"##, Some(false)),
            ]),
            (r##"{"minimum": 2, "exclusiveMaximum": 3}"##, &[
                (r##"2"##, Some(true)),
                (r##"3"##, Some(false)),
                (r##"2.99"##, Some(true)),
                (r##""x""##, Some(true)),
                (r##"NaN"##, Some(true)),
            ]),
            (r##"{"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 2, "exclusiveMinimum": true}"##, &[
                (r##"2"##, Some(false)),
                (r##"2.5"##, Some(true)),
            ]),
            (r##"{"multipleOf": 0.1}"##, &[
                (r##"0.3"##, Some(false)),
                (r##"0.5"##, Some(true)),
                (r##"1"##, Some(true)),
                (r##"4.35"##, Some(false)),
            ]),
            (r##"{"multipleOf": 0.5}"##, &[
                (r##"1e308"##, Some(true)),
                (r##"1e400"##, None),
                (r##"3"##, Some(true)),
            ]),
            (r##"{"multipleOf": 3}"##, &[
                (r##"9"##, Some(true)),
                (r##"9.0"##, Some(true)),
                (r##"10"##, Some(false)),
                (r##"-6"##, Some(true)),
                (r##"0"##, Some(true)),
            ]),
            (r##"{"minLength": 2, "maxLength": 3}"##, &[
                (r##""é€""##, Some(true)),
                (r##""a""##, Some(false)),
                (r##""abcd""##, Some(false)),
                (r##"5"##, Some(true)),
                (r##""\ud83d\ude00x""##, Some(true)),
            ]),
            (r##"{"pattern": "^K\\d{2}$"}"##, &[
                (r##""K12""##, Some(true)),
                (r##""K12\n""##, Some(true)),
                (r##""xK12""##, Some(false)),
                (r##"12"##, Some(true)),
                (r##""K\u0661\u0662""##, Some(true)),
            ]),
            (r##"{"required": ["a"], "properties": {"a": {"type": "string"}}, "additionalProperties": false}"##, &[
                (r##"{"a": "x"}"##, Some(true)),
                (r##"{"a": 1}"##, Some(false)),
                (r##"{}"##, Some(false)),
                (r##"{"a": "x", "b": 1}"##, Some(false)),
                (r##"[]"##, Some(true)),
            ]),
            (r##"{"patternProperties": {"^x": {"type": "number"}}, "additionalProperties": {"type": "boolean"}}"##, &[
                (r##"{"xa": 1, "b": true}"##, Some(true)),
                (r##"{"xa": "s"}"##, Some(false)),
                (r##"{"b": 1}"##, Some(false)),
            ]),
            (r##"{"propertyNames": {"maxLength": 2}}"##, &[
                (r##"{"ab": 1}"##, Some(true)),
                (r##"{"abc": 1}"##, Some(false)),
            ]),
            (r##"{"minProperties": 1, "maxProperties": 2}"##, &[
                (r##"{}"##, Some(false)),
                (r##"{"a":1}"##, Some(true)),
                (r##"{"a":1,"b":2,"c":3}"##, Some(false)),
                (r##"{"a":1,"a":2,"b":3}"##, Some(true)),
            ]),
            (r##"{"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}}"##, &[
                (r##"{"a": 1}"##, Some(false)),
                (r##"{"a": 1, "b": 2}"##, Some(true)),
                (r##"{"c": 1}"##, Some(false)),
                (r##"{"c":1,"d":1}"##, Some(true)),
                (r##"{}"##, Some(true)),
            ]),
            (r##"{"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {"a": ["b"], "c": {"required": ["d"]}}}"##, &[
                (r##"{"a": 1}"##, Some(false)),
                (r##"{"a": 1, "b": 2}"##, Some(true)),
                (r##"{"c": 1}"##, Some(false)),
                (r##"{"c":1,"d":1}"##, Some(true)),
            ]),
            (r##"{"dependencies": {"a": ["b"]}}"##, &[
                (r##"{"a": 1}"##, Some(true)),
            ]),
            (r##"{"prefixItems": [{"type": "integer"}], "items": false}"##, &[
                (r##"[1]"##, Some(true)),
                (r##"[1, 2]"##, Some(false)),
                (r##"["a"]"##, Some(false)),
                (r##"[]"##, Some(true)),
            ]),
            (r##"{"prefixItems": [{"type": "integer"}]}"##, &[
                (r##"[1, "x"]"##, Some(true)),
                (r##"["a"]"##, Some(false)),
            ]),
            (r##"{"items": {"type": "integer"}, "minItems": 1, "maxItems": 2, "uniqueItems": true}"##, &[
                (r##"[1]"##, Some(true)),
                (r##"[]"##, Some(false)),
                (r##"[1,1.0]"##, Some(false)),
                (r##"[1,2,3]"##, Some(false)),
                (r##"["a"]"##, Some(false)),
                (r##"[1, 2]"##, Some(true)),
            ]),
            (r##"{"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "integer"}], "additionalItems": {"type": "string"}}"##, &[
                (r##"[1, "a"]"##, Some(true)),
                (r##"[1, 2]"##, Some(false)),
                (r##"["a"]"##, Some(false)),
            ]),
            (r##"{"$schema": "http://json-schema.org/draft-07/schema#", "items": {"type": "integer"}, "additionalItems": false}"##, &[
                (r##"[1, 2]"##, Some(true)),
            ]),
            (r##"{"uniqueItems": true}"##, &[
                (r##"[1, true]"##, Some(true)),
                (r##"[[1], [1]]"##, Some(false)),
                (r##"[{"a":1},{"a":1.0}]"##, Some(false)),
                (r##"[0, false]"##, Some(true)),
            ]),
            (r##"{"contains": {"type": "integer"}, "minContains": 2, "maxContains": 3}"##, &[
                (r##"[1]"##, Some(false)),
                (r##"[1,2]"##, Some(true)),
                (r##"[1,2,3,4]"##, Some(false)),
                (r##"["a",1,2]"##, Some(true)),
                (r##"{}"##, Some(true)),
            ]),
            (r##"{"$schema": "http://json-schema.org/draft-07/schema#", "contains": {"type": "integer"}, "minContains": 2}"##, &[
                (r##"[1]"##, Some(true)),
                (r##"[]"##, Some(false)),
            ]),
            (r##"{"contains": true, "minContains": 0}"##, &[
                (r##"[]"##, Some(true)),
            ]),
            (r##"{"allOf": [{"type": "integer"}, {"minimum": 3}]}"##, &[
                (r##"3"##, Some(true)),
                (r##"2"##, Some(false)),
                (r##""x""##, Some(false)),
            ]),
            (r##"{"anyOf": [{"type": "integer"}, {"minLength": 3}]}"##, &[
                (r##"3"##, Some(true)),
                (r##""abc""##, Some(true)),
                (r##""a""##, Some(false)),
            ]),
            (r##"{"oneOf": [{"type": "integer"}, {"minimum": 3}]}"##, &[
                (r##"1"##, Some(true)),
                (r##"3.5"##, Some(true)),
                (r##"4"##, Some(false)),
                (r##""x""##, Some(true)),
                (r##"2.5"##, Some(false)),
            ]),
            (r##"{"not": {"type": "integer"}}"##, &[
                (r##"1"##, Some(false)),
                (r##""a""##, Some(true)),
            ]),
            (r##"{"if": {"type": "integer"}, "then": {"minimum": 3}, "else": {"type": "string"}}"##, &[
                (r##"3"##, Some(true)),
                (r##"2"##, Some(false)),
                (r##""a""##, Some(true)),
                (r##"[]"##, Some(false)),
            ]),
            (r##"{"$schema": "http://json-schema.org/draft-06/schema#", "if": {"type": "integer"}, "then": {"minimum": 3}}"##, &[
                (r##"2"##, Some(true)),
            ]),
            (r##"{"$ref": "#/$defs/a", "maximum": 5, "$defs": {"a": {"type": "integer"}}}"##, &[
                (r##"3"##, Some(true)),
                (r##"6"##, Some(false)),
                (r##""a""##, Some(false)),
            ]),
            (r##"{"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/a", "maximum": 5, "definitions": {"a": {"type": "integer"}}}"##, &[
                (r##"3"##, Some(true)),
                (r##"6"##, Some(true)),
                (r##""a""##, Some(false)),
            ]),
            (r##"{"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["v"]}"##, &[
                (r##"{"v": 1, "next": {"v": 2}}"##, Some(true)),
                (r##"{"v": 1, "next": {}}"##, Some(false)),
            ]),
            (r##"{"format": "email"}"##, &[
                (r##""x""##, Some(true)),
            ]),
            (r##"{}"##, &[
                (r##"1"##, Some(true)),
            ]),
            (r##"{"properties": {"a": false}}"##, &[
                (r##"{"a": 1}"##, Some(false)),
                (r##"{"b": 1}"##, Some(true)),
            ]),
            (r##"{"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "null"}}}"##, &[
                (r##"null"##, Some(true)),
                (r##"1"##, Some(false)),
            ]),
    ];
    for (text, values) in cases {
        let schema = schema(text).unwrap();
        for (value, expected) in *values {
            let found = schema.holds(&Json::read(value).unwrap()).ok();
            assert_eq!(found, *expected, "{text}: {value}");
        }
    }
}

#[test]
fn what_is_no_schema_is_refused_with_its_place() {
    for (text, pointer) in [
        (r#"{"type": "x"}"#, "/type"),
        (r#"{"type": []}"#, "/type"),
        (r#"{"type": ["null", "null"]}"#, "/type"),
        (r#"{"enum": 5}"#, "/enum"),
        (r#"{"minimum": "1"}"#, "/minimum"),
        (r#"{"multipleOf": 0}"#, "/multipleOf"),
        (r#"{"minLength": -1}"#, "/minLength"),
        (r#"{"minLength": 1.5}"#, "/minLength"),
        (r#"{"pattern": 5}"#, "/pattern"),
        (r#"{"required": "a"}"#, "/required"),
        (r#"{"required": ["a", "a"]}"#, "/required"),
        (r#"{"properties": {"a/b": 5}}"#, "/properties/a~1b"),
        (r#"{"allOf": []}"#, "/allOf"),
        (r#"{"allOf": [{}, 1]}"#, "/allOf/1"),
        (r#"{"items": [true]}"#, "/items"),
        (r#"{"uniqueItems": 1}"#, "/uniqueItems"),
        (r#"{"dependentRequired": {"a": "b"}}"#, "/dependentRequired/a"),
        (r#"{"$defs": {"a": 1}}"#, "/$defs/a"),
        (r#"{"title": 5}"#, "/title"),
        (r#"{"minContains": -1}"#, "/minContains"),
        (r#"{"then": 5}"#, "/then"),
        (r##"{"$ref": "#/$defs/none"}"##, "/$ref"),
    ] {
        match schema(text).unwrap_err() {
            Refused::Wrong(SuiteError::JsonSchema { pointer: found, .. }) => {
                assert_eq!(found, pointer, "{text}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    let draft_4 = |rest: &str| {
        schema(&format!(r#"{{"$schema": "http://json-schema.org/draft-04/schema#", {rest}}}"#))
    };
    for rest in [r#""exclusiveMinimum": true"#, r#""properties": {"a": true}"#, r#""required": []"#]
    {
        assert!(matches!(draft_4(rest), Err(Refused::Wrong(_))), "{rest}");
    }
    for rest in [r#""const": 5"#, r#""additionalProperties": false"#] {
        assert!(draft_4(rest).is_ok(), "{rest}");
    }
    for text in [r#"{"pattern": "("}"#, r#"{"patternProperties": {"(": {}}}"#] {
        let error = schema(text).unwrap_err();
        assert!(matches!(error, Refused::Wrong(SuiteError::Pattern { .. })), "{text}");
    }
    for text in [r#"{"minLength": 2.0}"#, r#"{"enum": []}"#, r#"{"bogus": 5}"#] {
        assert!(schema(text).is_ok(), "{text}");
    }
}

#[test]
fn what_is_not_evaluated_is_named() {
    for text in [
        r#"{"unevaluatedProperties": false}"#,
        r#"{"allOf": [{"unevaluatedItems": false}]}"#,
        r##"{"$dynamicRef": "#a"}"##,
        r#"{"$ref": "https://example.org/schema"}"#,
        r##"{"$ref": "#anchor"}"##,
        r#"{"properties": {"a": {"$id": "b"}}}"#,
        r#"{"$schema": "http://json-schema.org/draft-03/schema#"}"#,
    ] {
        assert!(matches!(schema(text), Err(Refused::Unsupported(_))), "{text}");
    }
}

/// What would take for ever, or the whole stack, is an exception of the value.
#[test]
fn work_is_bounded() {
    let endless = schema(r##"{"$ref": "#"}"##).unwrap();
    assert!(endless.holds(&Json::Null).unwrap_err().contains("deep"));
    let mut definitions = String::new();
    for level in 0..40 {
        let next = format!(r##"{{"$ref": "#/$defs/a{}"}}"##, level + 1);
        definitions.push_str(&format!(r#""a{level}": {{"allOf": [{next}, {next}]}}, "#));
    }
    let twice = format!(r##"{{"$ref": "#/$defs/a0", "$defs": {{{definitions}"a40": true}}}}"##);
    assert!(schema(&twice).unwrap().holds(&Json::Null).unwrap_err().contains("steps"));
    let chain: String = (0..20_000)
        .map(|level| format!(r##""a{level}": {{"$ref": "#/$defs/a{}"}}, "##, level + 1))
        .collect();
    let chain = format!(r##"{{"$ref": "#/$defs/a0", "$defs": {{{chain}"a20000": true}}}}"##);
    assert!(schema(&chain).unwrap().holds(&Json::Null).unwrap_err().contains("deep"));
}
