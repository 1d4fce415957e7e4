//! RFC 6749, section 4.3: with the name and the password of a user.

use super::{Granted, Reply, Visit, invalid_grant, needed, refresh_token};
use crate::sandbox::request::Parameters;

pub(super) const GRANT_TYPE: &str = "password";

/// The one user. The password is public, and not the client's secret.
pub(in crate::sandbox) const USER: &str = "sandbox-user";
pub(in crate::sandbox) const PASSWORD: &str = "sandbox-password";

pub(super) fn redeem<'a>(
    visit: &Visit<'_>,
    parameters: &Parameters,
    granted: Granted<'a>,
) -> Result<Granted<'a>, Reply> {
    let sent = (needed(parameters, "username")?, needed(parameters, "password")?);
    if sent != (USER, PASSWORD) {
        return Err(invalid_grant("The user is unknown or the password is wrong."));
    }
    let granted = Granted { subject: USER.to_owned(), ..granted };
    Ok(refresh_token::begin(visit, visit.occasion.identifier(), granted))
}

#[cfg(test)]
mod tests {
    use crate::sandbox::system::plain::tests::Server;

    #[test]
    fn the_one_user_gets_a_token_that_can_be_renewed() {
        let mut server = Server::new();
        for (name, form, status) in [
            ("right", "username=sandbox-user&password=sandbox-password", 200),
            ("a wrong password", "username=sandbox-user&password=x", 400),
            ("nobody", "password=sandbox-password", 400),
        ] {
            let (found, body) = server.post("/token", &format!("grant_type=password&{form}"));
            assert_eq!(found, status, "{name}: {body}");
            assert_eq!(body["refresh_token"].is_string(), status == 200, "{name}");
        }
    }
}
