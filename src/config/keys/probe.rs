//! How it is found out whether a token is still accepted.

use super::{TEXT, URL};
use crate::config::shape::{Key, Kind, Names, Section};

pub(super) const PROBE_KEY: Key = Key::optional(
    "probe",
    Kind::Section(&PROBE),
    "Asks a resource by the calendar whether it still takes the token, because nothing else says \
     that one was revoked.",
);

/// How it is found out whether a token is still accepted.
pub static PROBE: Section = Section {
    title: "probe",
    doc: "A GET with the token. 401 and 403 say that it was revoked, 2xx that it is good, and all \
          else nothing about the token.",
    keys: &[
        Key::required(
            "url",
            URL,
            "A resource that the token opens, best a small one. Variables are percent-encoded in \
             it.",
        ),
        Key::optional(
            "headers",
            Kind::Map(Names::Header, &TEXT),
            "Further headers, which may hold what the variables of an `env_file` may. The \
             `Authorization` header is there already: that of the token or, with OAuth 1.0a, a \
             signature.",
        ),
        Key::required(
            "schedule",
            TEXT,
            "When: a cron expression of six fields (second, minute, hour, day, month, weekday).",
        ),
        Key::default("timezone", TEXT, "UTC", "The zone of `schedule`, such as `Europe/London`."),
    ],
};
