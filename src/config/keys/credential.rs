//! One token to keep fresh.

use super::{
    BOOL, DURATION, MODE, PATH, PUBLIC, REFRESH, SECRET, TEXT, URL,
    client::{CERTIFICATE_KEY, CLIENT_AUTHENTICATION},
    grant,
    oauth1::OAUTH1_KEY,
    output::{NOTIFICATION, OUTPUT},
    probe::PROBE_KEY,
    reply::RESPONSE,
    step::STEPS_KEY,
};
use crate::config::shape::{Choice, Key, Kind, Names, PlainText, Section, Variant, Word};

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
            "for_each",
            Kind::Map(Names::Variable, &Kind::Choice(&VALUES)),
            "One token for each value of a variable: this credential becomes many, with names \
             such as `NAME@VALUE`.",
        ),
        Key::optional(
            "token_endpoint",
            URL,
            "Where tokens are asked for (RFC 6749, section 3.2). Required, unless `issuer` says \
             it. Variables are percent-encoded in it.",
        ),
        Key::optional(
            "issuer",
            URL,
            "The provider's name as a URL, whose metadata say where its endpoints are (RFC 8414, \
             OpenID Connect Discovery), in place of `token_endpoint`.",
        ),
        grant::GRANT_KEY,
        grant::GRANT_TYPE_KEY,
        grant::REFRESH_TOKEN_KEY,
        grant::REFRESH_REQUEST_KEY,
        grant::ROTATION_KEY,
        grant::AUTHORIZATION_ENDPOINT_KEY,
        grant::AUTHORIZATION_PARAMETERS_KEY,
        grant::REDIRECT_URI_KEY,
        grant::PKCE_KEY,
        grant::DEVICE_ENDPOINT_KEY,
        grant::ASSERTION_KEY,
        grant::SUBJECT_TOKEN_KEY,
        grant::SUBJECT_TOKEN_TYPE_KEY,
        grant::ACTOR_TOKEN_KEY,
        grant::ACTOR_TOKEN_TYPE_KEY,
        grant::REQUESTED_TOKEN_TYPE_KEY,
        grant::USERNAME_KEY,
        grant::PASSWORD_KEY,
        OAUTH1_KEY,
        grant::COMMAND_KEY,
        Key::default(
            "client_authentication",
            Kind::Choice(&CLIENT_AUTHENTICATION),
            "client_secret_basic",
            "How the client proves who it is.",
        ),
        Key::optional(
            "client_id",
            PUBLIC,
            "The client's name at the provider. Required by most ways to authenticate.",
        ),
        Key::optional(
            "client_secret",
            Kind::OneOrMany(&SECRET),
            "The client's secret, for the ways to authenticate that have one. Of a list, the next \
             is tried when the provider does not know one: so that old and new can overlap.",
        ),
        CERTIFICATE_KEY,
        Key::default("method", Kind::OneOf(&METHODS), "POST", "The HTTP method of the request."),
        Key::default(
            "body",
            Kind::Choice(&BODY),
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
            "query",
            Kind::Map(Names::Parameter, &SECRET),
            "Parameters that go into the query of the URL, wherever the others go.",
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
        STEPS_KEY,
        Key::optional(
            "authorization_scheme",
            TEXT,
            "What stands before the token in an `Authorization` header; an empty text for \
             nothing. Without it, the reply's `token_type`.",
        ),
        Key::default(
            "overlap",
            Kind::OneOf(&OVERLAPS),
            "until_expiry",
            "How long a token stays good after the next one was issued.",
        ),
        ASSUME_LIFETIME_KEY,
        REFRESH_KEY,
        PROBE_KEY,
        Key::optional(
            "outputs",
            Kind::List(&Kind::Choice(&OUTPUT)),
            "The files in which consumers find the token.",
        ),
        Key::optional(
            "on_remove",
            Kind::OneOf(&ON_REMOVE),
            "What becomes of the outputs when the credential, or a value of its `for_each`, is \
             removed. Without it, `remove` for a value, and `keep` for a credential.",
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

static VALUES: Choice = Choice {
    title: "value_list",
    doc: "The values of a variable: a list, or what a file or a folder says. Each is made of \
          letters, digits and `._-@+=~,:`; others are left out, and said.",
    text: PlainText::Refused,
    secret: false,
    variants: &[
        Variant { name: "list", doc: "These.", short: Some(Kind::List(&TEXT)), long: None },
        Variant {
            name: "file",
            doc: "The lines of a file, which is read again when it changes. Empty lines and those \
                  that begin with `#` say nothing.",
            short: Some(PATH),
            long: None,
        },
        Variant {
            name: "folder",
            doc: "The names in a folder, which is read again when they change; hidden ones say \
                  nothing.",
            short: Some(PATH),
            long: None,
        },
    ],
};

static OVERLAPS: [Word; 2] = [
    Word { name: "until_expiry", doc: "Until it expires." },
    Word {
        name: "none",
        doc: "Not at all: a new token ends the one before. Then no token is asked for without \
              need, and a lost answer is made good at once.",
    },
];

static ON_REMOVE: [Word; 2] = [
    Word { name: "keep", doc: "They stay: their consumers may still be there." },
    Word { name: "remove", doc: "They are removed." },
];

pub(super) static METHODS: [Word; 2] = [
    Word { name: "POST", doc: "As RFC 6749, section 3.2 has it." },
    Word { name: "GET", doc: "As some providers have it: the parameters go into the query." },
];

/// How parameters are sent.
pub(super) static BODY: Choice = Choice {
    title: "body",
    doc: "How the parameters of a request are sent.",
    text: PlainText::Variant,
    secret: false,
    variants: &[
        Variant {
            name: "form",
            doc: "`application/x-www-form-urlencoded`, as RFC 6749 has it.",
            short: None,
            long: None,
        },
        Variant { name: "json", doc: "One JSON object.", short: None, long: None },
        Variant {
            name: "query",
            doc: "In the query of the URL, with an empty body. Proxies write URLs into their \
                  logs: only for providers that know nothing else.",
            short: None,
            long: None,
        },
        Variant {
            name: "template",
            doc: "A text with parameters in it, such as an XML document.",
            short: None,
            long: Some(&TEMPLATE),
        },
    ],
};

static TEMPLATE: Section = Section {
    title: "template",
    doc: "A body that the provider prescribes.",
    keys: &[
        Key::default(
            "content_type",
            TEXT,
            "application/xml",
            "The media type. Values are escaped as XML or JSON want it, if it is one of them.",
        ),
        Key::required(
            "text",
            TEXT,
            "The body. `${name}` stands for the parameter of that name, `${client_id}` and \
             `${client_secret}` included.",
        ),
    ],
};
