//! Who asks, and how the client proves it.

use super::{draft::Draft, source};
use crate::{
    config::{keys, node::Node},
    credential::{BasicEncoding, Client, ClientAuthentication},
};

/// The client of a credential.
pub fn client(draft: &mut Draft<'_>) -> Client {
    let authentication = authentication(draft);
    let id = draft.find(&["client_id"]);
    let secret = draft.find(&["client_secret"]);
    let none = authentication == ClientAuthentication::None;
    for key in ["client_id", "client_secret"] {
        if !none && draft.lacks(key) {
            draft.error(
                draft.at,
                format!("the credential `{}` has no `{key}`", draft.name),
                format!("add `{key}`, or write `client_authentication: none`"),
            );
        }
    }
    if let Some(node) = secret.filter(|_| none) {
        draft.error(
            draft.place(node),
            "there is a `client_secret`, but `client_authentication` is `none`",
            "remove the secret, or write `client_secret_basic` or `client_secret_post`",
        );
    }
    Client {
        id: id.and_then(|node| source::source(draft, node)),
        secret: secret.and_then(|node| source::secret(draft, node)),
        authentication,
    }
}

fn authentication(draft: &Draft<'_>) -> ClientAuthentication {
    let node = draft.find(&["client_authentication"]);
    let entry = node.and_then(|node| node.entries().first());
    let name = match entry {
        Some(entry) => Some(&*entry.key),
        None => draft.text(&keys::CREDENTIAL, &["client_authentication"]),
    };
    match name {
        Some("none") => ClientAuthentication::None,
        Some("client_secret_post") => ClientAuthentication::ClientSecretPost,
        _ => {
            let encoding = entry.and_then(|entry| entry.value.find("encoding"));
            ClientAuthentication::ClientSecretBasic(match encoding.and_then(Node::text) {
                Some("raw") => BasicEncoding::Raw,
                _ => BasicEncoding::Form,
            })
        }
    }
}
