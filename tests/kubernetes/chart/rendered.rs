//! What the chart renders is what it was told, and what an API server takes.

use std::{fs, process::Command};

use serde_json::{Value, json};

use super::{
    Case, cases, chart,
    helm::{helm, render, render_object},
};
use crate::{
    cluster::Cluster,
    manifests::complaint,
    namespace::Namespace,
    program::{Ended, Program},
    write::write,
};

#[test]
fn helm_finds_nothing_to_complain_of() {
    let Some(cluster) = Cluster::shared("helm's lint of the chart") else { return };
    let chart = chart().display().to_string();
    for case in cases() {
        let arguments: Vec<_> = case.arguments.iter().map(String::as_str).collect();
        let linted = helm(cluster, &[&["lint", "--strict", &chart], arguments.as_slice()].concat());
        linted.unwrap_or_else(|complaint| panic!("{}: {complaint}", case.name));
    }
}

#[test]
fn an_api_server_takes_it() {
    let Some(cluster) = Cluster::shared("the chart at an API server") else { return };
    let namespace = Namespace::restricted(cluster, "chart");
    for case in cases() {
        let rendered = render(cluster, &case, &["--namespace", namespace.name]).unwrap();
        assert_eq!(complaint(&namespace, &rendered), None, "{}", case.name);
    }
}

fn configuration(cluster: &Cluster, case: &Case) -> String {
    let map = render_object(cluster, case, "configmap");
    map["data"]["config.yaml"].as_str().unwrap().to_owned()
}

#[test]
fn the_configuration_is_rendered_as_it_stands() {
    let Some(cluster) = Cluster::shared("the configuration in the chart") else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.yaml");
    for (name, text) in [
        ("no line end", "version: 1"),
        ("a first line further in", "    # ours\nversion: 1\n"),
        ("lines of another system", "version: 1\r\ncredentials: {}\r\n"),
        ("words of templates", "version: 1 # {{ .Values.config }} ${access_token} \\ \"\n"),
        ("blanks at the end of a line", "version: 1  \n# é\n"),
    ] {
        write(&file, text);
        let arguments = vec!["--set-file".into(), format!("config={}", file.display())];
        let case = Case { name: name.into(), arguments };
        assert_eq!(configuration(cluster, &case), text, "{name}");
    }
}

#[test]
fn each_configuration_is_good() {
    let Some(cluster) = Cluster::shared("the configurations of the chart") else { return };
    let program = Program::new();
    for case in cases() {
        let configuration = configuration(cluster, &case);
        program.write("config.yaml", configuration);
        let mut check = program.command(&["check", "--syntax"]);
        // As the image says.
        check
            .env("STATE_DIRECTORY", "/var/lib/tokenward")
            .env("RUNTIME_DIRECTORY", "/run/tokenward");
        let checked = Ended::from(check.output().unwrap());
        assert_eq!(checked.code, Some(0), "{}: {}", case.name, checked.text);
    }
}

/// As other charts have it: what a release is called decides, unless it is said otherwise.
#[test]
fn names_follow_the_release() {
    let Some(cluster) = Cluster::shared("the names in the chart") else { return };
    let chart = chart().display().to_string();
    for (release, values, name) in [
        ("tokenward", "", "tokenward"),
        ("tokenward-eu", "", "tokenward-eu"),
        ("reports", "", "reports-tokenward"),
        ("1", "nameOverride=2", "1-2"),
        ("1", "fullnameOverride=3", "3"),
    ] {
        let words = ["template", release, &chart, "--set-string", values];
        let rendered =
            helm(cluster, &[&words, &["--show-only=templates/deployment.yaml"][..]].concat());
        let deployment: Value = serde_yaml::from_str(&rendered.unwrap()).unwrap();
        let pod = &deployment["spec"]["template"]["spec"];
        assert_eq!(deployment["metadata"]["name"], name, "{release} {values}");
        let labels = &deployment["spec"]["template"]["metadata"]["labels"];
        assert_eq!(labels["app.kubernetes.io/instance"], release, "{release} {values}");
        assert_eq!(pod["serviceAccountName"], name, "{release} {values}");
        assert_eq!(pod["volumes"][0]["configMap"]["name"], name, "{release} {values}");
    }
}

