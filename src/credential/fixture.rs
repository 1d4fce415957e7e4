//! A credential to test with, and its parts.

use std::{sync::Arc, time::Duration};

use super::{
    BasicEncoding, BodyFormat, Callback, Client, ClientAuthentication, Credential, FieldPath,
    Fingerprint, Grant, Location, Method, Name, OAuth1, OnRemove, ParameterPlace, Parameters,
    RefreshPolicy, ReplyShape, SignatureMethod, TokenCharacters, TokenEndpoint, ValueSource,
};
use crate::secret::Secret;

/// A secret in which every encoding shows.
pub const SECRET: &str = "s:e%c+r/e=t &";

/// A value that stands in the configuration.
pub fn literal(text: &str) -> ValueSource {
    ValueSource::Literal(Secret::from(text))
}

/// Values as a credential holds them.
pub fn words(words: &[&str]) -> Box<[Box<str>]> {
    words.iter().map(|word| Box::from(*word)).collect()
}

/// A field path, as it is written.
pub fn path(written: &str) -> FieldPath {
    FieldPath(written.split('.').filter(|key| !key.is_empty()).map(Into::into).collect())
}

/// A token endpoint.
pub fn endpoint(url: &str) -> TokenEndpoint {
    TokenEndpoint {
        url: url.parse().unwrap(),
        discover: false,
        ca_file: None,
        certificate: None,
        allow_insecure: false,
    }
}

/// A request without parameters of its own.
pub fn parameters() -> Parameters {
    Parameters {
        method: Method::Post,
        body: BodyFormat::Form,
        grant_type: None,
        audience: words(&[]),
        resource: words(&[]),
        extra: [].into(),
        query: [].into(),
        headers: [].into(),
        timeout: Duration::from_secs(30),
    }
}

/// A reply as RFC 6749 has it.
pub fn shape() -> ReplyShape {
    ReplyShape {
        access_token: Location::Field(path("access_token")),
        token_characters: TokenCharacters::B64token,
        refresh_token: Location::Field(path("refresh_token")),
        lifetime: None,
        error: None,
        error_description: None,
        fields: [].into(),
    }
}

/// A client whose every part has to be encoded.
pub fn client(authentication: ClientAuthentication) -> Client {
    Client { id: Some(literal("we:ird%+ id")), secrets: [literal(SECRET)].into(), authentication }
}

/// OAuth 1.0a as the ADL's Learning Record Store has it, with a verifier that is typed in.
pub fn oauth1() -> OAuth1 {
    OAuth1 {
        initiate: "https://lrs.example/OAuth/initiate".parse().unwrap(),
        authorize: "https://lrs.example/OAuth/authorize".parse().unwrap(),
        callback: Callback::OutOfBand,
        signature_method: SignatureMethod::HmacSha1,
        realm: None,
        parameters_in: ParameterPlace::Header,
    }
}

/// A credential without outputs.
pub fn credential() -> Credential {
    Credential {
        name: Name::parse("test").unwrap(),
        grant: Arc::new(Grant::ClientCredentials),
        renewal: None,
        endpoint: Arc::new(endpoint("https://idp.example/token")),
        client: Arc::new(client(ClientAuthentication::ClientSecretBasic(BasicEncoding::Form))),
        parameters: Arc::new(parameters()),
        scope: "".into(),
        steps: [].into(),
        reply: Arc::new(shape()),
        authorization_scheme: None,
        refresh: Arc::new(refresh()),
        probe: None,
        outputs: [].into(),
        secrets: [].into(),
        on_remove: OnRemove::Keep,
        notifications: [].into(),
        inputs: Fingerprint([0; 32]),
        material: None,
        proof: None,
    }
}

/// The defaults of the configuration, but without jitter.
pub fn refresh() -> RefreshPolicy {
    RefreshPolicy {
        at: 0.75,
        jitter: 0.0,
        min_remaining: Duration::from_secs(60),
        min_interval: Duration::from_secs(10),
        assume_lifetime: Duration::from_secs(3600),
        keep_alive: None,
        exclusive: false,
        calendar: None,
    }
}
