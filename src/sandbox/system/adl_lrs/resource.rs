//! What a token opens, and the page where its owner takes it back.

use hyper::{Method, StatusCode};

use super::{Answer, CLIENT, CLIENT_NUMBER, Reply, Visit, legs, message, prose};
use crate::sandbox::{credentials::Kind, signed::pairs};

const VERSION: &str = "x-experience-api-version";
const VERSIONS: [&str; 7] = ["1.0", "1.0.0", "1.0.1", "1.0.2", "1.0.3", "2.0", "2.0.0"];

/// `/xapi/statements`: the token must be known. The signature, its moment and its nonce are looked
/// at by nobody.
pub(super) fn statements(visit: &Visit<'_>) -> Answer {
    let answer = open(visit).map(|()| match visit.request.method {
        Method::GET => json(r#"{"statements": [], "more": ""}"#.to_owned()),
        _ => json(format!(r#"["{}"]"#, visit.occasion.uuid())),
    });
    let versioned = |reply: Reply| reply.header(VERSION, "2.0.0");
    answer.map(versioned).map_err(versioned)
}

fn open(visit: &Visit<'_>) -> Result<(), Reply> {
    let bad = |text| Err(prose::refusal(StatusCode::BAD_REQUEST, text));
    match visit.request.text_header(VERSION) {
        "" => return bad("X-Experience-API-Version header missing"),
        version if !VERSIONS.contains(&version) => {
            return bad("X-Experience-API-Version is not supported");
        }
        _ => {}
    }
    match visit.request.text_header("authorization") {
        "" => return bad("Request has no authorization"),
        value if value.starts_with("OAuth ") => {}
        _ => {
            let text = "HTTP Basic Authorization Header must start with Basic";
            return Err(prose::unauthorized(text));
        }
    }
    let Some(message) = message::read(visit.request) else {
        return bad("Invalid request parameters.");
    };
    if message.one("oauth_consumer_key") != Some(CLIENT.id) {
        return Err(prose::unauthorized("Invalid Consumer."));
    }
    let token = message.one("oauth_token").unwrap_or_default();
    let Some(agreement) = visit.credentials(Kind::Token).find(token) else {
        return Err(prose::unauthorized(&format!("Invalid access token: {token}")));
    };
    let method = &visit.request.method;
    if !agreement.scope.split(' ').any(|scope| is_enough(scope, method)) {
        let text = format!("Incorrect permissions to {method} at /statements");
        return Err(prose::refusal(StatusCode::FORBIDDEN, &text));
    }
    Ok(())
}

fn is_enough(scope: &str, method: &Method) -> bool {
    match scope {
        "all" => true,
        "all/read" | "statements/read" | "statements/read/mine" => method == Method::GET,
        "statements/write" => method != Method::GET,
        _ => false,
    }
}

/// `DELETE /me/tokens?id=TOKEN-CLIENT-TIMESTAMP`, where CLIENT is the client's number. The real one
/// wants its owner to have signed in.
pub(super) fn revoke(visit: &Visit<'_>) -> Answer {
    let unknown = || prose::refusal(StatusCode::NOT_FOUND, "Unknown token");
    if visit.request.method != Method::DELETE {
        return Err(prose::refusal(StatusCode::METHOD_NOT_ALLOWED, "").header("allow", "DELETE"));
    }
    let id = pairs(visit.request.query.as_bytes()).find(|(name, _)| name == "id");
    let id = id.map(|(_, value)| value).unwrap_or_default();
    let [token, CLIENT_NUMBER, timestamp] = id.split('-').collect::<Vec<_>>()[..] else {
        return Err(unknown());
    };
    let credentials = visit.credentials(Kind::Token);
    let known = credentials.find(token).filter(|agreement| agreement.timestamp == timestamp);
    let agreement = known.and_then(|_| credentials.end(token)).ok_or_else(unknown)?;
    legs::forget(visit, Kind::Token, &agreement);
    Ok(Reply::bare(StatusCode::NO_CONTENT, ""))
}

fn json(body: String) -> Reply {
    Reply::typed(StatusCode::OK, "application/json", body)
}
