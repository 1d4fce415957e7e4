//! The three legs (RFC 5849, section 2). The resource owner agrees at once.

use hyper::{Method, StatusCode};

use super::{
    Problem, Quirk, Visit,
    verify::{needed, read, verify},
};
use crate::sandbox::{
    credentials::{Agreement, Kind, identifier},
    reply::Reply,
    signed::{Message, pairs},
    way_back::{loopback, redirect},
};

/// With OAuth Session 1.0, a token is good for so many seconds.
const LIFETIME: u64 = 3600;

/// Temporary credentials (section 2.1).
pub(super) fn initiate(visit: &Visit<'_>) -> Result<Reply, Problem> {
    must_be_post(visit)?;
    let signed = read(visit)?;
    verify(visit, &signed, "")?;
    let callback = needed(&signed.0, "oauth_callback")?;
    if callback != "oob" && loopback(callback).is_none() {
        let advice = "The sandbox sends a browser to loopback only.";
        return Err(Problem::bad("parameter_rejected", advice));
    }
    let credentials = visit.credentials(Kind::Temporary);
    let token = identifier(visit.occasion);
    let scope = signed.0.one("scope").unwrap_or_default().to_owned();
    let callback = callback.to_owned();
    credentials.keep(&token, &Agreement { scope, callback, ..Agreement::default() });
    let confirmed = match visit.quirk {
        Quirk::ConfirmedInCapitals => "&oauth_callback_confirmed=TRUE",
        Quirk::Unconfirmed => "",
        _ => "&oauth_callback_confirmed=true",
    };
    let secret = credentials.secret(&token);
    Ok(form(&format!("oauth_token={token}&oauth_token_secret={secret}{confirmed}")))
}

/// The resource owner agrees (section 2.2).
pub(super) fn authorize(visit: &Visit<'_>) -> Result<Reply, Problem> {
    let credentials = visit.credentials(Kind::Temporary);
    let token = pairs(visit.request.query.as_bytes()).find(|(name, _)| name == "oauth_token");
    let token = token.map(|(_, token)| token).unwrap_or_default();
    let agreement = credentials.find(&token).ok_or(UNKNOWN_TOKEN)?;
    let verifier = credentials.verifier(&token);
    let (answer, page) = if visit.quirk == Quirk::Denied {
        let answer = [("oauth_problem", "user_refused"), ("oauth_token", &token)];
        (answer, "Nothing was agreed to.".to_owned())
    } else {
        credentials.keep(&token, &Agreement { approved: true, ..agreement.clone() });
        let answer = [("oauth_token", &*token), ("oauth_verifier", &verifier)];
        (answer, format!("The verifier is {verifier}"))
    };
    Ok(match loopback(&agreement.callback) {
        Some(mut back) => {
            back.query_pairs_mut().extend_pairs(answer);
            redirect(back)
        }
        None => Reply::typed(StatusCode::OK, "text/plain; charset=utf-8", page),
    })
}

/// Token credentials (section 2.3), or others in their place (OAuth Session 1.0, section 3).
pub(super) fn token(visit: &Visit<'_>) -> Result<Reply, Problem> {
    must_be_post(visit)?;
    let signed = read(visit)?;
    let came_with = needed(&signed.0, "oauth_token")?;
    if let (Quirk::Session, Some(handle)) = (visit.quirk, signed.0.one("oauth_session_handle")) {
        let credentials = visit.credentials(Kind::Token);
        let agreement = credentials.find(came_with).ok_or(UNKNOWN_TOKEN)?;
        verify(visit, &signed, &credentials.secret(came_with))?;
        if agreement.session_handle.as_deref() != Some(handle) {
            return Err(Problem::unproven("token_rejected", "The session handle is another's."));
        }
        return Ok(issue(visit, &agreement));
    }
    let credentials = visit.credentials(Kind::Temporary);
    let agreement = credentials.find(came_with).ok_or(UNKNOWN_TOKEN)?;
    verify(visit, &signed, &credentials.secret(came_with))?;
    check_verifier(&signed.0, &agreement, &credentials.verifier(came_with))?;
    let agreement = credentials.end(came_with).ok_or(UNKNOWN_TOKEN)?;
    Ok(issue(visit, &agreement))
}

fn check_verifier(message: &Message, agreement: &Agreement, verifier: &str) -> Result<(), Problem> {
    if !agreement.approved {
        return Err(Problem::unproven("permission_unknown", "Nobody has agreed yet."));
    }
    if needed(message, "oauth_verifier")? != verifier {
        return Err(Problem::unproven("verifier_invalid", "The verifier is wrong."));
    }
    Ok(())
}

fn issue(visit: &Visit<'_>, agreement: &Agreement) -> Reply {
    let token = identifier(visit.occasion);
    let credentials = visit.credentials(Kind::Token);
    let secret = credentials.secret(&token);
    let mut agreement = Agreement { callback: String::new(), ..agreement.clone() };
    let mut further = String::new();
    if visit.quirk == Quirk::Session {
        let lifetime = visit.occasion.lifetime(LIFETIME);
        let handle = agreement.session_handle.get_or_insert_with(|| visit.occasion.identifier());
        further = format!("&oauth_expires_in={lifetime}&oauth_session_handle={handle}");
        agreement.expires_at = Some(visit.occasion.expiry(lifetime).seconds());
    }
    credentials.keep(&token, &agreement);
    form(&format!("oauth_token={token}&oauth_token_secret={secret}{further}"))
}

fn must_be_post(visit: &Visit<'_>) -> Result<(), Problem> {
    let advice = "The request must use POST.";
    let is_post = visit.request.method == Method::POST;
    is_post.then_some(()).ok_or(Problem::bad("parameter_rejected", advice))
}

/// It was never there, or it was used.
const UNKNOWN_TOKEN: Problem =
    Problem::unproven("token_rejected", "The token is unknown or spent.");

fn form(body: &str) -> Reply {
    Reply::typed(StatusCode::OK, "application/x-www-form-urlencoded", body)
}
