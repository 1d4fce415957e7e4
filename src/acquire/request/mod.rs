//! Composing a token request: parameters and headers, then their encoding.

mod encode;
mod template;

use url::Url;

use super::{
    AcquireError, TokenRequest,
    attempt::{Attempt, HandedIn},
    authentication, grant, read,
    redaction::Redaction,
};
use crate::{
    clock::WallTime,
    credential::{Parameters, ValueSource},
    secret::Secret,
};

/// Who asks (RFC 9110, section 10.1.5).
pub(super) const USER_AGENT: &str = concat!("tokenward/", env!("CARGO_PKG_VERSION"));

/// A request that is being composed: the first of an attempt or one that follows it.
#[derive(Debug, Default)]
pub(super) struct Draft {
    parameters: Vec<(Box<str>, Secret)>,
    headers: Vec<(Box<str>, Secret)>,
    /// What must not be shown if the server repeats it.
    pub(super) redaction: Redaction,
    /// What the server's clock shows: assertions are dated by it.
    pub(super) server_time: WallTime,
}

impl Draft {
    /// An empty one, for a server whose clock shows `server_time`.
    pub(super) fn new(server_time: WallTime) -> Self {
        Self { server_time, ..Self::default() }
    }

    /// Adds a parameter; a name may come more than once.
    pub(super) fn parameter(&mut self, name: &str, value: impl Into<Secret>) {
        self.parameters.push((name.into(), value.into()));
    }

    /// One that follows another, whose secrets must not be shown either.
    pub(super) fn following(redaction: Redaction) -> Self {
        Self { redaction, ..Self::default() }
    }

    /// Hides what stands in the query of a URL: `?subscription-key=...` is a secret that has no
    /// other place.
    pub(super) fn hide_query(&mut self, url: &Url) {
        for (_, value) in url.query_pairs() {
            self.redaction.hide_unless_short(&Secret::from(&*value));
        }
    }

    /// Adds a header.
    pub(super) fn header(&mut self, name: &str, value: impl Into<Secret>) {
        self.headers.push((name.into(), value.into()));
    }

    /// What a token request asks, and for whom it is meant.
    pub(super) fn targets(&mut self, attempt: &Attempt<'_>) {
        let parameters = &*attempt.credential.parameters;
        if let Some(grant_type) = &parameters.grant_type {
            self.parameters.retain(|(name, _)| &**name != "grant_type");
            self.parameter("grant_type", &**grant_type);
        }
        // What comes after a log-in keeps the scope that was agreed on there (RFC 6749,
        // section 6).
        if !attempt.credential.grant.needs_login() {
            self.scope(&attempt.credential.scope);
        }
        self.audience(parameters);
    }

    /// The `scope`, if one is asked for.
    pub(super) fn scope(&mut self, scope: &str) {
        if !scope.is_empty() {
            self.parameter("scope", scope);
        }
    }

    /// For whom the token is meant.
    pub(super) fn audience(&mut self, parameters: &Parameters) {
        for audience in &parameters.audience {
            self.parameter("audience", &**audience);
        }
        for resource in &parameters.resource {
            self.parameter("resource", &**resource);
        }
    }
}

/// A request that is ready to be sent.
pub(super) struct Composed {
    pub(super) request: TokenRequest,
    /// What must not be shown of an answer to it.
    pub(super) redaction: Redaction,
    /// The refresh token in it.
    pub(super) handed_in: Option<HandedIn>,
}

/// The request of an attempt to a server whose clock shows `server_time`.
pub(super) async fn compose(
    attempt: &Attempt<'_>,
    server_time: WallTime,
) -> Result<Composed, AcquireError> {
    let credential = attempt.credential;
    let mut draft = Draft::new(server_time);
    let handed_in = grant::write(attempt, &mut draft).await?;
    draft.targets(attempt);
    let renewal = credential.renewal.as_deref();
    let url =
        renewal.and_then(|renewal| renewal.url.as_deref()).unwrap_or(&credential.endpoint.url);
    let further = renewal.map_or(&[][..], |renewal| &renewal.extra);
    let (request, redaction) = finish(attempt, draft, url.clone(), further).await?;
    Ok(Composed { request, redaction, handed_in })
}

/// Adds to a request who asks and what the user adds, and encodes it.
pub(super) async fn finish(
    attempt: &Attempt<'_>,
    mut draft: Draft,
    mut url: Url,
    further: &[(Box<str>, ValueSource)],
) -> Result<(TokenRequest, Redaction), AcquireError> {
    let parameters = &*attempt.credential.parameters;
    authentication::write(attempt, &mut draft).await?;
    draft.hide_query(&url);
    for extra in [&parameters.extra, further] {
        let extra = read_all(extra, &mut draft.redaction).await?;
        override_with(&mut draft.parameters, extra);
    }
    for (name, value) in read_all(&parameters.query, &mut draft.redaction).await? {
        url.query_pairs_mut().append_pair(&name, value.expose());
    }
    let headers = read_all(&parameters.headers, &mut draft.redaction).await?;
    Ok(draft.encode(parameters.method, url, &parameters.body, headers))
}

/// Further parameters or headers from the configuration.
pub(super) async fn read_all(
    fields: &[(Box<str>, ValueSource)],
    redaction: &mut Redaction,
) -> Result<Vec<(Box<str>, Secret)>, AcquireError> {
    let mut values = Vec::with_capacity(fields.len());
    for (name, source) in fields {
        let value = read(name, source).await?;
        redaction.hide_unless_short(&value);
        values.push((name.clone(), value));
    }
    Ok(values)
}

/// What the user names replaces what we would have sent: some providers have a `grant_type` of
/// their own, or want another `Accept`.
pub(super) fn override_with(ours: &mut Vec<(Box<str>, Secret)>, users: Vec<(Box<str>, Secret)>) {
    ours.retain(|(name, _)| !users.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)));
    ours.extend(users);
}

#[cfg(test)]
mod tests;
