//! Cross-field truth: from a configuration to valid credentials.

mod assertion;
mod body;
mod calendar;
pub mod catalogue;
mod client;
mod credential;
mod difference;
mod draft;
mod endpoint;
mod entries;
mod fan_out;
mod fingerprint;
mod grant;
mod material;
mod mounts;
mod notifications;
mod oauth1;
mod outputs;
mod parameters;
mod probe;
mod refresh;
mod reply;
mod rivals;
mod secrets;
mod settings;
mod shared;
mod source;
mod steps;
mod template;
mod unique;
mod values;
mod variables;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    config::{
        Loaded,
        node::{Node, Value},
        problem::Problem,
    },
    credential::{Credential, Name, ValueSource},
    secret::Secret,
    source::{Items, List, Mounted},
};

use self::{
    catalogue::Catalogue,
    entries::{Entries, Gathered},
};
pub use difference::{Changes, difference};
pub use material::material;
pub use settings::{Control, ReadyWhen, Settings};
pub use source::sources;

/// What the environment adds to a configuration.
pub struct Environment<'a> {
    /// `$STATE_DIRECTORY`.
    pub state_directory: Option<PathBuf>,
    /// `$RUNTIME_DIRECTORY`.
    pub runtime_directory: Option<PathBuf>,
    /// `$CREDENTIALS_DIRECTORY`, where systemd keeps the credentials of the service.
    pub credentials_directory: Option<PathBuf>,
    /// Reads a source that can be read at any time without side effects; `None` if it cannot.
    pub read: &'a dyn Fn(&ValueSource) -> Option<Secret>,
    /// Reads a list of values; `None` if lists are not to be read, but texts checked.
    pub values: &'a dyn Fn(&List) -> Option<Items>,
    /// How a file is mounted, if its changes are not seen because of that.
    pub mounted: &'a dyn Fn(&Path) -> Option<Mounted>,
}

impl Default for Environment<'_> {
    /// One that adds nothing and reads nothing: the configuration is looked at as a text.
    fn default() -> Self {
        Self {
            state_directory: None,
            runtime_directory: None,
            credentials_directory: None,
            read: &|_| None,
            values: &|_| None,
            mounted: &|_| None,
        }
    }
}

/// A configuration that holds together.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What concerns the whole daemon.
    pub settings: Settings,
    /// Sorted by name.
    pub credentials: Vec<Arc<Credential>>,
    /// The files whose change may change the plan: configuration, lists, secrets, authorities.
    pub watched: Vec<PathBuf>,
}

/// Makes a plan, and finds every problem at once, those of the configuration's shape included.
/// There is a plan if none of them is an error.
pub fn build(loaded: &Loaded, environment: &Environment<'_>) -> (Option<Plan>, Vec<Problem>) {
    let (plan, problems) = sketch(loaded, environment);
    let usable = !problems.iter().any(Problem::is_error);
    (plan.filter(|_| usable), problems)
}

/// The same, but a plan of whatever is good, for those who only look.
pub fn sketch(loaded: &Loaded, environment: &Environment<'_>) -> (Option<Plan>, Vec<Problem>) {
    let mut problems = loaded.problems.clone();
    if !matches!(loaded.root.value, Value::Map(_)) {
        return (None, problems);
    }
    let catalogue = match Catalogue::with(&providers(loaded)) {
        Ok(catalogue) => catalogue,
        Err(found) => {
            problems.extend(found);
            return (None, problems);
        }
    };
    let settings = settings::settings(loaded, environment, &mut problems);
    let Gathered { credentials, lists } =
        Entries::gather(loaded, &catalogue, environment, &mut problems);
    let watched = watched(loaded, lists, &credentials, environment);
    mounts::check(loaded, environment, &watched, &mut problems);
    problems.sort_by_key(|problem| problem.at);
    // What is wrong in `defaults` is found by every credential that uses it.
    let mut told = BTreeSet::new();
    problems.retain(|it| told.insert((it.at, it.other, it.message.clone())));
    let plan = settings.map(|settings| Plan { settings, credentials, watched });
    (plan, problems)
}

/// The names in `provider:`.
fn providers(loaded: &Loaded) -> BTreeSet<&str> {
    let entries = loaded.root.find("credentials").map_or(&[][..], Node::entries);
    entries.iter().filter_map(|entry| entry.value.find("provider")?.text()).collect()
}

impl Plan {
    /// Takes over from the plan before it what could not be read this time. An unreadable secret
    /// must not look like a change now, nor hide a change later.
    pub fn inherit(&mut self, old: &Self) {
        for credential in &mut self.credentials {
            if credential.material.is_none()
                && let Some(before) = old.credential(credential.name.as_str())
                && before.inputs == credential.inputs
                && before.material.is_some()
            {
                let credential = Arc::make_mut(credential);
                credential.material = before.material;
                credential.proof.clone_from(&before.proof);
            }
        }
    }

    /// The credential of this name, or each token of the `for_each` that has it.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Arc<Credential>> {
        let is_it = move |one: &Name| one.as_str() == name || one.is_instance_of(name);
        self.credentials.iter().filter(move |one| is_it(&one.name))
    }

    /// The credential of this name.
    pub fn credential(&self, name: &str) -> Option<&Arc<Credential>> {
        let found = self.credentials.binary_search_by(|one| one.name.as_str().cmp(name));
        found.ok().and_then(|index| self.credentials.get(index))
    }
}

fn watched(
    loaded: &Loaded,
    lists: BTreeSet<PathBuf>,
    credentials: &[Arc<Credential>],
    environment: &Environment<'_>,
) -> Vec<PathBuf> {
    let mut watched = lists;
    watched.extend(loaded.watched.iter().cloned());
    for credential in credentials {
        watched.extend(credential.endpoint.ca_file.as_deref().map(PathBuf::from));
        if let Some(certificate) = &credential.endpoint.certificate {
            let files = [&certificate.certificate, &certificate.key];
            watched.extend(files.map(|path| path.to_path_buf()));
        }
        for source in source::sources(credential) {
            match source {
                ValueSource::File(path) | ValueSource::JsonFile { path, .. } => {
                    watched.insert(path.to_path_buf());
                }
                ValueSource::SystemdCredential(name) => {
                    let folder = environment.credentials_directory.as_ref();
                    watched.extend(folder.map(|folder| folder.join(&**name)));
                }
                ValueSource::Literal(_) | ValueSource::Env(_) | ValueSource::Command(_) => {}
            }
        }
    }
    watched.into_iter().collect()
}
