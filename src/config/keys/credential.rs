//! One token to keep fresh.

use super::{
    BOOL, DURATION, MODE, PATH, PUBLIC, REFRESH, SECRET, TEXT,
    client::CLIENT_AUTHENTICATION,
    output::{NOTIFICATION, OUTPUT},
    reply::RESPONSE,
};
use crate::config::{
    scalar::ScalarKind,
    shape::{Key, Kind, Names, Section, Word},
};

/// One token to keep fresh.
pub static CREDENTIAL: Section = Section {
    title: "credential",
    doc: "One token to keep fresh. `${name}` stands for a variable in `token_endpoint`, \
          `client_id`, `scope`, `audience`, `resource`, `parameters`, `headers`, and in the \
          paths and variables of outputs.",
    keys: &[
        Key::optional(
            "provider",
            TEXT,
            "A preset of the catalogue (`tokenward providers`). It sets some of the keys below; \
             what stands here comes first.",
        ),
        Key::optional("variables", Kind::Map(Names::Variable, &TEXT), "Values for `${name}`."),
        Key::optional(
            "token_endpoint",
            Kind::Scalar(ScalarKind::Url),
            "Where tokens are asked for (RFC 6749, section 3.2). Required, here or in the \
             preset. Variables are percent-encoded in it.",
        ),
        Key::default(
            "grant",
            Kind::OneOf(&GRANTS),
            "client_credentials",
            "How the token is asked for.",
        ),
        Key::default(
            "client_authentication",
            Kind::Choice(&CLIENT_AUTHENTICATION),
            "client_secret_basic",
            "How the client proves who it is.",
        ),
        Key::optional(
            "client_id",
            PUBLIC,
            "The client's name at the provider. Required, unless `client_authentication` is \
             `none`.",
        ),
        Key::optional(
            "client_secret",
            SECRET,
            "The client's secret. Required, unless `client_authentication` is `none`.",
        ),
        Key::default(
            "body",
            Kind::OneOf(&BODIES),
            "form",
            "How the parameters of the request are sent.",
        ),
        Key::optional(
            "scope",
            Kind::OneOrMany(&TEXT),
            "The scope to ask for (RFC 6749, section 3.3): a list, or one text with spaces.",
        ),
        Key::default("scope_separator", TEXT, " ", "What stands between the values of `scope`."),
        Key::optional("audience", Kind::OneOrMany(&TEXT), "Values of the parameter `audience`."),
        Key::optional(
            "resource",
            Kind::OneOrMany(&TEXT),
            "Values of the parameter `resource` (RFC 8707).",
        ),
        Key::optional(
            "parameters",
            Kind::Map(Names::Parameter, &SECRET),
            "Further parameters of the request.",
        ),
        Key::optional(
            "headers",
            Kind::Map(Names::Header, &SECRET),
            "Further headers of the request.",
        ),
        TIMEOUT_KEY,
        Key::optional(
            "ca_file",
            PATH,
            "PEM file with the only certificate authorities to trust. Without it, those of the \
             machine.",
        ),
        Key::default(
            "allow_insecure",
            BOOL,
            "false",
            "Allows plain `http` to a host that is not this machine: everybody on the way can \
             read the secret and the token.",
        ),
        Key::optional(
            "response",
            Kind::Section(&RESPONSE),
            "Where in the reply the answer stands.",
        ),
        ASSUME_LIFETIME_KEY,
        REFRESH_KEY,
        Key::optional(
            "outputs",
            Kind::List(&Kind::Choice(&OUTPUT)),
            "The files in which consumers find the token.",
        ),
        Key::optional(
            "notify",
            Kind::List(&Kind::Choice(&NOTIFICATION)),
            "Who is told after the files have changed.",
        ),
        MODE_KEY,
        OWNER_KEY,
        GROUP_KEY,
    ],
};

pub(super) const TIMEOUT_KEY: Key = Key::default(
    "timeout",
    DURATION,
    "30s",
    "The whole exchange must be over by then; it grows to twice this as expiry nears.",
);
pub(super) const ASSUME_LIFETIME_KEY: Key = Key::default(
    "assume_lifetime",
    DURATION,
    "1h",
    "The lifetime of a token whose reply does not say a usable one.",
);
pub(super) const REFRESH_KEY: Key =
    Key::optional("refresh", Kind::Section(&REFRESH), "When the token is asked for again.");
pub(super) const MODE_KEY: Key =
    Key::default("mode", MODE, "0640", "Permission bits of the outputs.");
pub(super) const OWNER_KEY: Key = Key::optional(
    "owner",
    TEXT,
    "The user, by name or number, that the outputs belong to. Without it, the daemon's own.",
);
pub(super) const GROUP_KEY: Key = Key::optional(
    "group",
    TEXT,
    "The group, by name or number, that the outputs belong to. Without it, the daemon's own.",
);

static GRANTS: [Word; 1] = [Word {
    name: "client_credentials",
    doc: "The client asks for itself (RFC 6749, section 4.4).",
}];

static BODIES: [Word; 3] = [
    Word { name: "form", doc: "`application/x-www-form-urlencoded`, as RFC 6749 has it." },
    Word { name: "json", doc: "One JSON object." },
    Word {
        name: "query",
        doc: "In the query of the URL, with an empty body. Proxies write URLs into their logs: \
              only for providers that know nothing else.",
    },
];
