//! What a credential's request looks like from the other side, in the sandbox's words.

use crate::{
    credential::{
        Assertion, BodyFormat, Client, ClientAuthentication, Credential, Grant, Method,
        TokenExchange, ValueSource,
    },
    plan::catalogue::Preset,
    sandbox::{Answer, Authorization, Expected, Likeness, Login, SignedClaims},
};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const CLIENT_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The likeness of a preset, by a credential that uses it.
pub fn likeness(preset: Preset<'_>, credential: &Credential) -> Likeness {
    let parameters = &*credential.parameters;
    let headers = parameters.headers.iter().map(|(name, source)| expected(name, literal(source)));
    Likeness {
        name: preset.name.into(),
        method: match parameters.method {
            Method::Post => "POST".into(),
            Method::Get => "GET".into(),
        },
        media_type: match &parameters.body {
            BodyFormat::Form => Some("application/x-www-form-urlencoded".into()),
            BodyFormat::Json => Some("application/json".into()),
            BodyFormat::Query => None,
            BodyFormat::Template(template) => Some(template.content_type.clone()),
        },
        authorization: authorization(credential),
        signed: signed(credential),
        client: of_client(&credential.client, &credential.grant),
        parameters: of_request(credential),
        headers: headers.collect(),
        refresh_parameter: credential.renewal.as_ref().map(|renewal| renewal.parameter.clone()),
        login: match &*credential.grant {
            Grant::AuthorizationCode(_) => Some(Login::Browser),
            Grant::DeviceCode { .. } => Some(Login::Device),
            _ => None,
        },
        answer: Answer {
            status: preset.reply.status,
            content_type: preset.reply.content_type.into(),
            lifetime: preset.reply.lifetime,
            body: preset.reply.body.into(),
        },
    }
}

fn authorization(credential: &Credential) -> Authorization {
    let Client { id, secrets, authentication } = &*credential.client;
    match authentication {
        _ if matches!(*credential.grant, Grant::AppJwt(_)) => Authorization::Jwt,
        ClientAuthentication::ClientSecretBasic(_) => Authorization::Basic {
            id: id.as_ref().and_then(literal).unwrap_or_default(),
            secret: secrets.first().and_then(literal).unwrap_or_default(),
        },
        _ => Authorization::Absent,
    }
}

/// The JWT of the grant, or else that of the client. What it does not say is what the signer puts
/// there: the client's id, and the endpoint.
fn signed(credential: &Credential) -> Option<SignedClaims> {
    let (assertion, parameter): (&Assertion, _) =
        match (&*credential.grant, &credential.client.authentication) {
            (Grant::AppJwt(assertion), _) => (assertion, None),
            (Grant::JwtBearer(assertion), _) => (assertion, Some("assertion")),
            (_, ClientAuthentication::Jwt(assertion)) => (&**assertion, Some("client_assertion")),
            _ => return None,
        };
    let client = credential.client.id.as_ref();
    let subject = client.filter(|_| parameter == Some("client_assertion"));
    let mut claims = Vec::new();
    for (name, source) in [
        ("iss", assertion.issuer.as_ref().or(client)),
        ("sub", assertion.subject.as_ref().or(subject)),
    ] {
        claims.extend(source.map(|source| expected(name, literal(source))));
    }
    if parameter.is_some() {
        let endpoint = || Some(credential.endpoint.url.as_str().into());
        claims.push(expected("aud", assertion.audience.as_ref().map_or_else(endpoint, literal)));
    }
    claims.extend(assertion.claims.iter().map(|(name, source)| expected(name, literal(source))));
    Some(SignedClaims { parameter: parameter.map(Into::into), claims })
}

/// How the client says who it is, among the parameters.
fn of_client(client: &Client, grant: &Grant) -> Vec<Expected> {
    let id = || expected("client_id", client.id.as_ref().and_then(literal));
    match &client.authentication {
        ClientAuthentication::ClientSecretPost => {
            let secret = client.secrets.first().and_then(literal);
            vec![id(), expected("client_secret", secret)]
        }
        ClientAuthentication::Jwt(_) => vec![
            expected("client_assertion", None),
            expected("client_assertion_type", Some(CLIENT_ASSERTION.into())),
        ],
        // An assertion says it already.
        ClientAuthentication::None | ClientAuthentication::TlsClientAuth
            if client.id.is_some() && !matches!(grant, Grant::JwtBearer(_) | Grant::AppJwt(_)) =>
        {
            vec![id()]
        }
        _ => Vec::new(),
    }
}

/// What is asked, and with what in hand.
fn of_request(credential: &Credential) -> Vec<Expected> {
    let parameters = &*credential.parameters;
    let grant = &*credential.grant;
    let mut wanted = Vec::new();
    let own = parameters.grant_type.as_deref();
    let usual = match (grant, &credential.renewal) {
        (_, Some(renewal)) => Some(&*renewal.grant_type).filter(|name| !name.is_empty()),
        (Grant::JwtBearer(_), _) => Some(JWT_BEARER),
        (Grant::TokenExchange(_), _) => Some(TOKEN_EXCHANGE),
        (Grant::AppJwt(_) | Grant::SignedJwt(_) | Grant::None | Grant::Command(_), _) => None,
        (grant, _) => Some(grant.name()),
    };
    wanted.extend(own.or(usual).map(|name| expected("grant_type", Some(name.into()))));
    if let Some(renewal) = &credential.renewal {
        wanted.push(expected(&renewal.parameter, None));
        wanted.extend(renewal.extra.iter().map(|(name, it)| expected(name, literal(it))));
    }
    match grant {
        Grant::JwtBearer(_) => wanted.push(expected("assertion", None)),
        Grant::TokenExchange(exchange) => wanted.extend(of_exchange(exchange)),
        _ => {}
    }
    // A refresh keeps the scope of the log-in.
    if !credential.scope.is_empty() && !grant.needs_login() {
        wanted.push(expected("scope", Some(credential.scope.clone())));
    }
    for (name, values) in [("audience", &parameters.audience), ("resource", &parameters.resource)] {
        wanted.extend(values.iter().map(|value| expected(name, Some(value.clone()))));
    }
    wanted.extend(parameters.extra.iter().map(|(name, source)| expected(name, literal(source))));
    wanted
}

fn of_exchange(exchange: &TokenExchange) -> Vec<Expected> {
    let mut wanted = vec![
        expected("subject_token", literal(&exchange.subject_token)),
        expected("subject_token_type", Some(exchange.subject_token_type.clone())),
    ];
    let requested = exchange.requested_token_type.clone();
    wanted.extend(requested.map(|kind| expected("requested_token_type", Some(kind))));
    wanted
}

fn expected(name: &str, value: Option<Box<str>>) -> Expected {
    Expected { name: name.into(), value }
}

fn literal(source: &ValueSource) -> Option<Box<str>> {
    match source {
        ValueSource::Literal(value) => Some(value.expose().into()),
        _ => None,
    }
}
