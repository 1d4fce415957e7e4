use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::*;
use crate::{
    acquire::fixture::{self, SENT_AT, path},
    credential::ReplyShape,
};

use LifetimeSource::{Assumed, ExpiresAt, ExpiresIn, JwtExp};

const TEN_YEARS: u64 = 315_360_000;

fn lifetime(shape: ReplyShape, headers: &[(&str, &str)], body: &str) -> (u64, LifetimeSource) {
    let raw = fixture::raw(200, headers, body.as_bytes());
    let lifetime = fixture::read_as(shape, &raw).unwrap().lifetime;
    (lifetime.duration.as_secs(), lifetime.source)
}

/// One row for each thing that a reply can say about the lifetime, after `{"access_token":"t",`.
/// Our clock shows 2021-11-05T14:18:31Z, which is 1636121911.
#[rustfmt::skip]
const LIFETIMES: [(&str, &str, u64, LifetimeSource); 43] = [
    ("number", r#""expires_in":7200"#, 7200, ExpiresIn),
    ("string", r#""expires_in":"3600""#, 3600, ExpiresIn),
    ("float", r#""expires_in":3599.9"#, 3599, ExpiresIn),
    ("string with a float", r#""expires_in":"3600.0""#, 3600, ExpiresIn),
    ("spaces", r#""expires_in":" 60 ""#, 60, ExpiresIn),
    ("words", r#""expires_in":"1h""#, 3600, ExpiresIn),
    ("ISO 8601", r#""expires_in":"PT30M""#, 1800, ExpiresIn),
    ("days, hours, minutes", r#""expires_in":"177:05:38""#, 15_313_080, ExpiresIn),
    ("camel case", r#""expiresIn":60"#, 60, ExpiresIn),
    ("old Facebook", r#""expires":5183999"#, 5_183_999, ExpiresIn),
    ("huge", r#""expires_in":4000000000"#, TEN_YEARS, ExpiresIn),
    ("over i64", r#""expires_in":99999999999999999999999"#, TEN_YEARS, ExpiresIn),
    ("huge string", r#""expires_in":"1e300""#, TEN_YEARS, ExpiresIn),
    ("endless string", r#""expires_in":"inf""#, TEN_YEARS, ExpiresIn),
    ("huge date", r#""expires_at":"9999-12-31T23:59:59Z""#, TEN_YEARS, ExpiresAt),
    ("missing", r#""scope":"a""#, 3600, Assumed(Assumption::Missing)),
    ("null", r#""expires_in":null"#, 3600, Assumed(Assumption::Missing)),
    ("empty", r#""expires_in":"""#, 3600, Assumed(Assumption::Missing)),
    ("zero", r#""expires_in":0"#, 3600, Assumed(Assumption::Zero)),
    ("zero string", r#""expires_in":"0""#, 3600, Assumed(Assumption::Zero)),
    ("less than one", r#""expires_in":0.5"#, 3600, Assumed(Assumption::Zero)),
    ("negative", r#""expires_in":-1"#, 3600, Assumed(Assumption::Negative)),
    ("negative string", r#""expires_in":"-5""#, 3600, Assumed(Assumption::Negative)),
    ("text", r#""expires_in":"never""#, 3600, Assumed(Assumption::Unreadable)),
    ("not a number", r#""expires_in":"NaN""#, 3600, Assumed(Assumption::Unreadable)),
    ("true", r#""expires_in":true"#, 3600, Assumed(Assumption::Unreadable)),
    ("object", r#""expires_in":{}"#, 3600, Assumed(Assumption::Unreadable)),
    ("epoch", r#""expires_on":1636125511"#, 3600, ExpiresAt),
    ("epoch string", r#""expires_on":"1636125511""#, 3600, ExpiresAt),
    ("epoch ms", r#""expires_at":1636125511000"#, 3600, ExpiresAt),
    ("RFC 3339", r#""expiresAt":"2021-11-05T15:18:31Z""#, 3600, ExpiresAt),
    ("no zone", r#""expires_on":"2021-11-05 15:18:31.000000""#, 3600, ExpiresAt),
    ("Azure", r#""expires_on":"11/05/2021 15:18:31 +00:00""#, 3600, ExpiresAt),
    ("HTTP date", r#"".expires":"Fri, 05 Nov 2021 15:18:31 GMT""#, 3600, ExpiresAt),
    ("date in expires", r#""expires":"2021-11-05T15:18:31Z""#, 3600, ExpiresAt),
    ("a span in a date's place", r#""expires_at":60"#, 60, ExpiresIn),
    ("zero in a date's place", r#""expires_at":0"#, 3600, Assumed(Assumption::Zero)),
    ("the end of time", r#""expires_at":"9999-12-31T23:59:59""#, TEN_YEARS, ExpiresAt),
    ("past", r#""expires_at":1636121911"#, 3600, Assumed(Assumption::Unreadable)),
    ("span first", r#""expires_in":60,"expires_on":1636125511"#, 60, ExpiresIn),
    ("date first", r#""expires_in":7200,"expires_on":"1636125511""#, 3600, ExpiresAt),
    ("only one usable", r#""expires_in":0,"expires_on":1636121971"#, 60, ExpiresAt),
    ("none usable", r#""expires_in":0,"expires_on":"soon""#, 3600, Assumed(Assumption::Zero)),
];

#[test]
fn every_way_to_say_a_lifetime_is_understood() {
    for (name, fields, expected, source) in LIFETIMES {
        let body = format!(r#"{{"access_token":"t",{fields}}}"#);
        let read = lifetime(fixture::shape(), &[], &body);
        assert_eq!(read, (expected, source), "{name}");
    }
}

#[test]
fn a_fixed_lifetime_holds_whatever_the_reply_says() {
    let fixed = |seconds| LifetimeField::Fixed(Duration::from_secs(seconds));
    let day = r#"{"access_token":"t","expires_in":86400}"#;
    for (name, lifetime_field, expected) in
        [("said otherwise", fixed(900), 900), ("for ever", fixed(u64::MAX), TEN_YEARS)]
    {
        let shape = ReplyShape { lifetime: Some(lifetime_field), ..fixture::shape() };
        assert_eq!(lifetime(shape, &[], day), (expected, LifetimeSource::Fixed), "{name}");
    }
}

#[test]
fn a_configured_place_alone_counts() {
    for (name, at, unit, body, expected, source) in [
        ("nested", "data.ttl", LifetimeUnit::Seconds, r#""data":{"ttl":90}"#, 90, ExpiresIn),
        ("list", "l.1", LifetimeUnit::Seconds, r#""l":[1,"90"]"#, 90, ExpiresIn),
        ("ms", "ttl", LifetimeUnit::Milliseconds, r#""ttl":90500"#, 90, ExpiresIn),
        ("minutes", "ttl", LifetimeUnit::Minutes, r#""ttl":"1.5""#, 60, ExpiresIn),
        ("date", "until", LifetimeUnit::Date, r#""until":"1636121971000""#, 60, ExpiresAt),
        (
            "absent",
            "ttl",
            LifetimeUnit::Seconds,
            r#""expires_in":90"#,
            3600,
            Assumed(Assumption::Missing),
        ),
    ] {
        let place = LifetimeField::At { path: path(at), unit };
        let shape = ReplyShape { lifetime: Some(place), ..fixture::shape() };
        let read = lifetime(shape, &[], &format!(r#"{{"access_token":"t",{body}}}"#));
        assert_eq!(read, (expected, source), "{name}");
    }
}

#[test]
fn dates_are_compared_with_the_servers_clock() {
    // Its clock is 30 minutes ahead of ours, so a token of 60 minutes seems to live for 90.
    let date = [("Date", "Fri, 05 Nov 2021 14:48:31 GMT")];
    let body = r#"{"access_token":"t","expires_at":"2021-11-05T15:48:31Z"}"#;
    assert_eq!(lifetime(fixture::shape(), &date, body), (3600, ExpiresAt));
    assert_eq!(lifetime(fixture::shape(), &[("Date", "today")], body), (5400, ExpiresAt));
}

#[test]
fn the_dates_of_a_jwt_count_when_they_are_earlier() {
    let now = SENT_AT.wall.seconds();
    let server = [("Date", "Fri, 05 Nov 2021 14:18:31 GMT")];
    let stated = r#","expires_in":3600"#;
    for (name, claims, fields, headers, expected, source) in [
        ("earlier", format!(r#"{{"exp":{}}}"#, now + 60), stated, &server[..], 60, JwtExp),
        ("later", format!(r#"{{"exp":{}}}"#, now + 7200), stated, &server, 3600, ExpiresIn),
        ("one second", format!(r#"{{"exp":{}}}"#, now + 3599), stated, &server, 3600, ExpiresIn),
        ("two seconds", format!(r#"{{"exp":{}}}"#, now + 3598), stated, &server, 3598, JwtExp),
        ("float", format!(r#"{{"exp":{}.5}}"#, now + 60), stated, &server, 60, JwtExp),
        ("nothing stated", format!(r#"{{"exp":{}}}"#, now + 7200), "", &server, 7200, JwtExp),
        ("past", format!(r#"{{"exp":{}}}"#, now - 60), stated, &server, 3600, ExpiresIn),
        ("no exp", r#"{"iat":1}"#.to_owned(), stated, &server, 3600, ExpiresIn),
        ("our clock is wrong", r#"{"iat":100,"exp":160}"#.to_owned(), stated, &[], 60, JwtExp),
        ("no claims", "[]".to_owned(), stated, &server, 3600, ExpiresIn),
        ("no JSON", "{".to_owned(), "", &server, 3600, Assumed(Assumption::Missing)),
    ] {
        let token = format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        let body = format!(r#"{{"access_token":"{token}"{fields}}}"#);
        let read = lifetime(fixture::shape(), headers, &body);
        assert_eq!(read, (expected, source), "{name}");
    }
    // Five parts are an encrypted token (RFC 7516), whose second part is a key.
    let second = URL_SAFE_NO_PAD.encode(format!(r#"{{"exp":{}}}"#, now + 60));
    let body = format!(r#"{{"access_token":"a.{second}.c.d.e"{stated}}}"#);
    assert_eq!(lifetime(fixture::shape(), &server, &body), (3600, ExpiresIn));
}
