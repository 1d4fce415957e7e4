//! The Helm chart: what it takes, what it renders, and what a release of it leaves behind.

mod helm;
mod release;
mod rendered;
mod values;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of the chart.
fn chart() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/helm/tokenward")
}

/// A way to use the chart: a name for it, and what is said to helm.
struct Case {
    name: String,
    arguments: Vec<String>,
}

/// The chart as it stands, and with each file of values that lies beside it.
fn cases() -> Vec<Case> {
    let file = |path: PathBuf| Case {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        arguments: vec!["--values".into(), path.display().to_string()],
    };
    let files = fs::read_dir(chart().join("ci")).unwrap().map(|entry| entry.unwrap().path());
    let bare = Case { name: "no values".into(), arguments: Vec::new() };
    std::iter::once(bare).chain(files.map(file)).collect()
}
