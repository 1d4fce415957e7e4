//! Requests that follow the first one.

use super::{
    SECRET, TEXT,
    credential::{BODY, METHODS},
    reply::LOCATION,
};
use crate::config::shape::{Key, Kind, Names, Section};

pub(super) const STEPS_KEY: Key = Key::optional(
    "steps",
    Kind::List(&STEP_KIND),
    "Requests that follow the first one, for providers that give the token only then; the last \
     reply holds it.",
);

static STEP_KIND: Kind = Kind::Section(&STEP);

static STEP: Section = Section {
    title: "step",
    doc: "A request that is sent with what the reply before it said. `${name}` stands for what \
          was taken, here or in an earlier step, and for the credential's variables.",
    keys: &[
        Key::optional(
            "take",
            Kind::Map(Names::Variable, &Kind::Choice(&LOCATION)),
            "Names for values of the reply before, and where they stand in it.",
        ),
        Key::required(
            "url",
            TEXT,
            "Where the request is sent. A value is percent-encoded, except at the front, where \
             it may be a whole URL.",
        ),
        Key::default("method", Kind::OneOf(&METHODS), "POST", "The HTTP method."),
        Key::default("body", Kind::Choice(&BODY), "form", "How its parameters are sent."),
        Key::optional("parameters", Kind::Map(Names::Parameter, &SECRET), "Its parameters."),
        Key::optional("headers", Kind::Map(Names::Header, &SECRET), "Its headers."),
    ],
};
