//! What a reply without a token says. RFC 6749, section 5.2 has one form for it; the table below
//! is what servers send.

use serde_json::Value;

use super::{body::Body, location::locate};
use crate::{
    acquire::{
        RawResponse, Refusal, code::ErrorCode, pause, redaction::Redaction, refusal::BodyKind,
    },
    clock::WallTime,
    credential::{FieldPath, ReplyShape},
    secret::Secret,
};

/// An error as the server gave it: not to be shown before redaction.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Whether the reply is an error even beside a token.
    pub(super) denies: bool,
    /// The error's name or number.
    pub(super) code: Option<String>,
    /// The sentence that explains it.
    pub(super) description: Option<String>,
}

/// Fields that are there only if something is wrong: RFC 6749, Fitbit, Okta.
const ERRORS: [&str; 5] = ["error", "errors", "errorCode", "error_code", "errorType"];

/// Fields that name what is wrong, if something is: Google and Facebook (inside `error`), Fitbit
/// (inside `errors`), problem+json (RFC 9457), and providers with a `status` or `result` in words.
const LABELS: [&str; 8] =
    ["error", "errorType", "errorCode", "code", "title", "status", "type", "result"];

/// Fields that explain it: RFC 6749, Okta, web frameworks, problem+json.
const SENTENCES: [&str; 8] = [
    "error_description",
    "errorSummary",
    "message",
    "error_message",
    "errorMessage",
    "detail",
    "description",
    "title",
];

/// What servers write when they mean "too often", beside status 429 (Entra, Auth0, Slack, Okta).
const THROTTLES: [&str; 10] = [
    "aadsts50196",
    "e0000047",
    "rate limit",
    "rate_limit",
    "ratelimit",
    "slow_down",
    "throttl",
    "too many",
    "too_many",
    "try again in",
];

/// What `reply` says is wrong.
pub(super) fn said(reply: &Value, shape: &ReplyShape) -> Said {
    let at = |path: &Option<FieldPath>| path.as_ref()?.find(reply);
    let meant = |value: &&Value| !is_blank(value);
    let error = at(&shape.error)
        .filter(meant)
        .or_else(|| ERRORS.iter().filter_map(|name| reply.get(name)).find(meant));
    let refused = ["ok", "success"].iter().any(|name| reply.get(name) == Some(&false.into()));
    Said {
        denies: error.is_some() || refused,
        code: error.and_then(label).or_else(|| first(reply, &LABELS, label)),
        description: at(&shape.error_description)
            .and_then(sentence)
            .or_else(|| first(reply, &SENTENCES, sentence))
            .or_else(|| error.and_then(sentence_inside)),
    }
}

/// `"error": null`, `"error": ""`, `"error": false`, `"error_code": 0` and `"errors": []` say
/// that nothing is wrong.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(wrong) => !wrong,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

/// The name of an error that may be a string, a number, an object or a list.
fn label(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(label),
        Value::Object(_) => first(value, &LABELS, label),
        _ => plain(value),
    }
}

/// The sentence of an error, likewise.
fn sentence(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(sentence),
        Value::Object(_) => first(value, &SENTENCES, sentence),
        _ => plain(value),
    }
}

/// A string inside an error is its name and not its sentence.
fn sentence_inside(error: &Value) -> Option<String> {
    matches!(error, Value::Array(_) | Value::Object(_)).then(|| sentence(error))?
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
    .filter(|text| !text.trim().is_empty())
}

fn first(value: &Value, names: &[&str], read: impl Fn(&Value) -> Option<String>) -> Option<String> {
    names.iter().filter_map(|name| value.get(name)).find_map(read)
}

/// Secrets may come back in an error, and so may tokens: under their usual names, and wherever
/// this provider puts them.
pub(super) fn hide_tokens(
    raw: &RawResponse,
    body: &Body,
    shape: &ReplyShape,
    redaction: &mut Redaction,
) {
    let named = ["access_token", "refresh_token", "id_token"];
    for token in named.iter().filter_map(|name| body.value().get(name)?.as_str()) {
        redaction.hide(&Secret::from(token));
    }
    for place in [&shape.access_token, &shape.refresh_token] {
        if let Some(token) = locate(raw, body, place) {
            redaction.hide(&Secret::from(&*token));
        }
    }
    for (_, place) in &shape.fields {
        if let Some(value) = locate(raw, body, place) {
            redaction.hide_unless_short(&Secret::from(&*value));
        }
    }
}

/// The refusal that a reply amounts to.
pub(super) fn read(
    raw: &RawResponse,
    body: &Body,
    said: &Said,
    server_now: WallTime,
    redaction: &Redaction,
) -> Refusal {
    let code = said.code.as_deref();
    let words = [code, said.description.as_deref()].into_iter().flatten().collect::<Vec<_>>();
    let words = words.join(": ");
    // Of a plain text only the wait is read; it is never shown.
    let unnamed = body.value().as_str().unwrap_or_default();
    let spoken = if words.is_empty() { unnamed } else { &words };
    let throttled = is_throttled(raw.status, code, spoken);
    let code = code.and_then(ErrorCode::parse);
    Refusal {
        status: raw.status,
        body: kind(body),
        code,
        denies: said.denies,
        words: Some(redaction.show(&words)).filter(|words| !words.is_empty()),
        pause: pause::asked(raw, server_now, code, spoken, throttled),
        throttled,
    }
}

fn is_throttled(status: u16, code: Option<&str>, spoken: &str) -> bool {
    let lower_case = spoken.to_ascii_lowercase();
    // Zoho's "Access Denied" is its rate limit; `access_denied` (RFC 6749) is a real refusal.
    status == 429
        || (status == 400 && code == Some("Access Denied"))
        || THROTTLES.iter().any(|word| lower_case.contains(word))
        || pause::said_in(spoken).is_some()
}

const fn kind(body: &Body) -> BodyKind {
    match body {
        Body::Value(Value::Object(_) | Value::Array(_)) => BodyKind::Fields,
        Body::Value(_) => BodyKind::Text,
        Body::Empty => BodyKind::Empty,
        Body::Html => BodyKind::Html,
        Body::Malformed => BodyKind::Malformed,
    }
}
