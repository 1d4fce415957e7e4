//! What holds for every reply, whatever is in it.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;
use serde_json::Value;

use super::{lifetime, *};
use crate::{
    acquire::fixture,
    credential::{LifetimeField, LifetimeUnit, Location, ReplyShape, TokenCharacters},
    secret::Secret,
};

/// JSON that looks like a reply, with anything in its fields.
fn reply_like() -> impl Strategy<Value = Vec<u8>> {
    let key = prop::sample::select(vec![
        "access_token",
        "token_type",
        "scope",
        "expires_in",
        "expires_at",
        "expires_on",
        "expires",
        "error",
        "errors",
        "error_description",
        "message",
        "ok",
        "code",
        "status",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
        "[A-Za-z0-9._~+/-]{1,20}={0,2}".prop_map(Value::from),
        "-?[0-9]{1,12}(:[0-9]{1,3}){0,3}[hms]?".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map("[a-z_]{1,9}", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    });
    let fields = prop::collection::vec((key, value), 0..6);
    (fields, any::<usize>(), any::<bool>()).prop_map(|(fields, cut, whole)| {
        let object = fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let mut bytes = Value::Object(object).to_string().into_bytes();
        if !whole {
            bytes.truncate(cut % (bytes.len() + 1));
        }
        bytes
    })
}

/// XML that looks like a reply, also with tags that do not fit each other.
fn xml_like() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        "<(r|access_token|s|s:t|error)( (x|xmlns:s)='[^'<]{0,3}')?>",
        "</(r|access_token|s|s:t|error)>",
        "<[?!]?.{0,9}>?",
        "<!DOCTYPE r \\[<!ENTITY e '&e;&e;'>\\]>",
        "<!\\[CDATA\\[.{0,5}\\]\\]>",
        "&(e|lt|#0|#x41|amp);",
        "[A-Za-z0-9._~+/-]{1,9}",
        ".{0,5}",
    ];
    let inside = prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat());
    let document = |inside: String, sound: bool, rest: String| {
        let token = if sound { "<access_token>t</access_token>" } else { "" };
        format!("<r>{token}{inside}</r>{rest}").into_bytes()
    };
    prop_oneof![
        inside.clone().prop_map(String::into_bytes),
        (inside, any::<bool>(), ".{0,3}")
            .prop_map(move |(inside, sound, rest)| document(inside, sound, rest)),
    ]
}

/// Every kind of place, and some where something stands.
fn place() -> impl Strategy<Value = Location> {
    let path =
        prop::sample::select(vec!["", "access_token", "r.access_token", "r.s.0", "0", "x.@x"]);
    let name = prop::sample::select(vec!["Date", "Retry-After", "Set-Cookie", "x"]);
    prop_oneof![
        4 => path.prop_map(|written| Location::Field(fixture::path(written))),
        1 => name.clone().prop_map(|name| Location::Header(name.into())),
        1 => name.prop_map(|name| Location::Cookie(name.into())),
    ]
}

/// Where the answer stands: anywhere.
fn any_shape() -> impl Strategy<Value = ReplyShape> {
    let units = [
        LifetimeUnit::Seconds,
        LifetimeUnit::Milliseconds,
        LifetimeUnit::Minutes,
        LifetimeUnit::Date,
    ];
    let lifetime = prop::option::of(prop::sample::select(units.to_vec()));
    let characters =
        prop::sample::select(vec![TokenCharacters::B64token, TokenCharacters::Visible]);
    let fields = prop::collection::vec(place(), 0..3);
    (place(), place(), characters, lifetime, fields).prop_map(
        |(access_token, refresh_token, token_characters, unit, places)| {
            let path = fixture::path("expires_in");
            let named = places.into_iter().enumerate();
            ReplyShape {
                access_token,
                token_characters,
                refresh_token,
                lifetime: unit.map(|unit| LifetimeField::At { path, unit }),
                fields: named.map(|(index, place)| (index.to_string().into(), place)).collect(),
                ..fixture::shape()
            }
        },
    )
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        2 => xml_like(),
        1 => prop::collection::vec(any::<u8>(), 0..200),
        1 => "[a-z_]{1,12}=.{0,20}(&[a-z_]{1,12}=.{0,20}){0,3}".prop_map(String::into_bytes),
        3 => reply_like(),
    ]
}

