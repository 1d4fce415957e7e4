//! What the user configured, after every check: the values that `plan` builds and the pipeline
//! reads.
//!
//! A process may hold a hundred thousand credentials, so what many of them have in common is
//! shared (`Arc`), and what few of them have is small when absent.

mod calendar;
mod client;
mod endpoint;
#[cfg(test)]
pub mod fixture;
mod name;
mod notification;
mod output;
mod refresh;
mod reply;
mod request;
mod template;
mod value_source;
mod zone;

use std::sync::Arc;

pub use self::{
    calendar::Calendar,
    client::{BasicEncoding, Client, ClientAuthentication},
    endpoint::TokenEndpoint,
    name::{Fingerprint, Name},
    notification::Notification,
    output::{Access, Content, Output},
    refresh::RefreshPolicy,
    reply::{FieldPath, LifetimeField, LifetimeUnit, ReplyShape},
    request::{BodyFormat, Grant, Parameters},
    template::{Template, TemplatePart, TokenField, is_env_value},
    value_source::{ValueSource, program},
    zone::Zone,
};

/// One thing the user configured: one token to keep fresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Unique in the configuration.
    pub name: Name,
    /// How the token is asked for.
    pub grant: Grant,
    /// Where it is asked for.
    pub endpoint: Arc<TokenEndpoint>,
    /// Who asks.
    pub client: Arc<Client>,
    /// What is asked.
    pub parameters: Arc<Parameters>,
    /// Where in the reply the answer stands.
    pub reply: Arc<ReplyShape>,
    /// When it is asked for again.
    pub refresh: Arc<RefreshPolicy>,
    /// Where the token is written.
    pub outputs: Box<[Output]>,
    /// Who is told.
    pub notifications: Box<[Arc<Notification>]>,
    /// A digest of everything that decides which token we get. A change means: acquire now.
    pub inputs: Fingerprint,
    /// A digest of the secret material behind the client's sources, when all of it could be
    /// read. `None` never counts as a change: an unreadable secret must not cost a good token.
    pub material: Option<Fingerprint>,
}