#[test]
fn probes_ask_the_port_or_the_files() {
    let Some(cluster) = Cluster::shared("the probes of the chart") else { return };
    for (name, configuration, readiness, liveness) in [
        ("a port", "listen: 0.0.0.0:9999", json!({ "path": "/ready", "port": "http" }), "/live"),
        (
            "a port of IPv6",
            "listen: '[::]:9999'",
            json!({ "path": "/ready", "port": "http" }),
            "/live",
        ),
        ("no port", "version: 1", Value::Null, ""),
    ] {
        let arguments = vec!["--set-string".into(), format!("config={configuration}")];
        let case = Case { name: name.into(), arguments };
        let deployment = render_object(cluster, &case, "deployment");
        let container = &deployment["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["readinessProbe"]["httpGet"], readiness, "{name}");
        let live = container["livenessProbe"]["httpGet"]["path"].as_str().unwrap_or_default();
        assert_eq!(live, liveness, "{name}");
        let port = container["ports"][0]["containerPort"].as_u64();
        assert_eq!(port, (!liveness.is_empty()).then_some(9999), "{name}");
        if port.is_none() {
            assert_is_a_verb(&container["readinessProbe"]["exec"]["command"]);
        }
    }
}

/// The program knows what a probe has it do.
fn assert_is_a_verb(command: &Value) {
    let words: Vec<_> =
        command.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
    let (program, arguments) = words.split_first().unwrap();
    assert_eq!(*program, "/usr/bin/tokenward");
    let run = Command::new(env!("CARGO_BIN_EXE_tokenward")).args(arguments).arg("--help").output();
    let help = run.unwrap();
    assert!(help.status.success(), "{words:?}: {}", String::from_utf8_lossy(&help.stderr));
}

/// One alone is gone before the next begins; of several that have a Lease some always run.
#[test]
fn the_old_pods_go_first_where_there_is_no_lease() {
    let Some(cluster) = Cluster::shared("the strategy of the chart") else { return };
    let strategies: Vec<_> = cases()
        .iter()
        .map(|case| {
            let deployment = render_object(cluster, case, "deployment");
            (deployment["spec"]["replicas"].clone(), deployment["spec"]["strategy"]["type"].clone())
        })
        .collect();
    assert!(strategies.iter().all(|(replicas, strategy)| {
        *strategy == if *replicas == 1 { "Recreate" } else { "RollingUpdate" }
    }));
    assert!(strategies.iter().any(|(replicas, _)| *replicas == 2), "{strategies:?}");
}

/// The files of values leave nothing out that could be wrong in a template.
#[test]
fn every_value_is_tried() {
    let defaults = fs::read_to_string(chart().join("values.yaml")).unwrap();
    let defaults: Value = serde_yaml::from_str(&defaults).unwrap();
    let files = fs::read_dir(chart().join("ci")).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<Value> = files
        .map(|path| serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap())
        .collect();
    let untried: Vec<_> = leaves(&defaults, "")
        .into_iter()
        .filter(|(place, default)| {
            !files.iter().any(|file| file.pointer(place).is_some_and(|value| value != default))
        })
        .map(|(place, _)| place)
        .collect();
    assert_eq!(untried, ["/fullnameOverride", "/standalone"], "both have tests of their own");
}

/// Every value, and where it stands.
fn leaves(value: &Value, place: &str) -> Vec<(String, Value)> {
    match value.as_object().filter(|object| !object.is_empty()) {
        None => vec![(place.to_owned(), value.clone())],
        Some(object) => object
            .iter()
            .flat_map(|(key, value)| leaves(value, &format!("{place}/{key}")))
            .collect(),
    }
}
