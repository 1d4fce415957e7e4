//! The token endpoint (RFC 6749, section 3.2): reads a request and judges it.

use hyper::{Method, StatusCode};

use super::{Asked, Granted, Visit, Wanted, client, grant, refusal};
use crate::sandbox::{reply::Reply, request::Parameters};

const LIFETIME: u64 = 3600;
/// A second value of any other parameter is an error (RFC 6749, section 3.2).
const REPEATABLE: [&str; 2] = ["audience", "resource"];

/// Reads and judges a request.
pub(in crate::sandbox) fn judge<'a>(visit: &Visit<'a>) -> Result<Granted<'a>, Reply> {
    let (parameters, asked) = read_with_client(visit)?;
    let granted = grant::grant(visit, &parameters, asked)?;
    granted.end_the_token_before();
    Ok(granted)
}

/// The same where refreshes have an endpoint and parameters of their own: `type=refresh&token=...`.
pub(in crate::sandbox) fn refresh_by_type<'a>(visit: &Visit<'a>) -> Result<Granted<'a>, Reply> {
    let (parameters, asked) = read_with_client(visit)?;
    let sent = (parameters.one("type"), parameters.one("token"));
    let (Some("refresh"), Some(token), false) = (sent.0, sent.1, asked.client_id.is_empty()) else {
        return Err(refusal("invalid_request", "It must say type=refresh, a token, and a client."));
    };
    grant::refresh_token::renew(visit, token, asked)
}

/// The parameters, and what would be granted as far as it depends on no grant.
fn read_with_client<'a>(visit: &Visit<'a>) -> Result<(Parameters, Granted<'a>), Reply> {
    let parameters = read(visit)?;
    if let Some(wanted) = visit.manner.wants {
        check_wanted(visit, &parameters, wanted)?;
    }
    let client_id = client::authenticate(visit, &parameters)?;
    let scope = parameters.one("scope").map(str::to_owned);
    if !scope.as_deref().is_none_or(is_scope) {
        let description = "A scope is words separated by one space (RFC 6749, section 3.3).";
        return Err(refusal("invalid_scope", description));
    }
    let audience = parameters.all("audience").chain(parameters.all("resource"));
    let granted = Granted {
        occasion: visit.occasion,
        manner: visit.manner,
        site: visit.site,
        lifetime: visit.occasion.lifetime(LIFETIME),
        scope,
        audience: audience.map(str::to_owned).collect(),
        subject: client_id.clone().unwrap_or_default(),
        client_id: client_id.unwrap_or_default(),
        refresh: None,
        beside: "",
    };
    Ok((parameters, granted))
}

fn read(visit: &Visit<'_>) -> Result<Parameters, Reply> {
    let (request, asked) = (visit.request, visit.manner.asked);
    let method = if asked == Asked::Get { Method::GET } else { Method::POST };
    if request.method != method {
        let description = format!("A token request uses {method} here.");
        let status = StatusCode::METHOD_NOT_ALLOWED;
        let reply = Reply::error(status, "invalid_request", &description);
        return Err(reply.header("allow", method.as_str()));
    }
    let parameters = match asked {
        Asked::Get => request.query(),
        Asked::Xml => request.xml(),
        Asked::Usual | Asked::WithoutGrantType | Asked::RefreshElsewhere => {
            request.query().or_else(|| request.form()).or_else(|| request.json())
        }
    };
    let parameters = parameters.ok_or_else(|| {
        refusal("invalid_request", "The body is not in the format that it has to be in.")
    })?;
    let repeated = |name: &&str| !REPEATABLE.contains(name) && parameters.all(name).count() > 1;
    if let Some(name) = parameters.names().find(repeated) {
        let description = format!("The parameter {name} is repeated.");
        return Err(refusal("invalid_request", &description));
    }
    Ok(parameters)
}

fn check_wanted(visit: &Visit<'_>, parameters: &Parameters, wanted: Wanted) -> Result<(), Reply> {
    let (what, name, is_there) = match wanted {
        Wanted::Header(name, value) => {
            let sent = visit.request.headers.get(name);
            ("header", name, sent.is_some_and(|sent| sent.as_bytes() == value.as_bytes()))
        }
        Wanted::Query(name, value) => {
            ("query parameter", name, visit.request.in_query().one(name) == Some(value))
        }
        Wanted::Scope(value) => ("parameter", "scope", parameters.one("scope") == Some(value)),
    };
    if is_there {
        return Ok(());
    }
    Err(refusal("invalid_request", &format!("The {what} {name} is missing or wrong.")))
}

fn is_scope(scope: &str) -> bool {
    let plain = |byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    scope.split(' ').all(|word| !word.is_empty() && word.bytes().all(plain))
}
