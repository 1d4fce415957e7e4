//! The shape of the reply: where the token stands, and in what.

use hyper::StatusCode;

use super::{Habit, body, expires_in, json, usual, usual_body};
use crate::sandbox::{
    occasion,
    reply::{Reply, quoted},
    system::plain::Granted,
};

/// A client reads at most 1 MiB; this is one byte more than that of padding alone.
const HUGE: usize = 1024 * 1024 + 1;

pub(super) const HABITS: &[Habit] = &[
    Habit::grant("form_encoded", "the reply is form-encoded", |granted| {
        let form = "application/x-www-form-urlencoded";
        Reply::typed(StatusCode::OK, form, form_body(granted))
    }),
    Habit::grant("form_as_text", "the reply is form-encoded and calls itself text", |granted| {
        Reply::typed(StatusCode::OK, "text/plain; charset=UTF-8", form_body(granted))
    }),
    Habit::grant("text_plain", "the reply is JSON and calls itself text", |granted| {
        usual(granted).header("content-type", "text/plain")
    }),
    Habit::grant("text_html", "the reply is JSON and calls itself HTML", |granted| {
        usual(granted).header("content-type", "text/html; charset=utf-8")
    }),
    Habit::grant("no_content_type", "the reply is JSON and does not say so", |granted| {
        Reply::bare(StatusCode::OK, usual_body(granted))
    }),
    Habit::grant("bom", "the reply begins with a byte order mark", |granted| {
        json(format!("\u{feff}{}", usual_body(granted)))
    }),
    Habit::grant("created", "the status is 201", |granted| Reply {
        status: StatusCode::CREATED,
        ..usual(granted)
    }),
    Habit::grant("token_type_missing", "there is no `token_type`", |granted| {
        edited(granted, r#","token_type":"Bearer""#, "")
    }),
    Habit::grant("token_type_odd", "`token_type` is a sentence", |granted| {
        edited(granted, r#""Bearer""#, r#""Application Access Token""#)
    }),
    Habit::grant("scope_null", "`scope` is null", |granted| with_scope(granted, "null")),
    Habit::grant("scope_list", "`scope` is a list", |granted| {
        let words: Vec<String> = scope(granted).split(' ').map(quoted).collect();
        with_scope(granted, &format!("[{}]", words.join(",")))
    }),
    Habit::grant("scope_commas", "`scope` is separated by commas", |granted| {
        with_scope(granted, &quoted(&scope(granted).replace(' ', ",")))
    }),
    Habit::grant(
        "scope_narrowed",
        "`scope` has only the first value that was asked for",
        |granted| {
            let first = scope(granted).split(' ').next().unwrap_or_default();
            with_scope(granted, &quoted(first))
        },
    )
    .keys("scope: [a, b]"),
    Habit::grant("same_token", "each reply has the same token, as if it were new", |granted| {
        edited(granted, &granted.occasion.uuid(), &occasion::uuid(*b"the same for all"))
    }),
    Habit::grant("token_with_newline", "the token has a line break in it", |granted| {
        edited(granted, &granted.occasion.uuid(), "line\\nEVIL=1")
    }),
    Habit::grant("empty_token", "the token is empty", |granted| {
        edited(granted, &granted.occasion.uuid(), "")
    }),
    Habit::grant("no_token", "200, and an object without a token", |_| json("{}".to_owned())),
    Habit::grant("empty_body", "200, and nothing", |_| json(String::new())),
    Habit::grant("truncated_json", "the JSON ends too early", |granted| {
        let body = usual_body(granted);
        json(body[..body.len() / 2].to_owned())
    }),
    Habit::grant("huge_body", "the reply is larger than 1 MiB", |granted| {
        let padding = format!(r#"{{"padding":"{}","#, "x".repeat(HUGE));
        json(usual_body(granted).replacen('{', &padding, 1))
    }),
];

fn form_body(granted: &Granted<'_>) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("access_token", &granted.occasion.uuid());
    form.append_pair("token_type", "bearer");
    form.append_pair("expires_in", &granted.lifetime.to_string());
    form.append_pair("scope", scope(granted));
    form.finish()
}

fn edited(granted: &Granted<'_>, from: &str, to: &str) -> Reply {
    json(usual_body(granted).replacen(from, to, 1))
}

fn with_scope(granted: &Granted<'_>, value: &str) -> Reply {
    json(body(granted, &expires_in(granted), &format!(r#","scope":{value}"#)))
}

fn scope<'a>(granted: &'a Granted<'_>) -> &'a str {
    granted.scope.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{asked, assert_complete, header, text},
        *,
    };

    const JSON: &str = "application/json";
    const FORM: &str = "access_token=TOKEN&token_type=bearer&expires_in=3600&scope=a+b";
    const USUAL: &str =
        r#"{"access_token":"TOKEN","token_type":"Bearer","expires_in":3600,"scope":"a b"}"#;

    const ROWS: [(&str, u16, &str, &str); 19] = [
        ("form_encoded", 200, "application/x-www-form-urlencoded", FORM),
        ("form_as_text", 200, "text/plain; charset=UTF-8", FORM),
        ("text_plain", 200, "text/plain", USUAL),
        ("text_html", 200, "text/html; charset=utf-8", USUAL),
        ("no_content_type", 200, "", USUAL),
        (
            "bom",
            200,
            JSON,
            "\u{feff}{\"access_token\":\"TOKEN\",\"token_type\":\"Bearer\",\"expires_in\":3600,\"scope\":\"a b\"}",
        ),
        ("created", 201, JSON, USUAL),
        (
            "token_type_missing",
            200,
            JSON,
            r#"{"access_token":"TOKEN","expires_in":3600,"scope":"a b"}"#,
        ),
        (
            "token_type_odd",
            200,
            JSON,
            r#"{"access_token":"TOKEN","token_type":"Application Access Token","expires_in":3600,"scope":"a b"}"#,
        ),
        (
            "scope_null",
            200,
            JSON,
            r#"{"access_token":"TOKEN","token_type":"Bearer","expires_in":3600,"scope":null}"#,
        ),
        (
            "scope_list",
            200,
            JSON,
            r#"{"access_token":"TOKEN","token_type":"Bearer","expires_in":3600,"scope":["a","b"]}"#,
        ),
        (
            "scope_commas",
            200,
            JSON,
            r#"{"access_token":"TOKEN","token_type":"Bearer","expires_in":3600,"scope":"a,b"}"#,
        ),
        (
            "scope_narrowed",
            200,
            JSON,
            r#"{"access_token":"TOKEN","token_type":"Bearer","expires_in":3600,"scope":"a"}"#,
        ),
        (
            "same_token",
            200,
            JSON,
            r#"{"access_token":"74686520-7361-4d65-a066-6f7220616c6c","token_type":"Bearer","expires_in":3600,"scope":"a b"}"#,
        ),
        (
            "token_with_newline",
            200,
            JSON,
            r#"{"access_token":"line\nEVIL=1","token_type":"Bearer","expires_in":3600,"scope":"a b"}"#,
        ),
        (
            "empty_token",
            200,
            JSON,
            r#"{"access_token":"","token_type":"Bearer","expires_in":3600,"scope":"a b"}"#,
        ),
        ("no_token", 200, JSON, "{}"),
        ("empty_body", 200, JSON, ""),
        ("truncated_json", 200, JSON, r#"{"access_token":"TOKEN""#),
    ];

    #[test]
    fn each_habit_shapes_the_reply_as_it_says() {
        for (name, status, media_type, body) in ROWS {
            let reply = asked(name, 1);
            assert_eq!(
                (reply.status.as_u16(), header(&reply, "content-type"), &*text(&reply)),
                (status, media_type, body),
                "{name}"
            );
        }
        assert_complete(HABITS, ROWS.iter().map(|row| row.0).chain(["huge_body"]));
    }

    #[test]
    fn a_huge_body_is_good_json_beyond_the_limit() {
        let reply = asked("huge_body", 1);
        assert!(reply.body.len() > 1024 * 1024);
        let body: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
        assert_eq!(body["expires_in"], 3600);
    }
}
