//! The three legs, with the texts and in the order of checks of the real one.

use hyper::{Method, StatusCode};

use super::{Answer, CLIENT, Reply, SITE, Visit, message, prose, require};
use crate::sandbox::{
    credentials::{Agreement, Kind, identifier},
    signed::{Message, pairs},
    way_back::{loopback, redirect},
};

const SCOPES: [&str; 8] = [
    "statements/write",
    "statements/read/mine",
    "statements/read",
    "state",
    "define",
    "profile",
    "all/read",
    "all",
];
const DEFAULT_SCOPE: &str = "statements/write statements/read/mine";

/// The first leg.
pub(super) fn initiate(visit: &Visit<'_>) -> Answer {
    let message = read(visit)?;
    require(&message, &["oauth_callback"])?;
    if message.one("oauth_consumer_key") != Some(CLIENT.id) {
        return Err(prose::refusal(StatusCode::UNAUTHORIZED, "Invalid consumer."));
    }
    visit.verify(&message, "")?;
    let scope = message.one("scope").unwrap_or(DEFAULT_SCOPE);
    if !scope.split(' ').all(|value| SCOPES.contains(&value)) {
        return Err(prose::crash("Error at /xapi/OAuth/initiate: Scope does not exist."));
    }
    let agreement = Agreement {
        callback: message.one("oauth_callback").unwrap_or_default().to_owned(),
        ..agreement(&message, scope)
    };
    let token = create(visit, Kind::Temporary, &agreement);
    let secret = visit.credentials(Kind::Temporary).secret(&token);
    Ok(form(&format!(
        "oauth_token={token}&oauth_token_secret={secret}&oauth_callback_confirmed=true"
    )))
}

/// The second leg.
pub(super) fn authorize(visit: &Visit<'_>) -> Answer {
    let asked: Vec<_> =
        pairs(visit.request.query.as_bytes()).chain(pairs(&visit.request.body)).collect();
    let one = |name| asked.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    let Some(token) = one("oauth_token") else {
        return Err(prose::refusal(StatusCode::BAD_REQUEST, "No request token specified."));
    };
    let credentials = visit.credentials(Kind::Temporary);
    let agreement = credentials.find(token).ok_or_else(|| unknown(token))?;
    if visit.request.method == Method::POST && one("authorize_access").is_none() {
        return sent_back(&agreement, &[("error", "Access not granted by user.")], "denied");
    }
    credentials.keep(token, &Agreement { approved: true, ..agreement.clone() });
    let verifier = credentials.verifier(token);
    let page = format!("Enter this PIN in your app: {verifier}");
    sent_back(&agreement, &[("oauth_verifier", &verifier), ("oauth_token", token)], &page)
}

/// The third leg.
pub(super) fn token(visit: &Visit<'_>) -> Answer {
    let message = read(visit)?;
    let bad = |text| prose::refusal(StatusCode::BAD_REQUEST, text);
    match message.one("oauth_consumer_key") {
        None => return Err(prose::crash("Error: Parameter not found: oauth_consumer_key")),
        Some(id) if id != CLIENT.id => return Err(bad("Invalid consumer.")),
        Some(_) => {}
    }
    require(&message, &["oauth_token", "oauth_verifier"])?;
    let temporary = message.one("oauth_token").unwrap_or_default();
    let credentials = visit.credentials(Kind::Temporary);
    let agreement = credentials.find(temporary).ok_or_else(|| unknown(temporary))?;
    if !agreement.approved {
        let text = "Request Token not approved by the user.";
        return Err(prose::refusal(StatusCode::UNAUTHORIZED, text));
    }
    visit.verify(&message, &credentials.secret(temporary))?;
    if message.one("oauth_verifier") != Some(&*credentials.verifier(temporary)) {
        return Err(bad("Invalid OAuth verifier."));
    }
    credentials.end(temporary).ok_or_else(|| unknown(temporary))?;
    forget(visit, Kind::Temporary, &agreement);
    let agreement = self::agreement(&message, &agreement.scope);
    let token = create(visit, Kind::Token, &agreement);
    let secret = visit.credentials(Kind::Token).secret(&token);
    Ok(form(&format!("oauth_token={token}&oauth_token_secret={secret}")))
}

/// From now on, the next credentials of this client, second and scope are new ones.
pub(super) fn forget(visit: &Visit<'_>, kind: Kind, agreement: &Agreement) {
    visit.occasion.memory.rewrite(&index(kind, agreement), |token| *token = None);
}

fn read(visit: &Visit<'_>) -> Result<Message, Reply> {
    message::read(visit.request)
        .ok_or_else(|| prose::refusal(StatusCode::BAD_REQUEST, "Invalid request parameters."))
}

fn agreement(message: &Message, scope: &str) -> Agreement {
    Agreement {
        client_id: CLIENT.id.to_owned(),
        timestamp: message.one("oauth_timestamp").unwrap_or_default().to_owned(),
        scope: scope.to_owned(),
        ..Agreement::default()
    }
}

/// Finds the credentials of this client, second and scope, or makes new ones: whoever asks twice
/// within a second gets the same.
fn create(visit: &Visit<'_>, kind: Kind, agreement: &Agreement) -> String {
    let token = visit.occasion.memory.rewrite(&index(kind, agreement), |token| {
        token.get_or_insert_with(|| identifier(visit.occasion)).clone()
    });
    visit.credentials(kind).keep(&token, agreement);
    token
}

fn index(kind: Kind, agreement: &Agreement) -> String {
    let Agreement { client_id, timestamp, scope, .. } = agreement;
    format!("{SITE} {kind:?} of {client_id} {timestamp} {scope}")
}

fn sent_back(agreement: &Agreement, answer: &[(&str, &str)], page: &str) -> Answer {
    if agreement.callback == "oob" {
        return Ok(Reply::typed(StatusCode::OK, "text/html; charset=utf-8", page));
    }
    let Some(mut to) = loopback(&agreement.callback) else {
        let text = "The sandbox sends a browser to loopback only.";
        return Err(prose::refusal(StatusCode::BAD_REQUEST, text));
    };
    to.query_pairs_mut().extend_pairs(answer);
    Ok(redirect(to))
}

fn unknown(token: &str) -> Reply {
    prose::refusal(StatusCode::UNAUTHORIZED, &format!("Invalid request token: {token}"))
}

fn form(body: &str) -> Reply {
    Reply::typed(StatusCode::OK, "application/x-www-form-urlencoded", body)
}
