//! RFC 8693: another token for one that the client has, such as that of a Kubernetes service
//! account. Who issued it is not looked at, only whether it is a JWT and still good.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use serde_json::Value;

use super::{Granted, Reply, Visit, needed};
use crate::sandbox::{request::Parameters, system::plain::refusal};

pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// A token that is taken without being a JWT.
pub(in crate::sandbox) const SUBJECT: &str = "sandbox-subject";
/// Of these types (RFC 8693, section 3) a token can be handed in.
const TYPES: [&str; 3] = [
    "urn:ietf:params:oauth:token-type:jwt",
    "urn:ietf:params:oauth:token-type:access_token",
    "urn:ietf:params:oauth:token-type:id_token",
];

pub(super) fn redeem<'a>(
    visit: &Visit<'_>,
    parameters: &Parameters,
    granted: Granted<'a>,
) -> Result<Granted<'a>, Reply> {
    let now = visit.occasion.now.seconds();
    let subject = subject(parameters, "subject", now)?;
    if parameters.one("actor_token").is_some() {
        self::subject(parameters, "actor", now)?;
    }
    let beside = r#","issued_token_type":"urn:ietf:params:oauth:token-type:access_token""#;
    Ok(Granted { subject, beside, ..granted })
}

/// For whom the token of this role speaks (RFC 8693, section 2.2.2 names the error).
fn subject(parameters: &Parameters, role: &str, now: i64) -> Result<String, Reply> {
    let token = needed(parameters, &format!("{role}_token"))?;
    let token_type = needed(parameters, &format!("{role}_token_type"))?;
    if !TYPES.contains(&token_type) {
        let description = format!("The {role}_token_type is unknown.");
        return Err(refusal("invalid_request", &description));
    }
    if token == SUBJECT {
        return Ok(SUBJECT.to_owned());
    }
    unexpired(token, now).ok_or_else(|| {
        let description = format!("The {role}_token is no JWT, or it has expired.");
        refusal("invalid_request", &description)
    })
}

/// The `sub` of a JWT that has not expired.
fn unexpired(token: &str, now: i64) -> Option<String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [_, payload, _] = *parts else { return None };
    let claims: Value = serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()?;
    let is_good = claims.get("exp")?.as_i64()? > now;
    is_good.then(|| claims.get("sub").and_then(Value::as_str).unwrap_or(SUBJECT).to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sandbox::{
        occasion::tests::NOW,
        request::tests::{FORM, request},
        system::plain::tests::Server,
    };

    fn jwt(exp: i64) -> String {
        format!("e30.{}.x", BASE64.encode(json!({ "sub": "s", "exp": exp }).to_string()))
    }

    #[test]
    fn a_token_that_is_still_good_gets_another() {
        let now = NOW.seconds();
        let jwt_type = "urn:ietf:params:oauth:token-type:jwt";
        for (name, token, token_type, actor, status) in [
            ("a JWT", &*jwt(now + 1), jwt_type, "", 200),
            ("the sandbox's own", SUBJECT, TYPES[1], "", 200),
            ("with an actor", SUBJECT, jwt_type, "&actor_token=x&actor_token_type=x", 400),
            ("expired", &jwt(now), jwt_type, "", 400),
            ("no JWT", "text", jwt_type, "", 400),
            ("another type", SUBJECT, "saml", "", 400),
        ] {
            let form = format!(
                "grant_type={GRANT_TYPE}&subject_token={token}&subject_token_type={token_type}{actor}"
            );
            let reply = Server::new().answer(&request("/plain/token", &[FORM], &form));
            let body = String::from_utf8_lossy(&reply.body);
            assert_eq!(reply.status.as_u16(), status, "{name}: {body}");
            assert_eq!(body.contains("issued_token_type"), status == 200, "{name}: {body}");
        }
    }
}
