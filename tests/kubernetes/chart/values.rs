//! The values, their schema and their comments are of one mind, and wrong values are refused.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use super::{Case, chart, helm::render};
use crate::cluster::Cluster;

/// What helm itself says to a chart that is a dependency.
const OF_HELM: [&str; 2] = ["enabled", "global"];

fn schema() -> Value {
    serde_json::from_str(&fs::read_to_string(chart().join("values.schema.json")).unwrap()).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect()
}

/// Where values and schema differ. What has no keys of ours in the schema is the user's.
fn differences(values: &Value, schema: &Value, place: &str) -> Vec<String> {
    let Some(properties) = schema.get("properties") else { return Vec::new() };
    let [in_values, in_schema] = [keys(values), keys(properties)];
    let alone = in_values.symmetric_difference(&in_schema);
    let alone = alone.map(|key| format!("{place}{key} stands in one of the two only"));
    let lax = schema["additionalProperties"] != false;
    let lax = lax.then(|| format!("{place}: the schema takes any key"));
    let inside = in_values
        .intersection(&in_schema)
        .flat_map(|key| differences(&values[key], &properties[key], &format!("{place}{key}.")));
    alone.chain(lax).chain(inside).collect()
}

#[test]
fn values_and_schema_have_the_same_keys() {
    let values = fs::read_to_string(chart().join("values.yaml")).unwrap();
    let mut values: Value = serde_yaml::from_str(&values).unwrap();
    for key in OF_HELM {
        assert_eq!(values[key], Value::Null, "{key} is not ours");
        values[key] = Value::Null;
    }
    assert_eq!(differences(&values, &schema(), ""), [""; 0]);
}

#[test]
fn the_version_is_that_of_the_program() {
    let chart = fs::read_to_string(chart().join("Chart.yaml")).unwrap();
    let chart: Value = serde_yaml::from_str(&chart).unwrap();
    let versions = [&chart["version"], &chart["appVersion"]];
    assert_eq!(versions, [env!("CARGO_PKG_VERSION"); 2]);
}

/// The places of keys right below a comment, such as `image.tag`.
fn explained(text: &str) -> BTreeSet<String> {
    let mut group = "";
    let mut places = BTreeSet::new();
    for (above, line) in text.lines().zip(text.lines().skip(1)) {
        let Some((key, _)) = line.split_once(':') else { continue };
        let place = match key.strip_prefix("  ") {
            Some(inside) => format!("{group}.{inside}"),
            None => key.to_owned(),
        };
        if !key.starts_with([' ', '#']) {
            group = key;
        }
        if above.trim_start().starts_with('#') {
            places.insert(place);
        }
    }
    places
}

/// Each by itself, or with the group that it is one of.
#[test]
fn every_value_has_a_comment() {
    let explained = explained(&fs::read_to_string(chart().join("values.yaml")).unwrap());
    let schema = schema();
    let mut bare = Vec::new();
    for (name, value) in schema["properties"].as_object().unwrap() {
        if explained.contains(name) || OF_HELM.contains(&name.as_str()) {
            continue;
        }
        let inside = keys(&value["properties"]);
        let places = inside.iter().map(|key| format!("{name}.{key}"));
        bare.extend(places.filter(|place| !explained.contains(place)));
        bare.extend(inside.is_empty().then(|| name.clone()));
    }
    assert_eq!(bare, [""; 0], "no comment says what these are for");
}

#[test]
fn wrong_values_are_refused_by_name() {
    let Some(cluster) = Cluster::shared("wrong values of the chart") else { return };
    let subpath = "extraVolumeMounts[0].name=ca,extraVolumeMounts[0].mountPath=/ca.pem,\
                   extraVolumeMounts[0].subPath=ca.pem";
    for (name, values, words) in [
        ("an unknown key", "replica=2", &["'replica'"][..]),
        ("an unknown key of a group", "image.tagg=1", &["/image", "'tagg'"]),
        ("a mistyped value", "replicas=many", &["/replicas", "want integer"]),
        (
            "a word for yes",
            "networkPolicy.enabled=yes",
            &["/networkPolicy/enabled", "want boolean"],
        ),
        ("another word", "image.pullPolicy=Sometimes", &["/image/pullPolicy", "IfNotPresent"]),
        ("a size of no kind", "state.sizeLimit=5Q", &["/state/sizeLimit", "5Q"]),
        ("a port that is none", "networkPolicy.egressPorts={0}", &["/networkPolicy/egressPorts/0"]),
        ("an interval without unit", "podMonitor.interval=30", &["/podMonitor/interval"]),
        ("a configuration as keys", "config.version=1", &["/config", "want string"]),
        ("no configuration", "config=", &["/config"]),
        ("what is no YAML", "config=credentials: [", &["config: not YAML"]),
        ("loopback", "config=listen: 127.0.0.1:9465", &["listen: 127.0.0.1:9465", "0.0.0.0"]),
        ("many without a Lease", "replicas=2", &["replicas:", "`kubernetes_lease: true`"]),
        (
            "a monitor of nothing",
            "config=version: 1,podMonitor.enabled=true",
            &["podMonitor:", "listen"],
        ),
        (
            "a file mounted by itself",
            subpath,
            &["extraVolumeMounts: ca:", "mount the whole volume"],
        ),
    ] {
        let case = Case { name: name.into(), arguments: vec!["--set".into(), values.into()] };
        let complaint = render(cluster, &case, &[]).expect_err(name);
        for word in words {
            assert!(complaint.contains(word), "{name}: {complaint}");
        }
    }
}
