//! What concerns the whole daemon.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{Environment, secrets::is_subdomain};
use crate::{
    config::{Loaded, keys::CONFIGURATION, node::Node, problem::Problem, scalar, shape::Kind},
    credential::Access,
};

/// When the daemon counts as ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadyWhen {
    /// When every output of every credential is good.
    #[default]
    All,
    /// When the outputs of one credential are good.
    Any,
    /// As soon as it runs.
    Started,
}

/// What concerns the whole daemon.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Where health, metrics and status are served; nowhere if absent.
    pub listen: Option<SocketAddr>,
    /// The socket on which programs ask the daemon for something; none if absent.
    pub control: Option<Control>,
    /// What must survive a restart.
    pub state_directory: PathBuf,
    /// The folder that the paths of outputs start from.
    pub output_directory: PathBuf,
    /// The Lease that one replica holds while it works; none if absent.
    pub kubernetes_lease: Option<Box<str>>,
    /// Requests in flight at one moment.
    pub concurrent_requests: usize,
    /// Requests to one token endpoint in one second.
    pub endpoint_requests_per_second: f64,
    /// What `/ready` and the service manager wait for.
    pub ready_when: ReadyWhen,
    /// How long requests in flight may take to end after a request to stop.
    pub grace_period: Duration,
}

/// The control socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Where it stands.
    pub socket: PathBuf,
    /// Who may connect to it.
    pub access: Access,
}

/// The settings; `None` if a directory is missing, which is noted.
pub fn settings(
    loaded: &Loaded,
    environment: &Environment<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Settings> {
    let mut directory = |name: &str, variable: &str, default: Option<&Path>| {
        let found = directory(loaded, name, default);
        if found.is_none() {
            problems.push(Problem::error(
                loaded.root.at,
                format!("there is no `{name}`"),
                format!("add `{name}: /...`, or start the daemon with `${variable}` set"),
            ));
        }
        found
    };
    let state = environment.state_directory.as_deref();
    let output = environment.runtime_directory.as_deref();
    let state_directory = directory("state_directory", "STATE_DIRECTORY", state);
    let output_directory = directory("output_directory", "RUNTIME_DIRECTORY", output)?;
    Some(Settings {
        listen: text(loaded, &["listen"]).and_then(|text| text.parse().ok()),
        control: control(loaded, &output_directory),
        state_directory: state_directory?,
        output_directory,
        kubernetes_lease: kubernetes_lease(loaded).filter(|name| is_a_name(name, loaded, problems)),
        concurrent_requests: text(loaded, &["limits", "concurrent_requests"])?.parse().ok()?,
        endpoint_requests_per_second: scalar::number(text(
            loaded,
            &["limits", "endpoint_requests_per_second"],
        )?)?,
        ready_when: match text(loaded, &["ready_when"])? {
            "any" => ReadyWhen::Any,
            "started" => ReadyWhen::Started,
            _ => ReadyWhen::All,
        },
        grace_period: scalar::duration(text(loaded, &["grace_period"])?)?,
    })
}

/// A relative path starts at the output directory, where consumers look anyway.
fn control(loaded: &Loaded, output_directory: &Path) -> Option<Control> {
    let socket = output_directory.join(text(loaded, &["control", "socket"])?);
    let mode = scalar::mode(text(loaded, &["control", "mode"])?)?;
    let group = text(loaded, &["control", "group"]).map(Box::from);
    Some(Control { socket, access: Access { mode, owner: None, group } })
}

/// Its name; `true` is the usual one.
fn kubernetes_lease(loaded: &Loaded) -> Option<Box<str>> {
    match text(loaded, &["kubernetes_lease"])? {
        "false" => None,
        "true" => Some("tokenward".into()),
        name => Some(name.into()),
    }
}

fn is_a_name(lease: &str, loaded: &Loaded, problems: &mut Vec<Problem>) -> bool {
    let is_one = is_subdomain(lease);
    if !is_one {
        let at = loaded.root.find("kubernetes_lease").map_or(loaded.root.at, |node| node.at);
        problems.push(Problem::error(
            at,
            "no Lease of Kubernetes can have this name",
            "write `true`, or small letters, digits, `-` and `.`",
        ));
    }
    is_one
}

fn directory(loaded: &Loaded, name: &str, default: Option<&Path>) -> Option<PathBuf> {
    match loaded.root.find(name) {
        Some(node) => Some(loaded.folder(node.at).join(node.text()?)),
        None => first_folder(default?),
    }
}

/// systemd lists several folders with colons between them (`systemd.exec(5)`); the first is the one.
fn first_folder(list: &Path) -> Option<PathBuf> {
    let text = list.to_str()?;
    text.split(':').next().filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// The text of a key, or what the table says.
fn text<'a>(loaded: &'a Loaded, path: &[&str]) -> Option<&'a str> {
    let written = loaded.root.find_path(path).and_then(Node::text);
    written.or_else(|| match path {
        [name] => CONFIGURATION.default_of(name),
        [section, name] => match CONFIGURATION.key(section)?.kind {
            Kind::Section(section) => section.default_of(name),
            _ => None,
        },
        _ => None,
    })
}
