//! helm, as the administrator of the cluster of these tests.

use std::process::Command;

use serde_json::Value;

use super::{Case, chart};
use crate::{
    cluster::{Cluster, beside},
    output::output,
};

/// Runs helm: what it prints, or what it complains of.
pub fn helm(cluster: &Cluster, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(beside(".bed/helm"));
    command.args(arguments);
    cluster.introduce(&mut command);
    output(&mut command, "")
}

/// Everything that the chart renders in this case.
pub fn render(cluster: &Cluster, case: &Case, more: &[&str]) -> Result<String, String> {
    let chart = chart().display().to_string();
    let arguments: Vec<_> = case.arguments.iter().map(String::as_str).collect();
    helm(cluster, &[&["template", "tokenward", &chart], arguments.as_slice(), more].concat())
}

/// The one object that comes of a template.
pub fn render_object(cluster: &Cluster, case: &Case, template: &str) -> Value {
    let path = format!("templates/{template}.yaml");
    let text = render(cluster, case, &["--show-only", &path]).unwrap();
    serde_yaml::from_str(&text).unwrap()
}
