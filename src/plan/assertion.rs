//! Assertions that we sign.

use std::time::Duration;

use super::{draft::Draft, source};
use crate::{
    config::{node::Node, scalar},
    credential::{Algorithm, Assertion, Signing, ValueSource},
};

/// The assertion of a grant; `None` if it has no key, which is noted.
pub fn of_grant(draft: &mut Draft<'_>) -> Option<Assertion> {
    let path = ["assertion"];
    Some(Assertion {
        signing: signing(draft, &path)?,
        issuer: value(draft, &path, "issuer"),
        subject: value(draft, &path, "subject"),
        audience: value(draft, &path, "audience"),
        lifetime: lifetime(draft, &path),
        claims: claims(draft, &path),
    })
}

/// The assertion of a client that signs with a private key.
pub fn of_private_key(draft: &mut Draft<'_>) -> Option<Assertion> {
    let path = ["client_authentication", "private_key_jwt"];
    let signing = signing(draft, &path)?;
    Some(of_client(draft, &path, signing))
}

/// The assertion of a client that signs with its secret.
pub fn of_secret(draft: &mut Draft<'_>, secret: ValueSource) -> Assertion {
    let path = ["client_authentication", "client_secret_jwt"];
    let algorithm = algorithm(draft, &path, Algorithm::HS256);
    let signing = Signing { algorithm, key: secret, key_id: None, certificate: None };
    of_client(draft, &path, signing)
}

fn of_client(draft: &mut Draft<'_>, path: &[&str], signing: Signing) -> Assertion {
    Assertion {
        signing,
        issuer: None,
        subject: None,
        audience: value(draft, path, "audience"),
        lifetime: lifetime(draft, path),
        claims: claims(draft, path),
    }
}

fn signing(draft: &mut Draft<'_>, path: &[&str]) -> Option<Signing> {
    let algorithm = algorithm(draft, path, Algorithm::RS256);
    let key = find(draft, path, "key");
    if key.is_none() {
        let place = draft.find(path).map_or(draft.at, |node| draft.place(node));
        let section = path.last().copied().unwrap_or_default();
        draft.error(
            place,
            format!("`{section}` has no `key`"),
            "say where the private key is kept: `key: { file: ... }`",
        );
    }
    Some(Signing {
        algorithm,
        key_id: value(draft, path, "key_id"),
        certificate: value(draft, path, "certificate"),
        key: key.and_then(|node| source::secret(draft, node))?,
    })
}

fn find<'a>(draft: &Draft<'a>, path: &[&str], name: &str) -> Option<&'a Node> {
    draft.find(&[path, &[name]].concat())
}

fn value(draft: &mut Draft<'_>, path: &[&str], name: &str) -> Option<ValueSource> {
    let node = find(draft, path, name)?;
    source::source(draft, node)
}

fn claims(draft: &mut Draft<'_>, path: &[&str]) -> Box<[(Box<str>, ValueSource)]> {
    source::named(draft, &[path, &["claims"]].concat())
}

fn lifetime(draft: &mut Draft<'_>, path: &[&str]) -> Duration {
    let node = find(draft, path, "lifetime");
    let lifetime = node.and_then(Node::text).and_then(scalar::duration);
    if let Some(node) = node.filter(|_| lifetime.is_some_and(|it| it.as_secs() == 0)) {
        draft.error(
            draft.place(node),
            "the assertion would expire at once: it counts in whole seconds",
            "write `60s`",
        );
    }
    lifetime.unwrap_or(Duration::from_secs(60))
}

/// The algorithm, whose word the check of the shape has looked at.
fn algorithm(draft: &mut Draft<'_>, path: &[&str], default: Algorithm) -> Algorithm {
    let Some(node) = find(draft, path, "algorithm") else { return default };
    let text = node.text().unwrap_or_default();
    ALGORITHMS.iter().find(|(name, _)| *name == text).map_or(default, |(_, algorithm)| *algorithm)
}

const ALGORITHMS: [(&str, Algorithm); 12] = [
    ("HS256", Algorithm::HS256),
    ("HS384", Algorithm::HS384),
    ("HS512", Algorithm::HS512),
    ("RS256", Algorithm::RS256),
    ("RS384", Algorithm::RS384),
    ("RS512", Algorithm::RS512),
    ("PS256", Algorithm::PS256),
    ("PS384", Algorithm::PS384),
    ("PS512", Algorithm::PS512),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];
