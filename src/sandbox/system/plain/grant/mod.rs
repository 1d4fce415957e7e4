//! What each grant asks of a request: one file each.

pub(in crate::sandbox) mod authorization_code;
pub(in crate::sandbox) mod device_code;
mod jwt_bearer;
mod password;
pub(in crate::sandbox) mod refresh_token;
mod token_exchange;

use super::{Asked, Granted, Visit, client, refusal};
use crate::sandbox::{reply::Reply, request::Parameters};

const CLIENT_CREDENTIALS: &str = "client_credentials";
/// A name of a provider's own (Zoom).
const ACCOUNT_CREDENTIALS: &str = "account_credentials";

/// Every `grant_type`.
pub(super) const GRANT_TYPES: [&str; 8] = [
    CLIENT_CREDENTIALS,
    refresh_token::GRANT_TYPE,
    authorization_code::GRANT_TYPE,
    device_code::GRANT_TYPE,
    jwt_bearer::GRANT_TYPE,
    token_exchange::GRANT_TYPE,
    password::GRANT_TYPE,
    ACCOUNT_CREDENTIALS,
];

/// Judges what the grant is about, and completes what is granted.
pub(super) fn grant<'a>(
    visit: &Visit<'_>,
    parameters: &Parameters,
    granted: Granted<'a>,
) -> Result<Granted<'a>, Reply> {
    let grant_type = match (visit.manner.asked, parameters.one("grant_type")) {
        (Asked::WithoutGrantType, None) => CLIENT_CREDENTIALS,
        (Asked::WithoutGrantType, Some(_)) => {
            return Err(refusal("invalid_request", "There is no grant_type here."));
        }
        (_, Some(grant_type)) => grant_type,
        (_, None) => {
            return Err(refusal("invalid_request", "The grant_type parameter is missing."));
        }
    };
    // These two say themselves who asks.
    let says_who = [jwt_bearer::GRANT_TYPE, token_exchange::GRANT_TYPE].contains(&grant_type);
    if granted.client_id.is_empty() && !says_who {
        return Err(client::unauthorized());
    }
    match grant_type {
        CLIENT_CREDENTIALS => Ok(granted),
        ACCOUNT_CREDENTIALS => {
            needed(parameters, "account_id")?;
            Ok(granted)
        }
        refresh_token::GRANT_TYPE if visit.manner.asked != Asked::RefreshElsewhere => {
            refresh_token::renew(visit, needed(parameters, "refresh_token")?, granted)
        }
        authorization_code::GRANT_TYPE => authorization_code::redeem(visit, parameters, granted),
        device_code::GRANT_TYPE => device_code::redeem(visit, parameters, granted),
        jwt_bearer::GRANT_TYPE => jwt_bearer::redeem(visit, parameters, granted),
        token_exchange::GRANT_TYPE => token_exchange::redeem(visit, parameters, granted),
        password::GRANT_TYPE => password::redeem(visit, parameters, granted),
        _ => Err(refusal("unsupported_grant_type", "The sandbox does not know this grant.")),
    }
}

/// A parameter that must be there.
fn needed<'a>(parameters: &'a Parameters, name: &str) -> Result<&'a str, Reply> {
    parameters
        .one(name)
        .ok_or_else(|| refusal("invalid_request", &format!("The {name} parameter is missing.")))
}

fn invalid_grant(description: &str) -> Reply {
    refusal("invalid_grant", description)
}
