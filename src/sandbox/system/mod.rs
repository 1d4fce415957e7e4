//! The systems: each file speaks as one real provider does. A new one is a file and a row.
//!
//! Where a provider's documentation is silent, the file says so, and what stands there is the
//! plainest reading of RFC 6749.

mod adl_lrs;
mod github_app;
mod learn_link;
mod learnosity;
pub(super) mod oauth1;
pub(super) mod plain;
mod three_sixty_learning;
mod usertesting;

use super::{
    occasion::Occasion,
    reply::Reply,
    request::{Client, Request},
};

/// Every system.
pub(super) const SYSTEMS: &[System] = &[
    plain::SYSTEM,
    learnosity::SYSTEM,
    learn_link::SYSTEM,
    usertesting::SYSTEM,
    three_sixty_learning::SYSTEM,
    github_app::SYSTEM,
    oauth1::SYSTEM,
    adl_lrs::SYSTEM,
];

/// A provider as the sandbox speaks it.
pub(super) struct System {
    /// The first segment of its paths.
    pub(super) name: &'static str,
    /// What it is, in one line.
    pub(super) is: &'static str,
    /// Where it is asked for tokens.
    pub(super) endpoints: &'static [Endpoint],
    /// How it answers.
    pub(super) answer: fn(&Request, &Occasion<'_>) -> Reply,
    /// How it answers while it is down.
    pub(super) outage: fn(&Occasion<'_>) -> Reply,
}

/// A token endpoint and the client that it knows.
pub(super) struct Endpoint {
    pub(super) path: &'static str,
    pub(super) client: &'static Client,
    /// The entry of the provider catalogue that fits it.
    pub(super) preset: Option<&'static str>,
    /// Keys of a credential that fits it, where no preset says them: `@KEYS@` stands for the folder
    /// with the sandbox's keys, `@SITE@` for the URL of the system.
    pub(super) keys: &'static str,
}

/// The system whose paths begin like this one.
pub(super) fn at(path: &str) -> Option<&'static System> {
    let name = path.strip_prefix('/')?.split('/').next()?;
    SYSTEMS.iter().find(|system| system.name == name)
}

/// A refusal is a reply like any other; the two are told apart so that `?` can end an answer.
type Answer = Result<Reply, Reply>;

/// The reply, whichever it is.
fn either(answer: Answer) -> Reply {
    answer.unwrap_or_else(|refusal| refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_leads_to_its_system() {
        for system in SYSTEMS {
            for endpoint in system.endpoints {
                assert_eq!(at(endpoint.path).map(|found| found.name), Some(system.name));
            }
        }
        assert!(at("/plainer/token").is_none());
        assert!(at("plain/token").is_none());
    }
}
