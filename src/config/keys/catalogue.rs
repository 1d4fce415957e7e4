//! The catalogue of providers (`src/plan/providers.yaml`).

use super::{CREDENTIAL, TEXT};
use crate::config::shape::{Key, Kind, Names, Section};

/// The catalogue of providers (`src/plan/providers.yaml`).
pub static CATALOGUE: Section = Section {
    title: "catalogue",
    doc: "The presets, by name.",
    keys: &[Key::required(
        "providers",
        Kind::Map(Names::Preset, &Kind::Section(&PRESET)),
        "The presets.",
    )],
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
