//! How long the token lives, said in ways that RFC 6749 does not foresee.

use jiff::{Timestamp, fmt::strtime};

use super::{Habit, body, json};
use crate::sandbox::{reply::Reply, system::plain::Granted};

pub(super) const HABITS: &[Habit] = &[
    Habit::grant("expires_in_string", "`expires_in` is a string", |granted| {
        member(granted, "expires_in", &format!("\"{}\"", granted.lifetime))
    }),
    Habit::grant("expires_in_float", "`expires_in` is a float", |granted| {
        member(granted, "expires_in", &format!("{}.5", granted.lifetime))
    }),
    Habit::grant("expires_in_string_float", "`expires_in` is a string with a float", |granted| {
        member(granted, "expires_in", &format!("\"{}.0\"", granted.lifetime))
    }),
    Habit::grant("expires_in_null", "`expires_in` is null", |granted| {
        member(granted, "expires_in", "null")
    }),
    Habit::grant("expires_in_missing", "there is no `expires_in`", |granted| {
        json(body(granted, "", &granted.scope_member()))
    }),
    Habit::grant("expires_in_zero", "`expires_in` is 0", |granted| {
        member(granted, "expires_in", "0")
    }),
    Habit::grant("expires_in_negative", "`expires_in` is -1", |granted| {
        member(granted, "expires_in", "-1")
    }),
    Habit::grant("expires_in_huge", "`expires_in` does not fit into 64 bits", |granted| {
        member(granted, "expires_in", "99999999999999999999")
    }),
    Habit::grant("expires_in_milliseconds", "`expires_in` counts milliseconds", |granted| {
        member(granted, "expires_in", &granted.lifetime.saturating_mul(1000).to_string())
    })
    .keys("response: { expires_in: expires_in, expires_in_unit: milliseconds }"),
    Habit::grant("expires_in_minutes", "`expires_in` counts minutes", |granted| {
        member(granted, "expires_in", &granted.lifetime.div_euclid(60).to_string())
    })
    .keys("response: { expires_in: expires_in, expires_in_unit: minutes }"),
    Habit::grant("expires_in_text", "`expires_in` is a duration with a unit", |granted| {
        member(granted, "expires_in", &format!("\"{}s\"", granted.lifetime))
    }),
    Habit::grant("expires_in_words", "`expires_in` is no duration at all", |granted| {
        member(granted, "expires_in", "\"soon\"")
    }),
    Habit::grant(
        "refresh_in",
        "`refresh_in` says when to ask again: after half of it",
        |granted| {
            let (lifetime, half) = (granted.lifetime, granted.lifetime / 2);
            member(granted, "refresh_in", &format!(r#"{half},"expires_in":{lifetime}"#))
        },
    ),
    Habit::grant("expires", "the lifetime is called `expires`", |granted| {
        member(granted, "expires", &granted.lifetime.to_string())
    }),
    Habit::grant("expires_at_seconds", "`expires_at` is seconds since 1970", |granted| {
        member(granted, "expires_at", &expiry(granted).as_second().to_string())
    }),
    Habit::grant("expires_at_milliseconds", "`expires_at` is milliseconds since 1970", |granted| {
        member(granted, "expires_at", &expiry(granted).as_millisecond().to_string())
    }),
    Habit::grant("expires_at_rfc3339", "`expires_at` is a date of RFC 3339", |granted| {
        member(granted, "expires_at", &format!("\"{}\"", expiry(granted)))
    }),
    Habit::grant("expires_on_number", "`expires_on` is seconds since 1970", |granted| {
        member(granted, "expires_on", &expiry(granted).as_second().to_string())
    }),
    Habit::grant("expires_on_string", "`expires_on` is the same as a string", |granted| {
        member(granted, "expires_on", &format!("\"{}\"", expiry(granted).as_second()))
    }),
    Habit::grant("expires_on_local", "`expires_on` is a date and a time, no zone", |granted| {
        dated(granted, "%Y-%m-%d %H:%M:%S.000000")
    }),
    Habit::grant("expires_on_slashes", "`expires_on` is MM/DD/YYYY and a zone", |granted| {
        dated(granted, "%m/%d/%Y %H:%M:%S +00:00")
    }),
    Habit::grant("expires_on_and_in", "a string each, as Azure AD v1 has them", |granted| {
        let (lifetime, expiry) = (granted.lifetime, expiry(granted).as_second());
        let members = format!(r#","expires_in":"{lifetime}","expires_on":"{expiry}""#);
        json(body(granted, &members, &granted.scope_member()))
    }),
    Habit::grant("jwt_exp_earlier", "the token is a JWT whose `exp` is half as far", |granted| {
        let lifetime = granted.lifetime;
        json(format!(
            r#"{{"access_token":"{}","token_type":"Bearer","expires_in":{lifetime}}}"#,
            granted.jwt(lifetime / 2),
        ))
    }),
    Habit::grant("short_lifetime", "the token lives for 2 seconds", |granted| {
        member(granted, "expires_in", "2")
    }),
];

fn member(granted: &Granted<'_>, name: &str, value: &str) -> Reply {
    json(body(granted, &format!(r#","{name}":{value}"#), &granted.scope_member()))
}

fn dated(granted: &Granted<'_>, format: &str) -> Reply {
    let date = strtime::format(format, expiry(granted)).unwrap_or_default();
    member(granted, "expires_on", &format!("\"{date}\""))
}

fn expiry(granted: &Granted<'_>) -> Timestamp {
    let millis = granted.occasion.expiry(granted.lifetime).millis();
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{asked, assert_complete, text},
        *,
    };

    /// What stands between the token type and the scope.
    const ROWS: [(&str, &str); 23] = [
        ("expires_in_string", r#","expires_in":"3600""#),
        ("expires_in_float", r#","expires_in":3600.5"#),
        ("expires_in_string_float", r#","expires_in":"3600.0""#),
        ("expires_in_null", r#","expires_in":null"#),
        ("expires_in_missing", ""),
        ("expires_in_zero", r#","expires_in":0"#),
        ("expires_in_negative", r#","expires_in":-1"#),
        ("expires_in_huge", r#","expires_in":99999999999999999999"#),
        ("expires_in_milliseconds", r#","expires_in":3600000"#),
        ("expires_in_minutes", r#","expires_in":60"#),
        ("refresh_in", r#","refresh_in":1800,"expires_in":3600"#),
        ("expires_in_text", r#","expires_in":"3600s""#),
        ("expires_in_words", r#","expires_in":"soon""#),
        ("expires", r#","expires":3600"#),
        ("expires_at_seconds", r#","expires_at":1790003600"#),
        ("expires_at_milliseconds", r#","expires_at":1790003600000"#),
        ("expires_at_rfc3339", r#","expires_at":"2026-09-21T15:13:20Z""#),
        ("expires_on_number", r#","expires_on":1790003600"#),
        ("expires_on_string", r#","expires_on":"1790003600""#),
        ("expires_on_local", r#","expires_on":"2026-09-21 15:13:20.000000""#),
        ("expires_on_slashes", r#","expires_on":"09/21/2026 15:13:20 +00:00""#),
        ("expires_on_and_in", r#","expires_in":"3600","expires_on":"1790003600""#),
        ("short_lifetime", r#","expires_in":2"#),
    ];

    #[test]
    fn each_habit_writes_the_lifetime_as_it_says() {
        for (name, lifetime) in ROWS {
            let reply = asked(name, 1);
            let expected = format!(
                r#"{{"access_token":"TOKEN","token_type":"Bearer"{lifetime},"scope":"a b"}}"#
            );
            assert_eq!((reply.status.as_u16(), text(&reply)), (200, expected), "{name}");
        }
        assert_complete(HABITS, ROWS.iter().map(|(name, _)| *name).chain(["jwt_exp_earlier"]));
    }

    #[test]
    fn the_exp_of_the_token_is_earlier_than_the_reply_says() {
        let body = text(&asked("jwt_exp_earlier", 1));
        assert!(body.ends_with(r#""expires_in":3600}"#), "{body}");
        let payload = body.split('.').nth(1).expect("three parts");
        let claims = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload);
        let claims = String::from_utf8(claims.expect("base64url")).expect("text");
        assert!(claims.contains(r#""exp":1790001800"#), "{claims}");
    }
}
