//! The catalogue of providers (`src/plan/providers/`).

use super::{CREDENTIAL, DURATION, TEXT};
use crate::config::{
    scalar::ScalarKind,
    shape::{Key, Kind, Names, Section},
};

/// One file of the catalogue of providers (`src/plan/providers/`).
pub static CATALOGUE: Section = Section {
    title: "catalogue",
    doc: "The presets of one kind, by name.",
    keys: &[
        Key::required("kind", TEXT, "What kind of providers these are."),
        Key::required(
            "providers",
            Kind::Map(Names::Preset, &Kind::Section(&PRESET)),
            "The presets.",
        ),
    ],
};

static PRESET: Section = Section {
    title: "preset",
    doc: "What is known about a provider.",
    keys: &[
        Key::required("title", TEXT, "The provider's name."),
        Key::required("doc", TEXT, "What one must know to use it."),
        Key::optional(
            "variables",
            Kind::Map(Names::Variable, &Kind::Section(&VARIABLE)),
            "What the user says in `variables`.",
        ),
        Key::required("credential", Kind::Section(&CREDENTIAL), "Keys of the credential."),
        Key::required(
            "example",
            Kind::Section(&CREDENTIAL),
            "The keys that a user adds, with values that are made up.",
        ),
        Key::required(
            "reply",
            Kind::Section(&REPLY),
            "What the provider answers, as its documentation shows it.",
        ),
    ],
};

static VARIABLE: Section = Section {
    title: "variable",
    doc: "A variable of a preset.",
    keys: &[
        Key::required("doc", TEXT, "What it stands for."),
        Key::optional("default", TEXT, "Its value, if the user does not say one."),
        Key::optional("allowed", Kind::List(&TEXT), "The values it may have."),
        Key::optional(
            "chosen_by",
            TEXT,
            "The variable that decides its value; then the user cannot set it.",
        ),
        Key::optional(
            "values",
            Kind::Map(Names::Variable, &TEXT),
            "Its value for each value of the variable that decides.",
        ),
    ],
};

static REPLY: Section = Section {
    title: "reply",
    doc: "The reply to a token request, from which the sandbox answers in the provider's place.",
    keys: &[
        Key::default("status", Kind::Scalar(ScalarKind::Count), "200", "Its status."),
        Key::default("content_type", TEXT, "application/json", "Its media type."),
        Key::optional("lifetime", DURATION, "How long the token lives, if the provider says it."),
        Key::required(
            "body",
            TEXT,
            "Its body, with `${access_token}`, `${refresh_token}` (a new one), \
             `${sent_refresh_token}` (the one that was handed in), `${expires_in}`, \
             `${expires_at}` (RFC 3339) and `${expires_at_seconds}` where they stand.",
        ),
    ],
};
