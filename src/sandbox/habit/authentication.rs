//! Client authentication: servers that know one encoding, one of two secrets, or another time.

use super::Habit;
use crate::sandbox::{request::BasicReading, system::plain::Manner};

/// The secret that follows the usual one.
const SECOND_SECRET: &str = "sandbox-second-secret";
/// Ten minutes.
const FAR: i64 = 600;

pub(super) const HABITS: &[Habit] = &[
    Habit::manner(
        "basic_raw_only",
        "Basic credentials must not be form-encoded",
        Manner { basic: BasicReading::Raw, ..Manner::GOOD },
    )
    .keys("client_authentication: { client_secret_basic: { encoding: raw } }"),
    Habit::manner(
        "basic_form_only",
        "Basic credentials must be form-encoded",
        Manner { basic: BasicReading::Form, ..Manner::GOOD },
    ),
    Habit::manner(
        "second_secret",
        "only the client's second secret is good: `sandbox-second-secret`",
        Manner { secret: SECOND_SECRET, ..Manner::GOOD },
    ),
    Habit::manner(
        "clock_ahead",
        "the server's clock is 10 minutes ahead: what we sign has expired",
        Manner { clock_ahead: FAR, ..Manner::GOOD },
    )
    .keys("client_authentication: client_secret_jwt"),
    Habit::manner(
        "clock_behind",
        "the server's clock is 10 minutes behind: what we sign is not valid yet",
        Manner { clock_ahead: -FAR, ..Manner::GOOD },
    )
    .keys("client_authentication: client_secret_jwt"),
];

#[cfg(test)]
mod tests {
    use crate::sandbox::{
        habit::{at, tests::visit},
        memory::Memory,
        occasion::tests::{NOW, with_occasion},
        request::tests::{FORM, basic, request},
    };

    #[test]
    fn each_habit_takes_one_encoding_and_refuses_the_other() {
        let raw = basic("sandbox-client", "sandbox+secret/100%");
        let form = basic("sandbox-client", "sandbox%2Bsecret%2F100%25");
        for (name, authorization, status) in [
            ("basic_raw_only", &raw, 200),
            ("basic_raw_only", &form, 401),
            ("basic_form_only", &form, 200),
            ("basic_form_only", &raw, 401),
        ] {
            let path = format!("/habit/{name}/token");
            let headers = [FORM, ("authorization", authorization)];
            let request = request(&path, &headers, "grant_type=client_credentials");
            let habit = at(&path).expect(name);
            let reply = with_occasion(|occasion| habit.answer(&request, occasion));
            assert_eq!(reply.status.as_u16(), status, "{name}");
        }
    }

    #[test]
    fn only_the_second_secret_is_good() {
        let client = "grant_type=client_credentials&client_id=sandbox-client&client_secret=";
        for (secret, status) in [("sandbox%2Bsecret%2F100%25", 401), ("sandbox-second-secret", 200)]
        {
            let request =
                request("/habit/second_secret/token", &[FORM], &format!("{client}{secret}"));
            let reply = visit(&Memory::default(), &request, 1);
            assert_eq!(reply.status.as_u16(), status, "{secret}");
        }
    }

    #[test]
    fn a_clock_that_is_wrong_is_ten_minutes_off() {
        for (name, seconds) in [("clock_ahead", 600), ("clock_behind", -600), ("second_secret", 0)]
        {
            let habit = at(&format!("/habit/{name}/token")).expect(name);
            assert_eq!(habit.date(NOW).seconds() - NOW.seconds(), seconds, "{name}");
        }
    }
}
