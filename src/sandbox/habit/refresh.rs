//! Refresh tokens: what becomes of them, and what the reply says of it.

use hyper::StatusCode;

use super::{Habit, body, expires_in, json, usual};
use crate::sandbox::{
    delivery::Delivery,
    reply::Reply,
    system::plain::{self, Asked, Granted, Manner, Rotation, Visit},
};

/// A day, in seconds.
const DAY: u64 = 86_400;
/// A minute, in seconds.
const IDLE: u64 = 60;
/// Keys of whoever begins with a refresh token.
pub(super) const KEYS: &str = "grant: refresh_token, refresh_token: sandbox-refresh-token";

const KEPT: Manner = Manner { rotation: Rotation::Kept, ..Manner::GOOD };
const FORGIVEN: Manner = Manner { rotation: Rotation::Forgiven, ..Manner::GOOD };
const FOR_A_DAY: Manner = Manner { refresh_lifetime: DAY, ..Manner::GOOD };

pub(super) const HABITS: &[Habit] = &[
    Habit::manner("refresh_kept", "the reply has no `refresh_token`: the old one stays", KEPT),
    Habit::grant("refresh_null", "`refresh_token` is null: the old one stays", |granted| {
        further(granted, r#","refresh_token":null"#)
    })
    .in_manner(KEPT),
    Habit::grant("refresh_empty", "`refresh_token` is empty: the old one stays", |granted| {
        further(granted, r#","refresh_token":"""#)
    })
    .in_manner(KEPT),
    Habit::manner(
        "refresh_added",
        "there is a new refresh token, and the old one stays good",
        Manner { rotation: Rotation::Added, ..Manner::GOOD },
    ),
    Habit::manner("refresh_replaced", "a replay revokes the tokens that came of it", Manner::GOOD),
    Habit::manner("refresh_forgiven", "the old one can come again for a minute", FORGIVEN),
    Habit::grant("lost_answer", "every first of two refreshes is answered by silence", |granted| {
        lost(granted)
    }),
    Habit::grant("lost_answer_forgiven", "the same, but the old one can come again", |granted| {
        lost(granted)
    })
    .in_manner(FORGIVEN),
    Habit::grant("refresh_for_a_day", "`refresh_token_expires_in` is a day, and is meant", |granted| {
        further(granted, &format!(r#","refresh_token_expires_in":{DAY}"#))
    })
    .in_manner(FOR_A_DAY),
    Habit::grant("x_refresh_for_a_day", "the same, called `x_refresh_token_expires_in`", |granted| {
        further(granted, &format!(r#","x_refresh_token_expires_in":{DAY}"#))
    })
    .in_manner(FOR_A_DAY),
    Habit::grant("refresh_expires_zero", "`refresh_expires_in` is 0, though it is a day", |granted| {
        further(granted, r#","refresh_expires_in":0"#)
    })
    .in_manner(FOR_A_DAY),
    Habit::manner(
        "refresh_dies_idle",
        "a refresh token dies when it is not used within a minute",
        Manner { refresh_lifetime: IDLE, ..Manner::GOOD },
    )
    .keys("refresh: { keep_alive: 30s }"),
    Habit::grant("refresh_nested", "tokens and lifetimes stand in `data`", |granted| {
        let usual = usual(granted);
        json(format!(r#"{{"data":{}}}"#, String::from_utf8_lossy(&usual.body)))
    })
    .keys(
        "response: { access_token: data.access_token, refresh_token: data.refresh_token, \
         expires_in: data.expires_in }",
    ),
    Habit::always("refresh_revoked", "no refresh token is good any more", |_, _| {
        Reply::error(StatusCode::BAD_REQUEST, "invalid_grant", "Token is not active")
    }),
    Habit::always("refresh_revoked_oddly", "the same, in words of the provider's own", |_, _| {
        let body = r#"{"status":"BAD_REFRESH_TOKEN","message":"missing or invalid refresh token"}"#;
        Reply::json(StatusCode::BAD_REQUEST, body)
    }),
    Habit::grant("rescue", "a good refresh token beside an access token that is none", |granted| {
        let token = granted.occasion.uuid();
        let text = String::from_utf8_lossy(&usual(granted).body).replacen(&token, "a\\nb", 1);
        json(text)
    }),
    Habit::grant("refresh_elsewhere", "refreshes go to `/refresh`, as `type=refresh`", usual)
        .keys(
            "refresh_request: { url: \"@SITE@/refresh\", grant_type: \"\", parameter: token, parameters: { type: refresh } }",
        )
        .in_manner(Manner { asked: Asked::RefreshElsewhere, ..Manner::GOOD })
        .beside("/refresh", refresh_by_type),
];

fn further(granted: &Granted<'_>, members: &str) -> Reply {
    json(body(granted, &expires_in(granted), &format!("{}{members}", granted.scope_member())))
}

/// The token is replaced, and nobody hears of it.
fn lost(granted: &Granted<'_>) -> Reply {
    let was_renewed = granted.refresh.as_ref().is_some_and(|refresh| refresh.was_renewed);
    let reply = usual(granted);
    if was_renewed && granted.occasion.turn % 2 == 1 {
        reply.delivered(Delivery::Close)
    } else {
        reply
    }
}

/// A refresh at an endpoint of its own.
fn refresh_by_type(visit: &Visit<'_>) -> Reply {
    plain::refresh_by_type(visit).map_or_else(|refusal| refusal, |granted| usual(&granted))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{
        super::{
            at,
            tests::{assert_complete, refresh, refreshed, visit},
        },
        *,
    };
    use crate::sandbox::{
        memory::Memory,
        occasion::tests::with_memory,
        request::tests::{FORM, request},
    };

    const FIRST: &str = "sandbox-refresh-token";

    /// What stands in the reply to a first refresh, and the status of its replay.
    const ROWS: [(&str, u16, &str, u16); 13] = [
        ("refresh_kept", 200, r#""expires_in":3600}"#, 200),
        ("refresh_null", 200, r#""refresh_token":null"#, 200),
        ("refresh_empty", 200, r#""refresh_token":"""#, 200),
        ("refresh_added", 200, r#""refresh_token":"ey"#, 200),
        ("refresh_replaced", 200, r#""refresh_token":"ey"#, 400),
        ("refresh_forgiven", 200, r#""refresh_token":"ey"#, 200),
        ("lost_answer_forgiven", 200, r#""refresh_token":"ey"#, 200),
        ("refresh_for_a_day", 200, r#""refresh_token_expires_in":86400"#, 400),
        ("x_refresh_for_a_day", 200, r#""x_refresh_token_expires_in":86400"#, 400),
        ("refresh_expires_zero", 200, r#""refresh_expires_in":0"#, 400),
        ("refresh_nested", 200, r#"{"data":{"access_token":"#, 400),
        ("refresh_revoked", 400, "Token is not active", 400),
        ("refresh_revoked_oddly", 400, "BAD_REFRESH_TOKEN", 400),
    ];

    #[test]
    fn each_habit_says_and_does_what_it_says() {
        for (name, status, expected, replayed) in ROWS {
            let memory = Memory::default();
            let (reply, _) = refreshed(&memory, name, FIRST, 2);
            let body = String::from_utf8_lossy(&reply.body);
            assert_eq!(reply.status.as_u16(), status, "{name}: {body}");
            assert!(body.contains(expected), "{name}: {body}");
            let (reply, _) = refreshed(&memory, name, FIRST, 4);
            assert_eq!(reply.status.as_u16(), replayed, "{name}");
        }
        let others = ["lost_answer", "rescue", "refresh_elsewhere", "refresh_dies_idle"];
        assert_complete(HABITS, ROWS.iter().map(|row| row.0).chain(others));
    }

    #[test]
    fn a_lost_answer_has_replaced_the_token_all_the_same() {
        for (name, again) in [("lost_answer", 400), ("lost_answer_forgiven", 200)] {
            let memory = Memory::default();
            let (lost, _) = refreshed(&memory, name, FIRST, 1);
            assert_eq!(lost.delivery, Delivery::Close, "{name}");
            let (reply, _) = refreshed(&memory, name, FIRST, 2);
            assert_eq!(
                (reply.status.as_u16(), reply.delivery),
                (again, Delivery::AtOnce),
                "{name}"
            );
        }
    }

    #[test]
    fn a_refresh_token_is_good_for_its_time() {
        for (name, seconds, status) in [
            ("refresh_for_a_day", DAY - 1, 200),
            ("refresh_for_a_day", DAY, 400),
            ("refresh_dies_idle", IDLE - 1, 200),
            ("refresh_dies_idle", IDLE, 400),
        ] {
            let memory = Memory::default();
            let (_, said) = refreshed(&memory, name, FIRST, 1);
            let request = refresh(name, said["refresh_token"].as_str().expect("a token"));
            let reply = with_memory(&memory, |occasion| {
                occasion.now = occasion.expiry(seconds);
                at(&request.path).expect("a habit").answer(&request, occasion)
            });
            assert_eq!(reply.status.as_u16(), status, "{name} after {seconds} s");
        }
    }

    #[test]
    fn a_good_refresh_token_stands_beside_an_access_token_that_is_none() {
        let (_, said) = refreshed(&Memory::default(), "rescue", FIRST, 1);
        assert_eq!(said["access_token"], "a\nb");
        assert!(said["refresh_token"].as_str().is_some_and(|token| token.len() > 20));
    }

    #[test]
    fn refreshes_go_where_they_are_told_to() {
        let memory = Memory::default();
        let (refused, said) = refreshed(&memory, "refresh_elsewhere", FIRST, 1);
        assert_eq!(
            (refused.status.as_u16(), &said["error"]),
            (400, &Value::from("unsupported_grant_type"))
        );
        let client = "client_id=sandbox-client&client_secret=sandbox%2Bsecret%2F100%25";
        for (form, status) in [("type=refresh", 200), ("type=other", 400)] {
            let form = format!("{client}&{form}&token={FIRST}");
            let request = request("/habit/refresh_elsewhere/refresh", &[FORM], &form);
            assert_eq!(visit(&memory, &request, 2).status.as_u16(), status, "{form}");
        }
    }
}
