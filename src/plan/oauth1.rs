//! OAuth 1.0a: how a person agrees, and who asks.

use url::Url;

use super::{draft::Draft, endpoint, source};
use crate::{
    config::node::Node,
    credential::{
        Callback, Client, ClientAuthentication, OAuth1, Output, ParameterPlace, SignatureMethod,
        TokenField, is_loopback,
    },
};

/// Where the browser comes back to if nothing is said: any free port of this machine.
const CALLBACK: &str = "http://127.0.0.1:0/callback";

/// Keys that say nothing to OAuth 1.0a.
const FOREIGN: [&str; 11] = [
    "issuer",
    "grant_type",
    "client_authentication",
    "client_certificate",
    "body",
    "audience",
    "resource",
    "steps",
    "authorization_scheme",
    "overlap",
    "assume_lifetime",
];

/// The grant; `None` if something that it needs is missing, which is noted.
pub fn grant(draft: &mut Draft<'_>) -> Option<OAuth1> {
    for key in FOREIGN {
        if let Some(entry) = draft.own(key) {
            let message = format!("`{key}` has no effect with the grant `oauth1`");
            draft.error(entry.at, message, "remove it");
        }
    }
    if draft.lacks("oauth1") {
        draft.error(
            draft.at,
            format!("the credential `{}` has no `oauth1`", draft.name),
            "add `oauth1: { initiate: https://..., authorize: https://... }`",
        );
    }
    let initiate = endpoint::url(draft, &["oauth1", "initiate"]);
    let authorize = endpoint::url(draft, &["oauth1", "authorize"]);
    let callback = callback(draft);
    let signature_method = signature_method(draft);
    let place = text(draft, "parameters_in");
    Some(OAuth1 {
        parameters_in: match place.unwrap_or_default() {
            "body" => ParameterPlace::Body,
            "query" => ParameterPlace::Query,
            _ => ParameterPlace::Header,
        },
        realm: realm(draft),
        initiate: initiate?,
        authorize: authorize?,
        callback: callback?,
        signature_method: signature_method?,
    })
}

/// The client credentials. Each request proves them by its signature.
pub fn client(draft: &mut Draft<'_>, oauth1: &OAuth1) -> Client {
    let has_secret = oauth1.signature_method.private_key().is_none();
    for (key, needed) in [("client_id", true), ("client_secret", has_secret)] {
        if needed && draft.lacks(key) {
            draft.error(
                draft.at,
                format!("the credential `{}` has no `{key}`", draft.name),
                format!("add `{key}`: the grant `oauth1` needs it"),
            );
        }
    }
    let secrets = draft.find(&["client_secret"]);
    let items = secrets.map_or(&[][..], Node::items);
    if let Some(node) = secrets.filter(|_| !has_secret || items.len() > 1) {
        let (message, mend) = if has_secret {
            ("a log-in is for one secret: another would need another log-in", "write one")
        } else {
            ("with a private key there is no `client_secret`", "remove it")
        };
        draft.error(draft.place(node), message, mend);
    }
    Client {
        id: draft.find(&["client_id"]).and_then(|node| source::source(draft, node)),
        secrets: items.iter().filter_map(|node| source::secret(draft, node)).collect(),
        authentication: ClientAuthentication::None,
    }
}

fn text<'a>(draft: &Draft<'a>, key: &str) -> Option<&'a str> {
    draft.find(&["oauth1", key]).and_then(Node::text)
}

fn callback(draft: &mut Draft<'_>) -> Option<Callback> {
    let Some(node) = draft.find(&["oauth1", "callback"]) else {
        return Url::parse(CALLBACK).ok().map(Callback::Page);
    };
    if node.text() == Some("oob") {
        return Some(Callback::OutOfBand);
    }
    endpoint::url(draft, &["oauth1", "callback"]).map(Callback::Page)
}

fn signature_method(draft: &mut Draft<'_>) -> Option<SignatureMethod> {
    let method = text(draft, "signature_method").unwrap_or_default();
    let node = draft.find(&["oauth1", "private_key"]);
    if !method.starts_with("RSA-") {
        if let Some(node) = node {
            draft.error(
                draft.place(node),
                "`private_key` has no effect with this `signature_method`",
                "remove it, or write `signature_method: RSA-SHA1` or `RSA-SHA256`",
            );
        }
        return Some(match method {
            "HMAC-SHA256" => SignatureMethod::HmacSha256,
            "PLAINTEXT" => SignatureMethod::Plaintext,
            _ => SignatureMethod::HmacSha1,
        });
    }
    if node.is_none() {
        let place = draft.find(&["oauth1"]).map_or(draft.at, |node| draft.place(node));
        let message = format!("`oauth1` has no `private_key`, and `{method}` needs one");
        draft.error(place, message, "say where it is kept: `private_key: { file: ... }`");
    }
    let private_key = node.and_then(|node| source::secret(draft, node))?;
    Some(match method {
        "RSA-SHA1" => SignatureMethod::RsaSha1 { private_key },
        _ => SignatureMethod::RsaSha256 { private_key },
    })
}

/// What the grant and the rest of the credential have to agree on.
pub fn check(draft: &mut Draft<'_>, oauth1: &OAuth1, token: &Url, outputs: &[Output]) {
    if oauth1.signature_method == SignatureMethod::Plaintext {
        check_plaintext(draft, &[&oauth1.initiate, token]);
    }
    if outputs.iter().any(|output| output.shows(&TokenField::Authorization)) {
        draft.error(
            draft.at,
            "an output shows `${authorization}`, but OAuth 1.0a has a header for each request",
            "give consumers the four values, or let them ask `tokenward sign`",
        );
    }
}

/// RFC 5849, section 3.4.4. Not even `allow_insecure` lets the secrets themselves go over a
/// network in plain text.
fn check_plaintext(draft: &mut Draft<'_>, urls: &[&Url]) {
    if urls.iter().any(|url| url.scheme() == "http" && !is_loopback(url)) {
        let node = draft.find(&["oauth1", "signature_method"]);
        let place = node.map_or(draft.at, |node| draft.place(node));
        draft.error(
            place,
            "`PLAINTEXT` over plain `http` shows both secrets to everybody on the way",
            "write `https` in the URLs, or another `signature_method`",
        );
    }
}

/// It stands between quotes in a header.
fn realm(draft: &mut Draft<'_>) -> Option<Box<str>> {
    let node = draft.find(&["oauth1", "realm"])?;
    let realm = draft.fill(node)?;
    if realm.chars().any(|c| !matches!(c, ' '..='~') || matches!(c, '"' | '\\')) {
        draft.error(
            draft.place(node),
            "`realm` has a character that cannot stand in it",
            "write it in ASCII, without quotes and backslashes",
        );
    }
    Some(realm.into())
}
