//! What the user configured, after every check: the values that `plan` builds and the pipeline
//! reads.
//!
//! A process may hold a hundred thousand credentials, so what many of them have in common is
//! shared (`Arc`), and what few of them have is small when absent.

mod assertion;
mod calendar;
mod client;
mod command_line;
mod endpoint;
#[cfg(test)]
pub mod fixture;
mod grant;
mod kubernetes_secret;
mod name;
mod notification;
mod oauth1;
mod output;
mod probe;
mod refresh;
mod reply;
mod request;
mod step;
mod template;
mod url_parts;
mod value_source;
mod zone;

use std::sync::Arc;

pub use self::{
    assertion::{Algorithm, Assertion, Signing},
    calendar::Calendar,
    client::{BasicEncoding, Client, ClientAuthentication, ClientCertificate},
    command_line::CommandLine,
    endpoint::{Endpoint, TokenEndpoint},
    grant::{AfterLostAnswer, AuthorizationRequest, Grant, Renewal, TokenExchange},
    kubernetes_secret::KubernetesSecret,
    name::{Fingerprint, Name},
    notification::{Notification, UnitAction},
    oauth1::{Callback, OAuth1, ParameterPlace, SignatureMethod},
    output::{Access, Content, OnRemove, Output},
    probe::Probe,
    refresh::RefreshPolicy,
    reply::{FieldPath, LifetimeField, LifetimeUnit, Location, ReplyShape, TokenCharacters},
    request::{BodyFormat, BodyPart, BodyTemplate, Method, Parameters},
    step::{FollowUp, StepPart, StepText, StepValue},
    template::{Template, TemplatePart, TokenField, is_env_value},
    url_parts::{is_loopback, origin, percent_encoded, without_query},
    value_source::ValueSource,
    zone::Zone,
};

/// One thing the user configured: one token to keep fresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Unique in the configuration.
    pub name: Name,
    /// How the token is asked for.
    pub grant: Arc<Grant>,
    /// How its refresh token is handed in; there if the grant has one.
    pub renewal: Option<Arc<Renewal>>,
    /// Where it is asked for.
    pub endpoint: Arc<TokenEndpoint>,
    /// Who asks.
    pub client: Arc<Client>,
    /// What is asked.
    pub parameters: Arc<Parameters>,
    /// The `scope` as it is sent: its values joined as the provider wants it; empty for none.
    pub scope: Box<str>,
    /// Requests that follow the first, whose last reply then holds the token.
    pub steps: Arc<[FollowUp]>,
    /// Where in the reply the answer stands.
    pub reply: Arc<ReplyShape>,
    /// What stands before the token in an `Authorization` header; `None`: the reply's
    /// `token_type`. Empty: nothing.
    pub authorization_scheme: Option<Arc<str>>,
    /// When it is asked for again.
    pub refresh: Arc<RefreshPolicy>,
    /// How it is found out whether the token is still accepted.
    pub probe: Option<Arc<Probe>>,
    /// Where the token is written.
    pub outputs: Box<[Output]>,
    /// The Secrets that it is applied to as well.
    pub secrets: Box<[KubernetesSecret]>,
    /// What becomes of them when the credential leaves the configuration.
    pub on_remove: OnRemove,
    /// Who is told.
    pub notifications: Box<[Arc<Notification>]>,
    /// A digest of everything that decides which token we get. A change means: acquire now.
    pub inputs: Fingerprint,
    /// A digest of the secret material behind the client's sources, when all of it could be
    /// read. `None` never counts as a change: an unreadable secret must not cost a good token.
    pub material: Option<Fingerprint>,
    /// A digest of the tokens that are handed in for this one and that somebody else renews. A
    /// change costs no good token; but where the one before was refused, it means: acquire now.
    pub proof: Option<Box<Fingerprint>>,
}

#[cfg(test)]
mod tests;
