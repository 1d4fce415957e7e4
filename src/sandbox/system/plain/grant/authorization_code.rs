//! RFC 6749, section 4.1, with PKCE (RFC 7636) and the issuer in the answer (RFC 9207). Nobody is
//! asked: who opens the authorization endpoint is sent back with a code at once.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
use hyper::{Method, StatusCode};
use url::Url;

use super::{Granted, Reply, Visit, invalid_grant, needed, refresh_token, refusal};
use crate::sandbox::{
    request::Parameters,
    system::plain::{CLIENT, Login, PUBLIC_CLIENT},
    ticket::{Kind, Ticket},
    way_back::{loopback, redirect},
};

pub(super) const GRANT_TYPE: &str = "authorization_code";

/// A code is good for so many seconds.
const LIFETIME: u64 = 60;

/// The authorization endpoint (RFC 6749, section 3.1).
pub(in crate::sandbox) fn authorize(visit: &Visit<'_>) -> Reply {
    if visit.request.method != Method::GET {
        return Reply::bare(StatusCode::METHOD_NOT_ALLOWED, "").header("allow", "GET");
    }
    let asked = visit.request.in_query();
    let client_id = asked.one("client_id").filter(|id| [CLIENT.id, PUBLIC_CLIENT].contains(id));
    let redirect_uri = asked.one("redirect_uri").and_then(loopback);
    let (Some(client_id), Some(back)) = (client_id, redirect_uri) else {
        // Whoever cannot be trusted to be the client is not sent anywhere (section 4.1.2.1).
        let description = "The client_id is unknown, or the redirect_uri is not on loopback.";
        return refusal("invalid_request", description);
    };
    let answer = match (visit.manner.login, fault(&asked, client_id)) {
        (Login::Denied, _) => vec![("error", "access_denied".to_owned())],
        (_, Some(error)) => vec![("error", error.to_owned())],
        _ => vec![("code", code(visit, &asked, client_id).sealed())],
    };
    sent_back(visit, back, answer, asked.one("state"))
}

/// What is wrong with the request, if anything.
fn fault(asked: &Parameters, client_id: &str) -> Option<&'static str> {
    if asked.one("response_type") != Some("code") {
        return Some("unsupported_response_type");
    }
    let is_bare = asked.one("code_challenge").is_none();
    let is_plain = asked.one("code_challenge_method") != Some("S256");
    match (is_bare, is_plain) {
        // A client without a secret has nothing but its verifier (RFC 9700, section 2.1.1).
        (true, _) if client_id == PUBLIC_CLIENT => Some("invalid_request"),
        (false, true) => Some("invalid_request"),
        _ => None,
    }
}

fn code(visit: &Visit<'_>, asked: &Parameters, client_id: &str) -> Ticket {
    let text = |name: &str| asked.one(name).map(str::to_owned);
    let (grant, until) = (visit.occasion.identifier(), visit.occasion.expiry(LIFETIME));
    Ticket {
        scope: text("scope"),
        redirect_uri: text("redirect_uri"),
        code_challenge: text("code_challenge"),
        ..Ticket::first(Kind::AuthorizationCode, visit.site, client_id, grant, until)
    }
}

fn sent_back(
    visit: &Visit<'_>,
    mut to: Url,
    answer: Vec<(&str, String)>,
    state: Option<&str>,
) -> Reply {
    let issuer = match visit.manner.login {
        Login::OtherIssuer => visit.url("/elsewhere"),
        _ => visit.issuer(),
    };
    {
        let mut query = to.query_pairs_mut();
        query.extend_pairs(answer).append_pair("iss", &issuer);
        match (visit.manner.login, state) {
            (Login::OtherState, _) => query.append_pair("state", "another"),
            (_, Some(state)) => query.append_pair("state", state),
            (_, None) => &mut query,
        };
    }
    redirect(to)
}

