//! A credential and replies to test with.

use std::{sync::Arc, time::Duration};

use zeroize::Zeroizing;

use super::{AcquireError, RawResponse, redaction::Redaction, reply};
use crate::{
    clock::{BootTime, Now, WallTime},
    credential::{
        BasicEncoding, BodyFormat, Client, ClientAuthentication, Credential, FieldPath,
        Fingerprint, Grant, Name, Parameters, RefreshPolicy, ReplyShape, TokenEndpoint,
        ValueSource,
    },
    secret::Secret,
    token::IssuedToken,
};

/// A secret in which every encoding shows.
pub(super) const SECRET: &str = "s:e%c+r/e=t &";

/// 2021-11-05T14:18:31Z by our clock.
pub(super) const SENT_AT: Now =
    Now { wall: WallTime::from_seconds(1_636_121_911), boot: BootTime::from_millis(5) };

pub(super) fn literal(text: &str) -> ValueSource {
    ValueSource::Literal(Secret::from(text))
}

pub(super) fn words(words: &[&str]) -> Box<[Box<str>]> {
    words.iter().map(|word| Box::from(*word)).collect()
}

pub(super) fn path(written: &str) -> FieldPath {
    FieldPath(written.split('.').filter(|key| !key.is_empty()).map(Into::into).collect())
}

pub(super) fn endpoint(url: &str) -> TokenEndpoint {
    TokenEndpoint { url: url.parse().unwrap(), ca_file: None, allow_insecure: false }
}

pub(super) fn parameters() -> Parameters {
    Parameters {
        body: BodyFormat::Form,
        scope: words(&[]),
        scope_separator: " ".into(),
        audience: words(&[]),
        resource: words(&[]),
        extra: [].into(),
        headers: [].into(),
        timeout: Duration::from_secs(30),
    }
}

pub(super) fn shape() -> ReplyShape {
    ReplyShape {
        access_token: path("access_token"),
        lifetime: None,
        error: None,
        error_description: None,
    }
}

pub(super) fn credential() -> Credential {
    Credential {
        name: Name::parse("test").unwrap(),
        grant: Grant::ClientCredentials,
        endpoint: Arc::new(endpoint("https://idp.example/token")),
        client: Client {
            id: Some(literal("we:ird%+ id")),
            secret: Some(literal(SECRET)),
            authentication: ClientAuthentication::ClientSecretBasic(BasicEncoding::Form),
        },
        parameters: Arc::new(parameters()),
        reply: Arc::new(shape()),
        refresh: Arc::new(RefreshPolicy {
            at: 0.75,
            jitter: 0.05,
            min_remaining: Duration::from_secs(60),
            min_interval: Duration::from_secs(10),
            assume_lifetime: Duration::from_secs(3600),
            calendar: None,
        }),
        outputs: [].into(),
        notifications: [].into(),
        inputs: Fingerprint([0; 32]),
        material: None,
    }
}

pub(super) fn raw(status: u16, headers: &[(&str, &str)], body: &[u8]) -> RawResponse {
    let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    RawResponse { status, headers, body: Zeroizing::new(body.into()) }
}

/// What a reply to [`credential`] comes to.
pub(super) fn read(raw: &RawResponse) -> Result<IssuedToken, AcquireError> {
    read_as(shape(), raw)
}

/// The same, where the answer stands elsewhere.
pub(super) fn read_as(shape: ReplyShape, raw: &RawResponse) -> Result<IssuedToken, AcquireError> {
    let mut redaction = Redaction::default();
    redaction.hide(&Secret::from(SECRET));
    reply::read(&Credential { reply: Arc::new(shape), ..credential() }, SENT_AT, raw, redaction)
}
