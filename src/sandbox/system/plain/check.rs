//! Whether an access token is good: the answer of a resource server (RFC 6750, section 3), for
//! looking at what became of a token.

use hyper::{StatusCode, header};
use serde_json::Value;

use super::{Visit, grant::refresh_token, granted::latest_mark};
use crate::sandbox::reply::Reply;

/// Says who the token speaks for, or that it is no good.
pub(super) fn check(visit: &Visit<'_>) -> Reply {
    let Some(claims) = good_token(visit) else {
        let description = "The token is unknown, expired or revoked.";
        let reply = Reply::error(StatusCode::UNAUTHORIZED, "invalid_token", description);
        return reply.header("www-authenticate", r#"Bearer error="invalid_token""#);
    };
    let said = |name: &str| claims.get(name).unwrap_or(&Value::Null).to_string();
    let body = format!(
        r#"{{"active":true,"sub":{},"scope":{},"exp":{}}}"#,
        said("sub"),
        said("scope"),
        said("exp")
    );
    Reply::json(StatusCode::OK, body)
}

fn good_token(visit: &Visit<'_>) -> Option<Value> {
    let value = visit.request.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let claims = visit.occasion.claims(token)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    let latest = visit.occasion.memory.of(&latest_mark(visit.site, text("client_id")?));
    let turn = number("turn").and_then(|turn| u64::try_from(turn).ok());
    let good = scheme.eq_ignore_ascii_case("bearer")
        && text("iss") == Some(&visit.issuer())
        && number("exp") > Some(visit.occasion.now.seconds())
        && !text("grant").is_some_and(|grant| refresh_token::is_dead(visit, grant))
        && latest.is_none_or(|latest| Some(latest.number) == turn);
    good.then_some(claims)
}
