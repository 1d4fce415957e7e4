//! The metrics: counters since the start, and gauges computed at each scrape.

use prometheus_client::{
    encoding::{
        EncodeLabelSet,
        text::{encode_eof, encode_registry},
    },
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::{CredentialStatus, Event, OutputState, Standing, Status};
use crate::{clock::WallTime, waiting::Reason};

/// Counters since the start of the process.
#[derive(Debug, Default)]
pub struct Metrics {
    tokens: Counter,
    failures: Family<Failed, Counter>,
    files: Counter,
    notifications: Counter,
    probes: Family<Probe, Counter>,
    reloads: Family<Reload, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Failed {
    task: &'static str,
    fault: &'static str,
    reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Probe {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reload {
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    credential: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfStanding {
    standing: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfReason {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfEndpoint {
    endpoint: String,
}

impl Metrics {
    pub(super) fn count(&self, event: &Event<'_>) {
        match *event {
            Event::Acquired { .. } => {
                self.tokens.inc();
            }
            Event::Failed { failure, .. } => {
                let (task, fault) = (failure.task.as_str(), failure.fault.as_str());
                let labels = Failed { task, fault, reason: failure.reason.to_string() };
                self.failures.get_or_create(&labels).inc();
            }
            Event::Published { changed, .. } => {
                self.files.inc_by(changed as u64);
            }
            Event::Notified { .. } => {
                self.notifications.inc();
            }
            Event::Probed { result, .. } => {
                self.probes.get_or_create(&Probe { result: result.as_str() }).inc();
            }
            Event::Reloaded(_) => {
                self.reloads.get_or_create(&Reload { result: "applied" }).inc();
            }
            Event::ReloadRefused { .. } => {
                self.reloads.get_or_create(&Reload { result: "refused" }).inc();
            }
            Event::Started { .. }
            | Event::Adopted { .. }
            | Event::GrantEnds { .. }
            | Event::OtherSecret { .. }
            | Event::Warning(_)
            | Event::Swept { .. }
            | Event::ClockStepped { .. }
            | Event::StandingBy { .. }
            | Event::Elected { .. }
            | Event::Deposed { .. }
            | Event::Removed { .. }
            | Event::Withdrawn { .. }
            | Event::Draining { .. }
            | Event::Stopped => {}
        }
    }

    /// Everything as `OpenMetrics` text.
    pub fn render(&self, status: &Status) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode_registry(&mut text, &self.counters());
        let _ = encode_registry(&mut text, &gauges(status));
        let _ = encode_eof(&mut text);
        text
    }

    /// What can be said without a survey.
    pub fn render_alone(&self) -> String {
        let mut text = String::new();
        let _ = encode_registry(&mut text, &self.counters());
        let _ = encode_eof(&mut text);
        text
    }

    fn counters(&self) -> Registry {
        let mut registry = Registry::with_prefix("tokenward");
        registry.register("tokens_acquired", "Tokens issued to us", self.tokens.clone());
        registry.register("failures", "Steps that failed", self.failures.clone());
        registry.register("files_published", "Output files that changed", self.files.clone());
        registry.register("notifications", "Consumers told", self.notifications.clone());
        registry.register("probes", "Tokens probed", self.probes.clone());
        registry.register("reloads", "Configuration changes noticed", self.reloads.clone());
        registry
    }
}

type PerCredential = Family<Labels, Gauge>;

/// Computed from what is on disk: nothing here is remembered.
fn gauges(status: &Status) -> Registry {
    let mut registry = Registry::with_prefix("tokenward");
    let ready: Gauge = Gauge::default();
    ready.set(i64::from(status.ready));
    registry.register("ready", "Ready, by ready_when", ready);
    let refused: Gauge = Gauge::default();
    let daemon = status.daemon.as_ref();
    refused.set(i64::from(daemon.is_some_and(|d| d.configuration_problem.is_some())));
    registry.register("configuration_refused", "The file on disk is not in force", refused);
    registry.register("credentials", "Credentials by standing", standings(status));
    registry.register("waiting", "Credentials that wait, by reason", waiting(status));
    per_endpoint(&mut registry, status);
    per_credential(&mut registry, status);
    registry
}

fn standings(status: &Status) -> Family<OfStanding, Gauge> {
    let family = Family::<OfStanding, Gauge>::default();
    for standing in Standing::ALL {
        let count = status.credentials.iter().filter(|c| c.standing == standing).count();
        let labels = OfStanding { standing: standing.as_str() };
        family.get_or_create(&labels).set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    family
}

fn waiting(status: &Status) -> Family<OfReason, Gauge> {
    let family = Family::<OfReason, Gauge>::default();
    for word in Reason::WORDS {
        let waits = |c: &&CredentialStatus| c.waiting.as_ref().is_some_and(|r| r.as_str() == word);
        let count = status.credentials.iter().filter(waits).count();
        let labels = OfReason { reason: word };
        family.get_or_create(&labels).set(i64::try_from(count).unwrap_or(i64::MAX));
    }
    family
}

fn per_endpoint(registry: &mut Registry, status: &Status) {
    let [breaker, queue] = std::array::from_fn(|_| Family::<OfEndpoint, Gauge>::default());
    for endpoint in &status.endpoints {
        let labels = OfEndpoint { endpoint: endpoint.endpoint.to_string() };
        breaker.get_or_create(&labels).set(endpoint.breaker.number());
        let waiting = i64::try_from(endpoint.waiting).unwrap_or(i64::MAX);
        queue.get_or_create(&labels).set(waiting);
    }
    let help = "The circuit breaker: 0 closed, 1 half-open, 2 open";
    registry.register("endpoint_breaker_state", help, breaker);
    registry.register("endpoint_waiting", "Credentials that wait for the endpoint", queue);
}

fn per_credential(registry: &mut Registry, status: &Status) {
    let [expiry, next, issued, assumed, parked, failures, valid, grant] =
        std::array::from_fn(|_| PerCredential::default());
    for credential in &status.credentials {
        let set = |family: &PerCredential, value: i64| {
            let labels = Labels { credential: credential.name.to_string() };
            family.get_or_create(&labels).set(value);
        };
        let date = |family: &PerCredential, date: Option<WallTime>| {
            date.inspect(|date| set(family, date.seconds()));
        };
        date(&expiry, credential.expires_at);
        date(&next, credential.next_request_at);
        date(&issued, credential.issued_at);
        date(&grant, credential.grant_expires_at);
        set(&assumed, i64::from(credential.assumption().is_some()));
        set(&parked, i64::from(credential.parked));
        set(&failures, i64::from(credential.failures));
        let all_valid = credential.outputs.iter().all(|o| o.state == OutputState::Valid);
        set(&valid, i64::from(all_valid));
    }
    let rows = [
        ("token_expiry_timestamp_seconds", "When the token on disk expires", expiry),
        ("next_request_timestamp_seconds", "When the next request is due", next),
        ("token_issued_timestamp_seconds", "When the token was issued", issued),
        ("grant_expires_timestamp_seconds", "When the refresh token expires, if known", grant),
        ("token_lifetime_assumed", "The reply had no usable lifetime", assumed),
        ("credential_parked", "Waiting for an input to change", parked),
        ("consecutive_failures", "Requests that failed since the last token", failures),
        ("outputs_valid", "Every output holds a good token", valid),
    ];
    for (name, help, family) in rows {
        registry.register(name, help, family);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::waiting::{Breaker, EndpointWaiting};

    #[test]
    fn a_parked_credential_without_a_token_is_parked_too_and_its_grant_has_an_end() {
        let credential = CredentialStatus {
            name: "learn".into(),
            standing: Standing::Missing,
            issued_at: None,
            expires_at: None,
            lifetime_source: None,
            outage_ms: None,
            next_request_at: None,
            grant_expires_at: Some(WallTime::from_seconds(9_000)),
            grant_extends: true,
            failures: 1,
            parked: true,
            waiting: Some(Reason::Parked { next_attempt_at: WallTime::from_seconds(1_060) }),
            client_secret: None,
            problem: None,
            outputs: Vec::new(),
        };
        let at = WallTime::from_seconds(1_000);
        let mut endpoint = EndpointWaiting::calm("https://id.example/token".into());
        (endpoint.breaker, endpoint.waiting) = (Breaker::Open, 7);
        let credentials = vec![credential];
        let status = Status { credentials, endpoints: vec![endpoint], ..Status::unknown(at) };
        let text = Metrics::default().render(&status);
        for (gauge, value) in [("credential_parked", 1), ("grant_expires_timestamp_seconds", 9_000)]
        {
            let line = format!("tokenward_{gauge}{{credential=\"learn\"}} {value}\n");
            assert!(text.contains(&line), "{text}");
        }
        for line in [
            r#"tokenward_waiting{reason="parked"} 1"#,
            r#"tokenward_waiting{reason="queued"} 0"#,
            r#"tokenward_endpoint_breaker_state{endpoint="https://id.example/token"} 2"#,
            r#"tokenward_endpoint_waiting{endpoint="https://id.example/token"} 7"#,
        ] {
            assert!(text.contains(line), "{line} is not in {text}");
        }
    }
}
