//! How the token is asked for, and what that needs.

use std::time::Duration;

use super::{assertion, draft::Draft, endpoint, oauth1, source};
use crate::{
    config::{
        keys::{CREDENTIAL, REFRESH},
        node::Node,
        scalar,
    },
    credential::{
        AfterLostAnswer, AuthorizationRequest, Endpoint, Grant, Renewal, TokenExchange, ValueSource,
    },
};

/// Keys that belong to some grants only, and these grants.
const BELONGINGS: [(&str, &[&str]); 18] = [
    ("refresh_token", &["refresh_token"]),
    ("refresh_request", &["refresh_token", "authorization_code", "device_code"]),
    ("rotation", &["refresh_token", "authorization_code", "device_code"]),
    ("authorization_endpoint", &["authorization_code"]),
    ("authorization_parameters", &["authorization_code"]),
    ("redirect_uri", &["authorization_code"]),
    ("pkce", &["authorization_code"]),
    ("device_authorization_endpoint", &["device_code"]),
    ("assertion", &["jwt_bearer", "app_jwt", "signed_jwt"]),
    ("subject_token", &["token_exchange"]),
    ("subject_token_type", &["token_exchange"]),
    ("actor_token", &["token_exchange"]),
    ("actor_token_type", &["token_exchange"]),
    ("requested_token_type", &["token_exchange"]),
    ("oauth1", &["oauth1"]),
    ("username", &["password"]),
    ("password", &["password"]),
    ("command", &["command"]),
];

/// The grant of a credential; `None` if something that it needs is missing, which is noted.
pub fn grant(draft: &mut Draft<'_>) -> Option<Grant> {
    let name = draft.text(&CREDENTIAL, &["grant"])?;
    check_belongings(draft, name);
    Some(match name {
        "refresh_token" => Grant::RefreshToken { seed: needed(draft, name, "refresh_token")? },
        "authorization_code" => Grant::AuthorizationCode(authorization(draft)?),
        "device_code" => {
            let endpoint = endpoint::url(draft, &["device_authorization_endpoint"]);
            require_endpoint(draft, "device_authorization_endpoint");
            Grant::DeviceCode { endpoint: endpoint.map(Endpoint) }
        }
        "password" => password(draft)?,
        "jwt_bearer" => Grant::JwtBearer(assertion::of_grant(draft)?),
        "app_jwt" => Grant::AppJwt(assertion::of_grant(draft)?),
        "signed_jwt" => Grant::SignedJwt(assertion::of_grant(draft)?),
        "token_exchange" => Grant::TokenExchange(exchange(draft)?),
        "command" => {
            let node = draft.find(&["command"]);
            let argv = node.and_then(|node| source::command_line(draft, node));
            if node.is_none() {
                lacks(draft, name, "command");
            }
            Grant::Command(argv?)
        }
        "oauth1" => Grant::OAuth1(oauth1::grant(draft)?),
        "none" => Grant::None,
        _ => Grant::ClientCredentials,
    })
}

/// How the refresh token of such a grant is handed in.
pub fn renewal(draft: &mut Draft<'_>) -> Renewal {
    let text = |draft: &Draft<'_>, name: &str, default: &str| {
        let node = draft.find(&["refresh_request", name]);
        Box::from(node.and_then(|node| node.text()).unwrap_or(default))
    };
    Renewal {
        url: endpoint::url(draft, &["refresh_request", "url"]).map(Endpoint),
        grant_type: text(draft, "grant_type", "refresh_token"),
        parameter: text(draft, "parameter", "refresh_token"),
        extra: source::named(draft, &["refresh_request", "parameters"]),
        after_lost_answer: after_lost_answer(draft),
    }
}

fn after_lost_answer(draft: &mut Draft<'_>) -> Option<AfterLostAnswer> {
    let node = draft.find(&["rotation", "after_lost_answer"])?;
    match node.text() {
        Some("retry") => Some(AfterLostAnswer::Retry),
        Some(_) => Some(AfterLostAnswer::Stop),
        None => {
            let node = node.find("retry_once_within")?;
            let span = scalar::duration(node.text()?)?;
            check_span(draft, node, span);
            Some(AfterLostAnswer::RetryOnceWithin(span))
        }
    }
}

