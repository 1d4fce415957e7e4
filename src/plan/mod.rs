//! Cross-field truth: from a configuration to valid credentials.

mod assertion;
pub mod catalogue;
mod client;
mod credential;
mod difference;
mod draft;
mod endpoint;
mod fingerprint;
mod grant;
mod notifications;
mod outputs;
mod parameters;
mod refresh;
mod reply;
mod settings;
mod shared;
mod source;
mod steps;
mod template;
mod unique;
mod variables;

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use crate::{
    config::{Loaded, node::Node, node::Value, problem::Problem},
    credential::{Credential, Name, ValueSource},
    secret::Secret,
};

pub use difference::{Changes, difference};
pub use fingerprint::material;
pub use settings::Settings;
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
}

/// A configuration that holds together.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What concerns the whole daemon.
    pub settings: Settings,
    /// Sorted by name.
    pub credentials: Vec<Arc<Credential>>,
    /// The files whose change may change the plan: configuration, secrets, authorities.
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
    let catalogue = match catalogue::Catalogue::built_in() {
        Ok(catalogue) => catalogue,
        Err(found) => {
            problems.extend(found);
            return (None, problems);
        }
    };
    let settings = settings::settings(loaded, environment, &mut problems);
    let credentials = credentials(loaded, &catalogue, environment, &mut problems);
    problems.sort_by_key(|problem| problem.at);
    // What is wrong in `defaults` is found by every credential that uses it.
    let mut told = BTreeSet::new();
    problems.retain(|it| told.insert((it.at, it.other, it.message.clone())));
    let plan = settings.map(|settings| Plan {
        settings,
        watched: watched(loaded, &credentials, environment),
        credentials,
    });
    (plan, problems)
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
                Arc::make_mut(credential).material = before.material;
            }
        }
    }

    /// The credential of this name.
    pub fn credential(&self, name: &str) -> Option<&Arc<Credential>> {
        let found = self.credentials.binary_search_by(|one| one.name.as_str().cmp(name));
        found.ok().and_then(|index| self.credentials.get(index))
    }
}

fn credentials(
    loaded: &Loaded,
    catalogue: &catalogue::Catalogue,
    environment: &Environment<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Arc<Credential>> {
    let mut shared = shared::Shared::default();
    let entries = loaded.root.find("credentials").map_or(&[][..], Node::entries);
    let mut claims = unique::Claims::of(entries.len());
    let mut credentials = Vec::with_capacity(entries.len());
    for entry in entries {
        let mut draft = draft::Draft::new(loaded, catalogue, entry, problems);
        if let Some(mut credential) =
            credential::credential(&mut draft, Name::parse(&entry.key), &mut shared, &mut claims)
        {
            credential.material = material(&credential, environment.read);
            credentials.push(Arc::new(credential));
        }
    }
    claims.check(problems);
    if entries.is_empty() {
        problems.push(Problem::warning(
            loaded.root.at,
            "there are no credentials: nothing is kept fresh",
            "name one under `credentials`",
        ));
    }
    credentials.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    credentials
}

fn watched(
    loaded: &Loaded,
    credentials: &[Arc<Credential>],
    environment: &Environment<'_>,
) -> Vec<PathBuf> {
    let mut watched: BTreeSet<PathBuf> = loaded.watched.iter().cloned().collect();
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
