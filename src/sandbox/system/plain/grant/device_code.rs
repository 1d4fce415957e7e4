//! RFC 8628: a person agrees on another device. Here nobody has to: the third poll is granted.

use hyper::StatusCode;

use super::{Granted, Reply, Visit, client, invalid_grant, needed, refresh_token, refusal};
use crate::sandbox::{
    request::Parameters,
    system::plain::Login,
    ticket::{Kind, Ticket},
};

pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

const LIFETIME: u64 = 600;
/// Seconds between two polls.
const INTERVAL: u64 = 1;
/// So many polls are told to wait.
const PENDING: u64 = 2;
/// The letters of a user code: none that is taken for another (RFC 8628, section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// The device authorization endpoint (RFC 8628, section 3.1).
pub(in crate::sandbox) fn begin(visit: &Visit<'_>) -> Reply {
    codes(visit).unwrap_or_else(|refusal| refusal)
}

fn codes(visit: &Visit<'_>) -> Result<Reply, Reply> {
    let form = visit.request.form();
    let parameters = form.ok_or_else(|| refusal("invalid_request", "The body must be a form."))?;
    let client_id = client::authenticate(visit, &parameters)?.ok_or_else(client::unauthorized)?;
    let (grant, until) = (visit.occasion.identifier(), visit.occasion.expiry(LIFETIME));
    let ticket = Ticket {
        scope: parameters.one("scope").map(str::to_owned),
        ..Ticket::first(Kind::DeviceCode, visit.site, &client_id, grant, until)
    };
    let (page, user_code) = (visit.url("/device"), user_code(visit.occasion.random));
    let body = format!(
        r#"{{"device_code":"{}","user_code":"{user_code}","verification_uri":"{page}","verification_uri_complete":"{page}?user_code={user_code}","expires_in":{LIFETIME},"interval":{INTERVAL}}}"#,
        ticket.sealed(),
    );
    Ok(Reply::json(StatusCode::OK, body))
}

fn user_code(random: [u8; 16]) -> String {
    let letter = |byte: &u8| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]);
    let half = |bytes: &[u8]| bytes.iter().map(letter).collect::<String>();
    format!("{}-{}", half(&random[..4]), half(&random[4..8]))
}

/// Where a person would agree.
pub(in crate::sandbox) fn page() -> Reply {
    let text = "The sandbox agrees by itself: there is nothing to do here.\n";
    Reply::typed(StatusCode::OK, "text/plain", text)
}

/// A poll (RFC 8628, section 3.4).
pub(super) fn redeem<'a>(
    visit: &Visit<'_>,
    parameters: &Parameters,
    granted: Granted<'a>,
) -> Result<Granted<'a>, Reply> {
    let now = visit.occasion.now;
    let ticket = Ticket::opened(needed(parameters, "device_code")?)
        .filter(|ticket| ticket.kind == Kind::DeviceCode && ticket.site == visit.site)
        .filter(|ticket| ticket.client_id == granted.client_id)
        .ok_or_else(|| invalid_grant("The device code is unknown."))?;
    if now.seconds() >= ticket.expires_at {
        return Err(refusal("expired_token", "The device code has expired."));
    }
    let poll = visit.occasion.memory.count(&visit.mark("poll", &ticket.grant), now);
    match (visit.manner.login, poll) {
        (Login::SlowDown, 1) => Err(refusal("slow_down", "Five seconds more between polls.")),
        (_, 1..=PENDING) => Err(refusal("authorization_pending", "Nobody has agreed yet.")),
        (Login::Denied, _) => Err(refusal("access_denied", "The user does not agree.")),
        (Login::Expired, _) => Err(refusal("expired_token", "The device code has expired.")),
        (_, poll) if poll > PENDING + 1 => Err(invalid_grant("The device code was used before.")),
        _ => {
            let granted = Granted { scope: ticket.scope, ..granted };
            Ok(refresh_token::begin(visit, ticket.grant, granted))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::sandbox::system::plain::tests::Server;

    #[test]
    fn the_third_poll_is_granted_and_the_code_is_spent() {
        let mut server = Server::new();
        let (status, codes) = server.post("/device_authorization", "scope=a");
        assert_eq!((status, &codes["interval"]), (200, &Value::from(1)), "{codes}");
        let code = codes["device_code"].as_str().unwrap_or_default();
        let polls: Vec<Value> = (0..4)
            .map(|_| {
                let form = format!("grant_type={GRANT_TYPE}&device_code={code}");
                server.post("/token", &form).1
            })
            .collect();
        let errors = polls.iter().map(|reply| reply["error"].as_str().unwrap_or("granted"));
        let expected =
            ["authorization_pending", "authorization_pending", "granted", "invalid_grant"];
        assert_eq!(errors.collect::<Vec<_>>(), expected);
        assert_eq!(polls[2]["scope"], "a");
        assert!(polls[2]["refresh_token"].is_string());
    }

    #[test]
    fn a_user_code_can_be_typed() {
        assert_eq!(user_code(*b"0123456789abcdef"), "LMNP-QRST");
    }
}
