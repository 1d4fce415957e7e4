//! Where in the reply the answer stands, and when the token is asked for again.

use super::{DURATION, FRACTION, TEXT};
use crate::config::shape::{Key, Kind, Section, Word};

pub(super) static RESPONSE: Section = Section {
    title: "response",
    doc: "Where in the reply the answer stands: keys or list indices from the top, such as \
          `data.tokens.0.value`. The defaults know what most providers do.",
    keys: &[
        Key::default("access_token", TEXT, "access_token", "The token."),
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
        Key::optional("error", TEXT, "The error code."),
        Key::optional("error_description", TEXT, "The sentence that explains it."),
    ],
};

static UNITS: [Word; 2] = [
    Word { name: "seconds", doc: "Seconds." },
    Word { name: "milliseconds", doc: "Milliseconds." },
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
            "schedule",
            TEXT,
            "Also by the calendar: a cron expression of six fields (second, minute, hour, day, \
             month, weekday).",
        ),
        Key::default("timezone", TEXT, "UTC", "The zone of `schedule`, such as `Europe/London`."),
    ],
};
