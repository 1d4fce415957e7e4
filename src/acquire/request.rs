//! Composing a token request: parameters and headers, then their encoding.

use serde_json::{Map, Value};
use url::form_urlencoded;

use super::{AcquireError, TokenRequest, authentication, grant, redaction::Redaction};
use crate::{
    credential::{BodyFormat, Credential, Parameters, ValueSource},
    secret::Secret,
    source,
};

const USER_AGENT: &str = concat!("tokenward/", env!("CARGO_PKG_VERSION"));

/// A request that is being composed.
#[derive(Debug, Default)]
pub(super) struct Draft {
    parameters: Vec<(Box<str>, Secret)>,
    headers: Vec<(Box<str>, Secret)>,
    /// What must not be shown if the server repeats it.
    pub(super) redaction: Redaction,
}

impl Draft {
    /// Adds a parameter; a name may come more than once.
    pub(super) fn parameter(&mut self, name: &str, value: impl Into<Secret>) {
        self.parameters.push((name.into(), value.into()));
    }

    /// Adds a header.
    pub(super) fn header(&mut self, name: &str, value: impl Into<Secret>) {
        self.headers.push((name.into(), value.into()));
    }
}

/// The request for `credential`, and what must not be shown of an answer to it.
pub(super) async fn compose(
    credential: &Credential,
) -> Result<(TokenRequest, Redaction), AcquireError> {
    let parameters = &*credential.parameters;
    let mut draft = Draft::default();
    grant::write(credential.grant, &mut draft);
    write_targets(parameters, &mut draft);
    authentication::write(&credential.client, &mut draft).await?;
    draft.header("Accept", "application/json");
    draft.header("User-Agent", USER_AGENT);
    let mut url = credential.endpoint.url.clone();
    // `?subscription-key=...` is a secret that has no other place.
    for (_, value) in url.query_pairs() {
        draft.redaction.hide_unless_short(&Secret::from(&*value));
    }
    override_with(&mut draft.parameters, read(&parameters.extra, &mut draft.redaction).await?);
    let body = encode(parameters.body, &mut url, &mut draft);
    override_with(&mut draft.headers, read(&parameters.headers, &mut draft.redaction).await?);
    Ok((TokenRequest { url, headers: draft.headers, body }, draft.redaction))
}

/// What is asked, and for whom it is meant.
fn write_targets(parameters: &Parameters, draft: &mut Draft) {
    if !parameters.scope.is_empty() {
        draft.parameter("scope", &*parameters.scope);
    }
    for (name, values) in [("audience", &parameters.audience), ("resource", &parameters.resource)] {
        for value in values {
            draft.parameter(name, &**value);
        }
    }
}

/// Further parameters or headers from the configuration.
async fn read(
    fields: &[(Box<str>, ValueSource)],
    redaction: &mut Redaction,
) -> Result<Vec<(Box<str>, Secret)>, AcquireError> {
    let mut values = Vec::with_capacity(fields.len());
    for (name, source) in fields {
        let value = source::read(source)
            .await
            .map_err(|cause| AcquireError::Source { what: name.clone(), cause })?;
        redaction.hide_unless_short(&value);
        values.push((name.clone(), value));
    }
    Ok(values)
}

/// What the user names replaces what we would have sent: some providers have a `grant_type` of
/// their own, or want another `Accept`.
fn override_with(ours: &mut Vec<(Box<str>, Secret)>, users: Vec<(Box<str>, Secret)>) {
    ours.retain(|(name, _)| !users.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)));
    ours.extend(users);
}

/// Puts the parameters into the URL's query or into the body that this returns.
fn encode(format: BodyFormat, url: &mut url::Url, draft: &mut Draft) -> Secret {
    let parameters = std::mem::take(&mut draft.parameters);
    let pairs = parameters.iter().map(|(name, value)| (&**name, value.expose()));
    match format {
        BodyFormat::Form => {
            draft.header("Content-Type", "application/x-www-form-urlencoded");
            let mut form = form_urlencoded::Serializer::new(String::new());
            Secret::from(form.extend_pairs(pairs).finish())
        }
        BodyFormat::Json => {
            draft.header("Content-Type", "application/json");
            Secret::from(json(pairs).to_string())
        }
        // The URL may have a query of its own: `?subscription-key=...` stays.
        BodyFormat::Query => {
            url.query_pairs_mut().extend_pairs(pairs);
            Secret::default()
        }
    }
}

/// One object of strings; a name that comes more than once has a list.
fn json<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let mut object = Map::new();
    for (name, value) in pairs {
        let value = Value::from(value);
        match object.get_mut(name) {
            None => drop(object.insert(name.into(), value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests;