/// A code in exchange for tokens (RFC 6749, section 4.1.3). One that comes twice ends what came of
/// it the first time.
pub(super) fn redeem<'a>(
    visit: &Visit<'_>,
    parameters: &Parameters,
    granted: Granted<'a>,
) -> Result<Granted<'a>, Reply> {
    let (kind, now) = (Kind::AuthorizationCode, visit.occasion.now);
    let ticket = Ticket::opened(needed(parameters, "code")?)
        .filter(|ticket| ticket.is_good(kind, visit.site, &granted.client_id, now))
        .ok_or_else(|| invalid_grant("The code is unknown, expired or another client's."))?;
    if parameters.one("redirect_uri") != ticket.redirect_uri.as_deref() {
        return Err(invalid_grant("The redirect_uri is not the one that the code was sent to."));
    }
    let verifier = parameters.one("code_verifier");
    let challenge = verifier.map(|text| BASE64.encode(digest(&SHA256, text.as_bytes())));
    if challenge != ticket.code_challenge {
        return Err(invalid_grant("The code_verifier does not fit the code_challenge."));
    }
    if visit.occasion.memory.count(&visit.mark("code", &ticket.grant), now) > 1 {
        refresh_token::revoke(visit, &ticket.grant);
        return Err(invalid_grant("The code was used before; all that came of it is revoked."));
    }
    let granted = Granted { scope: ticket.scope, ..granted };
    Ok(refresh_token::begin(visit, ticket.grant, granted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{request::tests::request, system::plain::tests::Server};

    const BACK: &str = "http%3A%2F%2F127.0.0.1%3A9%2Fcb%3Fx%3D1";
    /// The pair of RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    /// Where the browser is sent, or the status.
    fn browse(server: &mut Server, query: &str) -> Result<Url, u16> {
        let mut asked = request(&format!("/plain/authorize?{query}"), &[], "");
        asked.method = Method::GET;
        let reply = server.answer(&asked);
        let location = reply.headers.iter().find(|(name, _)| *name == "location");
        location.map(|(_, url)| Url::parse(url).expect("a URL")).ok_or(reply.status.as_u16())
    }

    fn said(url: &Url, name: &str) -> String {
        let value = url.query_pairs().find(|(key, _)| key == name);
        value.map(|(_, value)| value.into_owned()).unwrap_or_default()
    }

    fn request_for(client: &str) -> String {
        format!("response_type=code&client_id={client}&redirect_uri={BACK}&state=s%2B1&scope=a")
    }

    #[test]
    fn a_code_is_good_once_with_its_verifier() {
        let mut server = Server::new();
        let pkce = format!("code_challenge={CHALLENGE}&code_challenge_method=S256");
        let query = format!("{}&{pkce}", request_for(CLIENT.id));
        let back = browse(&mut server, &query).expect("a redirect");
        assert!(back.as_str().starts_with("http://127.0.0.1:9/cb?x=1&code="), "{back}");
        let answered = (said(&back, "state"), said(&back, "iss"));
        assert_eq!(answered, ("s+1".into(), "http://sandbox/plain".into()));
        let code = said(&back, "code");
        let form = format!("grant_type=authorization_code&code={code}&redirect_uri={BACK}");
        for (name, form, status) in [
            ("no verifier", form.clone(), 400),
            ("another verifier", format!("{form}&code_verifier=x"), 400),
            ("another place", form.replace("9%2Fcb", "9%2Fdc"), 400),
        ] {
            assert_eq!(server.post("/token", &form).0, status, "{name}");
        }
        let good = format!("{form}&code_verifier={VERIFIER}");
        let (status, granted) = server.post("/token", &good);
        assert_eq!((status, granted["scope"].as_str()), (200, Some("a")), "{granted}");
        assert!(server.takes(&granted["access_token"]));
        assert_eq!(server.post("/token", &good).0, 400, "a code comes once");
        assert!(!server.takes(&granted["access_token"]), "a replay ends what came of it");
    }

    #[test]
    fn a_bad_request_goes_back_only_to_whom_it_can_be_trusted() {
        let mut server = Server::new();
        let good = request_for(CLIENT.id);
        for (name, query, expected) in [
            ("good", good.clone(), Ok("")),
            ("no PKCE, no secret", request_for(PUBLIC_CLIENT), Ok("invalid_request")),
            ("plain PKCE", format!("{good}&code_challenge=x"), Ok("invalid_request")),
            ("a token", good.replace("=code", "=token"), Ok("unsupported_response_type")),
            ("nobody", good.replace(CLIENT.id, "x"), Err(400)),
            ("elsewhere", good.replace("127.0.0.1", "example.com"), Err(400)),
        ] {
            let sent = browse(&mut server, &query).map(|url| said(&url, "error"));
            assert_eq!(sent, expected.map(str::to_owned), "{name}");
        }
    }
}