/// Only a loss that took its time to show, such as a time-out, would leave time for the retry.
fn check_span(draft: &mut Draft<'_>, node: &Node, span: Duration) {
    let min_interval = draft.duration(&REFRESH, &["refresh", "min_interval"]);
    if span < min_interval {
        draft.warning(
            draft.place(node),
            "`retry_once_within` is shorter than `min_interval`, so the retry comes too late",
            "make it at least as long, or write `after_lost_answer: stop`",
        );
    }
}

fn authorization(draft: &mut Draft<'_>) -> Option<AuthorizationRequest> {
    let endpoint = endpoint::url(draft, &["authorization_endpoint"]);
    require_endpoint(draft, "authorization_endpoint");
    let redirect_uri = endpoint::url(draft, &["redirect_uri"])
        .or_else(|| CREDENTIAL.default_of("redirect_uri").and_then(|default| default.parse().ok()));
    let mut parameters = Vec::new();
    for entry in draft.entries("authorization_parameters") {
        if let Some(text) = draft.fill(&entry.value) {
            parameters.push(((*entry.key).into(), text.into()));
        }
    }
    Some(AuthorizationRequest {
        endpoint: endpoint.map(Endpoint),
        redirect_uri: redirect_uri?,
        pkce: draft.text(&CREDENTIAL, &["pkce"]) == Some("true"),
        parameters: parameters.into(),
    })
}

fn exchange(draft: &mut Draft<'_>) -> Option<TokenExchange> {
    let subject_token = needed(draft, "token_exchange", "subject_token");
    let actor = draft.find(&["actor_token"]);
    let text = |name| Box::from(draft.text(&CREDENTIAL, &[name]).unwrap_or_default());
    let subject_token_type = text("subject_token_type");
    let actor_token_type = text("actor_token_type");
    let requested = draft.find(&["requested_token_type"]).and_then(|node| node.text());
    Some(TokenExchange {
        subject_token_type,
        actor_token_type,
        requested_token_type: requested.map(Box::from),
        actor_token: actor.and_then(|node| source::secret(draft, node)),
        subject_token: subject_token?,
    })
}

fn password(draft: &mut Draft<'_>) -> Option<Grant> {
    if let Some(node) = draft.find(&["grant"]) {
        draft.warning(
            draft.place(node),
            "the grant `password` hands the user's password to the client, and cannot ask for a \
             second factor",
            "use another grant if the provider has one (RFC 9700, section 2.4)",
        );
    }
    let node = draft.find(&["username"]);
    if node.is_none() {
        lacks(draft, "password", "username");
    }
    let password = needed(draft, "password", "password");
    Some(Grant::Password {
        username: node.and_then(|node| source::source(draft, node))?,
        password: password?,
    })
}

/// The secret of a key without which the grant cannot be.
fn needed(draft: &mut Draft<'_>, grant: &str, key: &str) -> Option<ValueSource> {
    let node = draft.find(&[key]);
    if node.is_none() {
        lacks(draft, grant, key);
    }
    node.and_then(|node| source::secret(draft, node))
}

fn lacks(draft: &mut Draft<'_>, grant: &str, key: &str) {
    if draft.lacks(key) {
        draft.error(
            draft.at,
            format!("the credential `{}` has no `{key}`", draft.name),
            format!("add `{key}`: the grant `{grant}` needs it"),
        );
    }
}

/// An endpoint for the log-in stands in the configuration, or the issuer says it, who is asked
/// only where there is no token endpoint.
fn require_endpoint(draft: &mut Draft<'_>, key: &str) {
    let discovers = draft.find(&["issuer"]).is_some() && draft.find(&["token_endpoint"]).is_none();
    if !discovers && draft.lacks(key) {
        draft.error(
            draft.at,
            format!("the credential `{}` has no `{key}`", draft.name),
            format!("add `{key}: https://...`, or an `issuer` in place of `token_endpoint`"),
        );
    }
}

/// What has no effect with this grant is a mistake somewhere. A preset may carry the keys of
/// several grants, so only what the user wrote counts.
fn check_belongings(draft: &mut Draft<'_>, grant: &str) {
    for (key, grants) in BELONGINGS {
        if let Some(entry) = draft.own(key).filter(|_| !grants.contains(&grant)) {
            draft.error(
                entry.at,
                format!("`{key}` has no effect with the grant `{grant}`"),
                format!("remove it, or write `grant: {}`", grants.join("` or `")),
            );
        }
    }
}
