//! Who asks, and how the client proves it.

use super::{assertion, draft::Draft, oauth1, source};
use crate::{
    config::{keys, node::Node},
    credential::{BasicEncoding, Client, ClientAuthentication, Grant, ValueSource},
};

/// The client of a credential; `None` if it lacks a key, which is noted.
pub fn client(draft: &mut Draft<'_>, grant: &Grant) -> Option<Client> {
    if let Grant::OAuth1(oauth1) = grant {
        return Some(oauth1::client(draft, oauth1));
    }
    let method = method(draft, grant);
    let id = draft.find(&["client_id"]);
    check(draft, method);
    let id = id.and_then(|node| source::source(draft, node));
    let secrets = secrets(draft);
    let authentication = match method {
        "none" => ClientAuthentication::None,
        "client_secret_post" => ClientAuthentication::ClientSecretPost,
        "client_secret_jwt" => {
            let assertion = assertion::of_secret(draft, secrets.first().cloned()?);
            ClientAuthentication::Jwt(Box::new(assertion))
        }
        "private_key_jwt" => ClientAuthentication::Jwt(Box::new(assertion::of_private_key(draft)?)),
        "tls_client_auth" | "self_signed_tls_client_auth" => ClientAuthentication::TlsClientAuth,
        _ => ClientAuthentication::ClientSecretBasic(encoding(draft)),
    };
    Some(Client { id, secrets, authentication })
}

/// The method by its name. Grants that prove who asks by other means have no client.
fn method<'a>(draft: &Draft<'a>, grant: &Grant) -> &'a str {
    let node = draft.find(&["client_authentication"]);
    if let Some(entry) = node.and_then(|node| node.entries().first()) {
        return &entry.key;
    }
    let clientless =
        matches!(grant, Grant::AppJwt(_) | Grant::SignedJwt(_) | Grant::None | Grant::Command(_));
    let secretless = matches!(grant, Grant::JwtBearer(_) | Grant::TokenExchange(_));
    if node.is_none() && (clientless || secretless && draft.find(&["client_secret"]).is_none()) {
        return "none";
    }
    draft.text(&keys::CREDENTIAL, &["client_authentication"]).unwrap_or_default()
}

fn secrets(draft: &mut Draft<'_>) -> Box<[ValueSource]> {
    let items = draft.find(&["client_secret"]).map_or(&[][..], Node::items);
    items.iter().filter_map(|node| source::secret(draft, node)).collect()
}

fn encoding(draft: &Draft<'_>) -> BasicEncoding {
    let node = draft.find(&["client_authentication", "client_secret_basic", "encoding"]);
    match node.and_then(Node::text) {
        Some("raw") => BasicEncoding::Raw,
        _ => BasicEncoding::Form,
    }
}

/// What the method needs is there, and nothing that it has no use for.
fn check(draft: &mut Draft<'_>, method: &str) {
    let has_secret = method.starts_with("client_secret_");
    let has_certificate = method.contains("tls_client_auth");
    for (key, needed) in [
        ("client_id", method != "none"),
        ("client_secret", has_secret),
        ("client_certificate", has_certificate),
    ] {
        if needed && draft.lacks(key) {
            draft.error(
                draft.at,
                format!("the credential `{}` has no `{key}`", draft.name),
                if key == "client_certificate" {
                    format!("add `{key}: {{ certificate: ..., key: ... }}`")
                } else {
                    format!("add `{key}`, or write `client_authentication: none`")
                },
            );
        }
    }
    if let Some(node) = draft.find(&["client_secret"]).filter(|_| !has_secret) {
        draft.error(
            draft.place(node),
            format!("there is a `client_secret`, but `client_authentication` is `{method}`"),
            "remove the secret, or write `client_secret_basic` or `client_secret_post`",
        );
    }
}
