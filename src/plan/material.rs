//! Digests of the secrets behind a credential.
//!
//! A token that we hand in to get another one, such as that of a Kubernetes service account
//! (RFC 8693), is renewed by somebody else every few minutes. It is another text then, but speaks
//! for the same subject, and the token that we got for the one before is as good as it was. So it is
//! no other material; but it is another proof, which may be taken where the one before was refused.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{fingerprint::Encoding, source::sources};
use crate::{
    credential::{Credential, Fingerprint, Grant, ValueSource},
    secret::Secret,
};

/// A digest of the contents of the sources that can be read without side effects: environment,
/// files, systemd credentials. The certificate that we show is one of them, since a token may be
/// bound to it (RFC 8705, section 3). Of a token that is handed in, only whom it speaks for counts.
/// `None` if `read` cannot read one of them.
pub fn material(
    credential: &Credential,
    read: impl Fn(&ValueSource) -> Option<Secret>,
) -> Option<Fingerprint> {
    let handed_in = handed_in(credential);
    let mut encoding = Encoding::new();
    for source in sources(credential) {
        match source {
            ValueSource::Literal(_) | ValueSource::Command(_) => {}
            ValueSource::Env(_)
            | ValueSource::File(_)
            | ValueSource::JsonFile { .. }
            | ValueSource::SystemdCredential(_) => {
                let value = read(source)?;
                let is_handed_in = handed_in.iter().any(|it| std::ptr::eq(*it, source));
                match identity(value.expose()).filter(|_| is_handed_in) {
                    Some(identity) => encoding.tagged("identity", &identity),
                    None => encoding.text(value.expose()),
                }
            }
        }
    }
    if let Some(files) = &credential.endpoint.certificate {
        for path in [&files.certificate, &files.key] {
            encoding.text(read(&ValueSource::File(path.clone()))?.expose());
        }
    }
    Some(encoding.finish())
}

/// A digest of the tokens that are handed in. `None` if there is none, or `read` cannot read one.
pub fn proof(
    credential: &Credential,
    read: impl Fn(&ValueSource) -> Option<Secret>,
) -> Option<Fingerprint> {
    let handed_in = handed_in(credential);
    if handed_in.is_empty() {
        return None;
    }
    let mut encoding = Encoding::new();
    for source in handed_in {
        encoding.text(read(source)?.expose());
    }
    Some(encoding.finish())
}

/// Where the tokens come from that are handed in. A parameter may hold one, too: `client_assertion`
/// (RFC 7523, section 2.2).
fn handed_in(credential: &Credential) -> Vec<&ValueSource> {
    let exchanged = match &*credential.grant {
        Grant::TokenExchange(exchange) => {
            [Some(&exchange.subject_token), exchange.actor_token.as_ref()]
        }
        _ => [None, None],
    };
    let parameters = credential.parameters.extra.iter().map(|(_, source)| source);
    let all = exchanged.into_iter().flatten().chain(parameters);
    all.filter(|source| !matches!(source, ValueSource::Literal(_) | ValueSource::Command(_)))
        .collect()
}

/// Whom a JWT that ends speaks for, and to whom (RFC 7519, section 4.1). `None` if it is something
/// else, which stands for itself.
fn identity(token: &str) -> Option<String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [_header, payload, _signature] = *parts else { return None };
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let [_expires, subject] = [claims.get("exp")?, claims.get("sub")?];
    let [issuer, audience] = ["iss", "aud"].map(|name| claims.get(name).unwrap_or(&Value::Null));
    Some(Value::from_iter([issuer.clone(), subject.clone(), audience.clone()]).to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::credential::{ClientCertificate, TokenEndpoint, TokenExchange, fixture};

    #[test]
    fn another_client_certificate_is_other_material() {
        let certificate = ClientCertificate { certificate: path("cert.pem"), key: path("key.pem") };
        let endpoint = TokenEndpoint {
            certificate: Some(Box::new(certificate)),
            ..fixture::endpoint("https://idp.example/token")
        };
        let credential = Credential { endpoint: Arc::new(endpoint), ..fixture::credential() };
        // What the two files hold.
        let holding = |certificate: Option<&str>, key: Option<&str>| {
            material(&credential, |source| match source {
                ValueSource::File(file) if *file == path("cert.pem") => {
                    certificate.map(Secret::from)
                }
                _ => key.map(Secret::from),
            })
        };
        let before = holding(Some("a"), Some("k"));
        assert!(before.is_some() && before == holding(Some("a"), Some("k")));
        assert_ne!(before, holding(Some("b"), Some("k")));
        assert_ne!(before, holding(Some("a"), Some("l")));
        assert_eq!(holding(None, Some("k")), None, "what cannot be read is no change");
    }

    #[test]
    fn a_renewed_token_is_the_same_material_and_another_proof() {
        let source = ValueSource::File(path("token"));
        let exchange = TokenExchange {
            subject_token: source,
            subject_token_type: "urn:ietf:params:oauth:token-type:jwt".into(),
            actor_token: None,
            actor_token_type: "".into(),
            requested_token_type: None,
        };
        let exchanging =
            Credential { grant: Arc::new(Grant::TokenExchange(exchange)), ..fixture::credential() };
        let jwt = |claims: &str| format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims));
        let digests = |token: &str| {
            let read = |_: &ValueSource| Some(Secret::from(token));
            (material(&exchanging, read), proof(&exchanging, read))
        };
        let before = r#"{"iss":"i","sub":"s","aud":["a"],"exp":1,"jti":"1"}"#;
        // (case, the claims, whether the material is the same)
        for (case, after, same) in [
            ("renewed", r#"{"jti":"2","exp":2,"aud":["a"],"sub":"s","iss":"i"}"#, true),
            ("another subject", r#"{"iss":"i","sub":"t","aud":["a"],"exp":1}"#, false),
            ("another audience", r#"{"iss":"i","sub":"s","aud":["b"],"exp":1}"#, false),
            ("another issuer", r#"{"iss":"j","sub":"s","aud":["a"],"exp":1}"#, false),
            ("one without an end", r#"{"iss":"i","sub":"s","aud":["a"]}"#, false),
        ] {
            let (before, after) = (digests(&jwt(before)), digests(&jwt(after)));
            assert_eq!(before.0 == after.0, same, "{case}");
            assert_ne!(before.1, after.1, "{case}");
        }
        assert_ne!(digests("opaque").0, digests("other").0, "it stands for itself");
        assert_eq!(proof(&fixture::credential(), |_| Some("x".into())), None);
    }

    fn path(name: &str) -> Box<std::path::Path> {
        std::path::Path::new(name).into()
    }
}
