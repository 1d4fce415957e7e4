//! A protected resource (RFC 5849, section 3), and the end of a token.

use hyper::StatusCode;

use super::{
    Problem, Quirk, Visit,
    verify::{needed, read, verify},
};
use crate::sandbox::{
    credentials::Kind,
    reply::{Reply, quoted},
    signed::pairs,
};

/// Says what the token is good for. Any method and any parameters will do, if they are signed.
pub(super) fn show(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let signed = read(visit)?;
    let token = needed(&signed.0, "oauth_token")?;
    let credentials = visit.credentials(Kind::Token);
    let agreement = credentials.find(token).filter(|_| visit.quirk != Quirk::Revoked);
    let Some(agreement) = agreement else {
        return Err(Problem::unproven("token_rejected", "The token is unknown or revoked."));
    };
    verify(visit, &signed, &credentials.secret(token))?;
    if agreement.expires_at.is_some_and(|end| end <= visit.occasion.now.seconds()) {
        return Err(Problem::unproven("token_expired", "The token has expired."));
    }
    let body = format!(r#"{{"scope":{}}}"#, quoted(&agreement.scope));
    Ok(Reply::json(StatusCode::OK, body))
}

/// `token=TOKEN` in a form: from now on it is no good. As in RFC 7009, whatever was no token is
/// one no longer.
pub(super) fn revoke(visit: &Visit<'_>) -> Reply {
    let token = pairs(&visit.request.body).find(|(name, _)| name == "token");
    if let Some((_, token)) = token {
        visit.credentials(Kind::Token).end(&token);
    }
    Reply::bare(StatusCode::OK, "")
}