proptest! {
    #[test]
    fn a_token_is_a_token_and_lives_for_a_while(
        status in prop_oneof![3 => Just(200_u16), 1 => 100_u16..600],
        date in prop_oneof![Just(String::new()), ".*", Just("Fri, 05 Nov 2021 14:18:31 GMT".into())],
        retry_after in prop_oneof![".*", "-?[0-9]{1,30}"],
        cookie in prop_oneof![".*", "(x|Date)=[!-~]{0,9}(; .{0,9})?"],
        shape in prop_oneof![Just(fixture::shape()), any_shape()],
        body in any_body(),
    ) {
        let headers = [
            ("Date", &*date),
            ("Retry-After", &retry_after),
            ("X-RateLimit-Reset", &retry_after),
            ("Set-Cookie", &cookie),
        ];
        let characters = shape.token_characters;
        match fixture::read_as(shape, &fixture::raw(status, &headers, &body)) {
            Ok(issued) => {
                let token = issued.access_token.expose();
                let allowed = |c: char| match characters {
                    TokenCharacters::B64token => {
                        c.is_ascii_alphanumeric() || "-._~+/=".contains(c)
                    }
                    TokenCharacters::Visible => ('!'..='~').contains(&c),
                };
                prop_assert!(!token.is_empty() && token.chars().all(allowed), "{token}");
                for (_, value) in &issued.fields {
                    prop_assert!(!value.expose().contains(char::is_control));
                }
                prop_assert!(!issued.lifetime.duration.is_zero());
                prop_assert!(issued.lifetime.duration <= lifetime::LONGEST);
                prop_assert!((200..300).contains(&status));
            }
            Err(error) => {
                let text = error.to_string();
                prop_assert!(!text.chars().any(char::is_control), "{text}");
                prop_assert!(text.contains(';') && text.chars().count() < 1000, "{text}");
                let wait = error.pause().map_or(Duration::from_secs(1), |pause| pause.span);
                prop_assert!(!wait.is_zero() && wait <= Duration::from_secs(86_400));
            }
        }
    }

    #[test]
    fn a_secret_in_a_reply_is_not_shown(
        secret in "[!-~ äß]{8,40}",
        form in 0..5_usize,
        before in "[a-z ]{0,20}",
        place in 0..6_usize,
        status in prop::sample::select(vec![200_u16, 302, 400, 401, 429, 500]),
    ) {
        let forms = [
            secret.clone(),
            utf8_percent_encode(&secret, NON_ALPHANUMERIC).to_string(),
            utf8_percent_encode(&secret, NON_ALPHANUMERIC).to_string().to_lowercase(),
            url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
            STANDARD.encode(&secret),
        ];
        // All of it in lower case is the secret itself only if that has no capitals.
        prop_assume!(form != 2 || secret.to_lowercase() == secret);
        let echo = format!("{before}{}", forms[form]);
        let location = format!("/login/{echo}?{echo}");
        let body = match place {
            0 => serde_json::json!({ "error": echo }),
            1 => serde_json::json!({ "error": "invalid_client", "error_description": echo }),
            2 => serde_json::json!({ "errors": [{ "errorType": "x", "message": echo }] }),
            3 => serde_json::json!({ "status": 401, "error": "x", "message": { "message": [echo] } }),
            4 => serde_json::json!({ "access_token": format!("{echo}\n") }),
            _ => Value::from(echo.as_str()),
        };
        let raw = fixture::raw(status, &[("Location", &location)], body.to_string().as_bytes());
        let mut redaction = Redaction::default();
        redaction.hide(&Secret::from(secret.clone()));
        let credential = fixture::credential();
        let error = read(&fixture::attempt(&credential), &raw, redaction, None).unwrap_err();
        for shown in [error.to_string(), format!("{error:?}")] {
            for form in &forms {
                prop_assert!(!shown.contains(form.trim_end_matches('=')), "{shown}");
            }
        }
    }
}
