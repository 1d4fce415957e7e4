//! Where in the reply the answer stands, and when the token is asked for again.

use super::{DURATION, FRACTION, TEXT};
use crate::config::shape::{Choice, Key, Kind, Names, PlainText, Section, Variant, Word};

pub(super) static RESPONSE: Section = Section {
    title: "response",
    doc: "Where in the reply the answer stands: keys or list indices from the top, such as \
          `data.tokens.0.value`. The defaults know what most providers do.",
    keys: &[
        Key::default(
            "access_token",
            Kind::Choice(&LOCATION),
            "access_token",
            "The token; `.` is the whole body.",
        ),
        Key::default(
            "token_characters",
            Kind::OneOf(&TOKEN_CHARACTERS),
            "b64token",
            "Which characters a token may have; one with others is refused.",
        ),
        Key::default(
            "refresh_token",
            Kind::Choice(&LOCATION),
            "refresh_token",
            "The next refresh token.",
        ),
        Key::optional("expires_in", TEXT, "How long it lives."),
        Key::default(
            "expires_in_unit",
            Kind::OneOf(&UNITS),
            "seconds",
            "What `expires_in` counts.",
        ),
        Key::optional(
            "expires_at",
            TEXT,
            "Until when it lives, instead of `expires_in`: seconds or milliseconds since 1970, \
             or a date.",
        ),
        Key::optional("lifetime", DURATION, "How long it lives, whatever the reply says."),
        Key::optional(
            "fields",
            Kind::Map(Names::Variable, &Kind::Choice(&LOCATION)),
            "Further values of the reply, by the names that outputs have for them: \
             `${instance_url}`.",
        ),
        Key::optional("error", TEXT, "The error code."),
        Key::optional("error_description", TEXT, "The sentence that explains it."),
    ],
};

/// Where in a reply a value stands.
pub(super) static LOCATION: Choice = Choice {
    title: "location",
    doc: "Where in a reply a value stands. A plain text is a path of fields in the body: keys or \
          list indices from the top, such as `data.tokens.0.value`; `.` is the whole body. An \
          XML body has the names of its elements as keys, from the root on, `@name` for an \
          attribute, and `#text` for the text of an element that has attributes.",
    text: PlainText::Literal,
    secret: false,
    variants: &[
        Variant { name: "header", doc: "In a header.", short: Some(TEXT), long: None },
        Variant {
            name: "cookie",
            doc: "In a cookie that the reply sets.",
            short: Some(TEXT),
            long: None,
        },
    ],
};

static TOKEN_CHARACTERS: [Word; 2] = [
    Word { name: "b64token", doc: "Those of a Bearer token (RFC 6750, section 2.1)." },
    Word { name: "visible", doc: "All visible ones of ASCII, as some providers use them." },
];

static UNITS: [Word; 3] = [
    Word { name: "seconds", doc: "Seconds." },
    Word { name: "milliseconds", doc: "Milliseconds." },
    Word { name: "minutes", doc: "Minutes." },
];

/// When the token is asked for again.
pub static REFRESH: Section = Section {
    title: "refresh",
    doc: "When the token is asked for again.",
    keys: &[
        Key::default("at", FRACTION, "0.75", "After this fraction of the lifetime."),
        Key::default(
            "jitter",
            FRACTION,
            "0.05",
            "Up to this fraction of the lifetime earlier, drawn anew for each token.",
        ),
        Key::default(
            "min_remaining",
            DURATION,
            "60s",
            "At the latest when this much of the lifetime remains.",
        ),
        Key::default(
            "min_interval",
            DURATION,
            "10s",
            "The least time between two requests, whatever happens.",
        ),
        Key::optional(
            "keep_alive",
            DURATION,
            "At least this often, however long the token lives: for grants that die when nobody \
             uses them.",
        ),
        Key::optional(
            "schedule",
            TEXT,
            "Also by the calendar: a cron expression of six fields (second, minute, hour, day, \
             month, weekday).",
        ),
        Key::default("timezone", TEXT, "UTC", "The zone of `schedule`, such as `Europe/London`."),
    ],
};
