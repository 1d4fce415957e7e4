//! The JSON Schema (draft 2020-12) of the configuration, for editors.

use serde_json::{Map, Value, json};

use super::{
    keys::CONFIGURATION,
    scalar::{ScalarKind, number},
    shape::{Choice, Key, Kind, Names, Need, PlainText, Section, Variant},
};

/// The schema of the whole file.
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let mut root = section(&CONFIGURATION, &mut definitions);
    if let Some(root) = root.as_object_mut() {
        root.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        root.insert("title".into(), "The configuration of Tokenward".into());
        root.insert("$defs".into(), definitions.into());
    }
    root
}

fn section(section: &Section, definitions: &mut Map<String, Value>) -> Value {
    let mut properties = Map::new();
    for known in section.keys {
        properties.insert(known.name.into(), key(known, definitions));
    }
    let required: Vec<_> = section
        .keys
        .iter()
        .filter(|key| key.need == Need::Required)
        .map(|key| Value::from(key.name))
        .collect();
    json!({
        "type": "object",
        "description": section.doc,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn key(key: &Key, definitions: &mut Map<String, Value>) -> Value {
    let mut schema = value(&key.kind, definitions);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".into(), key.doc.into());
        if let Need::Default(text) = key.need {
            schema.insert("default".into(), default(&key.kind, text));
        }
    }
    schema
}

/// A default as JSON has it.
fn default(kind: &Kind, text: &str) -> Value {
    match kind {
        Kind::Scalar(ScalarKind::Bool) => (text == "true").into(),
        Kind::Scalar(ScalarKind::Count) => text.parse::<u64>().into_iter().sum::<u64>().into(),
        Kind::Scalar(ScalarKind::Number | ScalarKind::Fraction) => number(text).into(),
        _ => text.into(),
    }
}

fn value(kind: &Kind, definitions: &mut Map<String, Value>) -> Value {
    match kind {
        Kind::Scalar(kind) => scalar(*kind),
        Kind::OneOf(words) => {
            json!({ "enum": words.iter().map(|word| word.name).collect::<Vec<_>>() })
        }
        Kind::OneOrMany(kind) => {
            let one = value(kind, definitions);
            json!({ "anyOf": [one, { "type": "array", "items": one }] })
        }
        Kind::List(kind) => json!({ "type": "array", "items": value(kind, definitions) }),
        Kind::Map(names, kind) => json!({
            "type": "object",
            "propertyNames": { "pattern": pattern(*names) },
            "additionalProperties": value(kind, definitions),
        }),
        Kind::Section(known) => {
            define(known.title, definitions, |definitions| section(known, definitions))
        }
        Kind::Choice(known) => {
            define(known.title, definitions, |definitions| choice(known, definitions))
        }
    }
}

/// A reference to a definition, which is written at its first use.
fn define(
    title: &str,
    definitions: &mut Map<String, Value>,
    write: impl Fn(&mut Map<String, Value>) -> Value,
) -> Value {
    if !definitions.contains_key(title) {
        let written = write(definitions);
        definitions.insert(title.into(), written);
    }
    json!({ "$ref": format!("#/$defs/{title}") })
}

fn choice(choice: &Choice, definitions: &mut Map<String, Value>) -> Value {
    let mut forms = Vec::new();
    match choice.text {
        PlainText::Refused => {}
        PlainText::Literal => forms.push(text()),
        PlainText::Variant => {
            let alone = choice.variants.iter().filter(|variant| variant.stands_alone());
            forms.push(json!({ "enum": alone.map(|variant| variant.name).collect::<Vec<_>>() }));
        }
    }
    let keyed = choice.variants.iter().filter(|one| one.short.is_some() || one.long.is_some());
    forms.extend(keyed.map(|one| variant(one, definitions)));
    json!({ "description": choice.doc, "oneOf": forms })
}

fn variant(variant: &Variant, definitions: &mut Map<String, Value>) -> Value {
    let short = variant.short.as_ref().map(|kind| value(kind, definitions));
    let long = variant.long.map(|long| value(&Kind::Section(long), definitions));
    let forms: Vec<_> = short.into_iter().chain(long).collect();
    json!({
        "type": "object",
        "description": variant.doc,
        "properties": { variant.name: { "anyOf": forms } },
        "required": [variant.name],
        "additionalProperties": false,
    })
}

/// YAML has no quotes around most texts, so a text may look like a number or a truth value.
fn text() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn scalar(kind: ScalarKind) -> Value {
    match kind {
        ScalarKind::Text => text(),
        ScalarKind::Url | ScalarKind::Path | ScalarKind::Address => json!({ "type": "string" }),
        ScalarKind::Bool => json!({ "type": "boolean" }),
        ScalarKind::Count => json!({ "type": "integer", "minimum": 1 }),
        ScalarKind::Number => json!({ "type": "number", "exclusiveMinimum": 0 }),
        ScalarKind::Fraction => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        ScalarKind::Duration => {
            json!({ "type": "string", "pattern": "^([0-9]+(ms|s|m|h|d) *)+$" })
        }
        ScalarKind::Mode => json!({ "type": ["string", "integer"], "pattern": "^0?[0-7]{3}$" }),
        ScalarKind::Version => json!({ "const": 1 }),
    }
}

const fn pattern(names: Names) -> &'static str {
    match names {
        Names::Credential | Names::Preset => "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$",
        Names::Variable => "^[A-Za-z0-9_-]+$",
        Names::Parameter => "^[^\\u0000-\\u0020]+$",
        Names::Header => "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
        Names::Environment => "^[A-Za-z_][A-Za-z0-9_]*$",
        Names::Datum => "^[A-Za-z0-9._-]{1,253}$",
        Names::Label => "^([A-Za-z0-9._-]{1,253}/)?[A-Za-z0-9._-]{1,63}$",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_has_its_definition() {
        let schema = schema();
        let text = schema.to_string();
        let references = text.split("#/$defs/").skip(1).filter_map(|rest| rest.split('"').next());
        let definitions = schema.get("$defs").and_then(Value::as_object).cloned();
        let definitions = definitions.unwrap_or_default();
        for reference in references {
            assert!(definitions.contains_key(reference), "{reference}");
        }
        assert!(definitions.contains_key("credential"));
    }

    #[test]
    fn defaults_have_their_json_type() {
        let schema = schema();
        for (pointer, expected) in [
            ("/$defs/limits/properties/concurrent_requests/default", json!(64)),
            ("/$defs/refresh/properties/at/default", json!(0.75)),
            ("/$defs/credential/properties/allow_insecure/default", json!(false)),
            ("/$defs/credential/properties/timeout/default", json!("30s")),
        ] {
            assert_eq!(schema.pointer(pointer), Some(&expected), "{pointer}");
        }
    }
}
