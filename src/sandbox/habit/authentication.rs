//! Client authentication: servers that read Basic credentials in one way alone.

use super::{Act, Habit};
use crate::sandbox::request::BasicReading;

pub(super) const HABITS: &[Habit] = &[
    Habit {
        name: "basic_raw_only",
        does: "Basic credentials must not be form-encoded",
        act: Act::Read(BasicReading::Raw),
    },
    Habit {
        name: "basic_form_only",
        does: "Basic credentials must be form-encoded",
        act: Act::Read(BasicReading::Form),
    },
];

#[cfg(test)]
mod tests {
    use crate::sandbox::{
        habit::at,
        occasion::tests::with_occasion,
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
}
