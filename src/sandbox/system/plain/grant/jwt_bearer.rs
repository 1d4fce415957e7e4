//! RFC 7523, section 2.1: with an assertion that a key of the sandbox has signed. It says itself who
//! asks, so the client need not authenticate.

use super::{Granted, Reply, Visit, invalid_grant, needed};
use crate::sandbox::{assertion::Expected, request::Parameters, system::plain::CLIENT};

pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// An assertion may be good for so many seconds, as at Google.
const LONGEST: i64 = 3600;

pub(super) fn redeem<'a>(
    visit: &Visit<'_>,
    parameters: &Parameters,
    granted: Granted<'a>,
) -> Result<Granted<'a>, Reply> {
    let expected = Expected {
        audience: Some(&[visit.issuer(), visit.url("/token")]),
        secret: None,
        longest: LONGEST,
        with_id: false,
        memory: visit.occasion.memory,
        now: visit.occasion.now,
    };
    let claims = expected.verify(needed(parameters, "assertion")?).map_err(invalid_grant)?;
    if claims.text("iss") != Some(CLIENT.id) {
        return Err(invalid_grant("The iss of the assertion must be the client."));
    }
    // Google knows a scope only as a claim.
    let scope = claims.text("scope").map(str::to_owned).or(granted.scope);
    let subject = claims.text("sub").unwrap_or(CLIENT.id).to_owned();
    Ok(Granted { scope, subject, client_id: CLIENT.id.to_owned(), ..granted })
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::Algorithm;
    use serde_json::json;

    use crate::sandbox::{
        assertion::tests::signed,
        occasion::tests::NOW,
        request::tests::{FORM, request},
        system::plain::tests::Server,
    };

    #[test]
    fn an_assertion_gets_a_token_once_and_needs_no_other_client_authentication() {
        let good = json!({
            "iss": "sandbox-client", "sub": "somebody", "aud": "http://sandbox/plain/token",
            "exp": NOW.seconds() + 60, "jti": "1", "scope": "a b",
        });
        let mut other = good.clone();
        other["iss"] = json!("other");
        let mut server = Server::new();
        for (name, algorithm, claims, status) in [
            ("good", Algorithm::RS256, &good, 200),
            ("a replay", Algorithm::RS256, &good, 400),
            ("another issuer", Algorithm::RS256, &other, 400),
            ("signed with the secret", Algorithm::HS256, &good, 400),
        ] {
            let grant_type = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
            let assertion = signed(algorithm, claims);
            let form = format!("grant_type={grant_type}&assertion={assertion}");
            let reply = server.answer(&request("/plain/token", &[FORM], &form));
            let body = String::from_utf8_lossy(&reply.body);
            assert_eq!(reply.status.as_u16(), status, "{name}: {body}");
            assert_eq!(body.contains(r#""scope":"a b""#), status == 200, "{name}");
        }
    }
}
