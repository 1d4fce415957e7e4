//! The table of keys: the one truth from which the checks, the JSON Schema and
//! `docs/configuration.md` come. Key names are those of RFC 6749, 7591 and 8707 where those exist.

use super::{
    scalar::ScalarKind,
    shape::{Choice, Key, Kind, Names, PlainText, Section, Variant, Word},
};

const TEXT: Kind = Kind::Scalar(ScalarKind::Text);
const PATH: Kind = Kind::Scalar(ScalarKind::Path);
const BOOL: Kind = Kind::Scalar(ScalarKind::Bool);
const DURATION: Kind = Kind::Scalar(ScalarKind::Duration);
const FRACTION: Kind = Kind::Scalar(ScalarKind::Fraction);
const MODE: Kind = Kind::Scalar(ScalarKind::Mode);
const PUBLIC: Kind = Kind::Choice(&PUBLIC_SOURCE);
const SECRET: Kind = Kind::Choice(&SECRET_SOURCE);

/// The whole file.
pub static CONFIGURATION: Section = Section {
    title: "configuration",
    doc: "The whole file.",
    keys: &[
        Key::required(
            "version",
            Kind::Scalar(ScalarKind::Version),
            "The version of this format: `1`.",
        ),
        Key::optional(
            "listen",
            Kind::Scalar(ScalarKind::Address),
            "Where `/live`, `/ready`, `/metrics` and the status page are served. Without it, nothing listens.",
        ),
        Key::optional(
            "state_directory",
            PATH,
            "What must survive a restart. Without it, `$STATE_DIRECTORY`, which systemd sets.",
        ),
        Key::optional(
            "output_directory",
            PATH,
            "The folder that the paths of outputs start from. Without it, `$RUNTIME_DIRECTORY`, which systemd sets.",
        ),
        Key::optional(
            "include",
            Kind::OneOrMany(&TEXT),
            "Further files with `credentials:`, relative to this one; the file name may hold `*`, as in `conf.d/*.yaml`.",
        ),
        Key::optional("limits", Kind::Section(&LIMITS), "How much may happen at once."),
        Key::default(
            "grace_period",
            DURATION,
            "30s",
            "How long requests in flight may take to end after SIGTERM.",
        ),
        Key::optional("defaults", Kind::Section(&DEFAULTS), "What credentials have in common."),
        Key::optional(
            "credentials",
            Kind::Map(Names::Credential, &Kind::Section(&CREDENTIAL)),
            "The tokens to keep fresh, by name.",
        ),
    ],
};

static LIMITS: Section = Section {
    title: "limits",
    doc: "How much may happen at once.",
    keys: &[
        Key::default(
            "concurrent_requests",
            Kind::Scalar(ScalarKind::Count),
            "16",
            "Requests in flight at one moment.",
        ),
        Key::default(
            "endpoint_requests_per_second",
            Kind::Scalar(ScalarKind::Number),
            "10",
            "Requests to one token endpoint in one second.",
        ),
    ],
};

/// What credentials have in common.
pub static DEFAULTS: Section = Section {
    title: "defaults",
    doc: "What holds for each credential that, like its preset, does not say otherwise.",
    keys: &[REFRESH_KEY, MODE_KEY, OWNER_KEY, GROUP_KEY, TIMEOUT_KEY, ASSUME_LIFETIME_KEY],
};

/// One token to keep fresh.
pub static CREDENTIAL: Section = Section {
    title: "credential",
    doc: "One token to keep fresh. `${name}` stands for a variable in `token_endpoint`, `client_id`, `scope`, `audience`, `resource`, `parameters`, `headers`, and in the paths and variables of outputs.",
    keys: &[
        Key::optional(
            "provider",
            TEXT,
            "A preset of the catalogue (`tokenward providers`). It sets some of the keys below; what stands here comes first.",
        ),
        Key::optional("variables", Kind::Map(Names::Variable, &TEXT), "Values for `${name}`."),
        Key::optional(
            "token_endpoint",
            Kind::Scalar(ScalarKind::Url),
            "Where tokens are asked for (RFC 6749, section 3.2). Required, here or in the preset. Variables are percent-encoded in it.",
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
            "The client's name at the provider. Required, unless `client_authentication` is `none`.",
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
            "PEM file with the only certificate authorities to trust. Without it, those of the machine.",
        ),
        Key::default(
            "allow_insecure",
            BOOL,
            "false",
            "Allows plain `http` to a host that is not this machine: everybody on the way can read the secret and the token.",
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

const TIMEOUT_KEY: Key = Key::default(
    "timeout",
    DURATION,
    "30s",
    "The whole exchange must be over by then; it grows to twice this as expiry nears.",
);
const ASSUME_LIFETIME_KEY: Key = Key::default(
    "assume_lifetime",
    DURATION,
    "1h",
    "The lifetime of a token whose reply does not say a usable one.",
);
const REFRESH_KEY: Key =
    Key::optional("refresh", Kind::Section(&REFRESH), "When the token is asked for again.");
const MODE_KEY: Key = Key::default("mode", MODE, "0640", "Permission bits of the outputs.");
const OWNER_KEY: Key = Key::optional(
    "owner",
    TEXT,
    "The user, by name or number, that the outputs belong to. Without it, the daemon's own.",
);
const GROUP_KEY: Key = Key::optional(
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
        doc: "In the query of the URL, with an empty body. Proxies write URLs into their logs: only for providers that know nothing else.",
    },
];

static CLIENT_AUTHENTICATION: Choice = Choice {
    title: "client_authentication",
    doc: "How the client proves who it is; the names are those of RFC 7591, section 2.",
    text: PlainText::Variant,
    secret: false,
    variants: &[
        Variant {
            name: "client_secret_basic",
            doc: "In the `Authorization` header.",
            short: None,
            long: Some(&BASIC),
        },
        Variant {
            name: "client_secret_post",
            doc: "Among the parameters of the request.",
            short: None,
            long: None,
        },
        Variant {
            name: "none",
            doc: "Not at all; `client_id`, if given, is a parameter of the request.",
            short: None,
            long: None,
        },
    ],
};

static BASIC: Section = Section {
    title: "client_secret_basic",
    doc: "HTTP Basic authentication (RFC 6749, section 2.3.1).",
    keys: &[Key::default(
        "encoding",
        Kind::OneOf(&ENCODINGS),
        "form",
        "How id and secret are written into the header.",
    )],
};

static ENCODINGS: [Word; 2] = [
    Word { name: "form", doc: "Form-encoded first, as RFC 6749 asks." },
    Word { name: "raw", doc: "As they are, which some servers want." },
];

/// Where a value that may be shown is kept.
static PUBLIC_SOURCE: Choice = source(false);

/// Where a value that may never be shown is kept.
static SECRET_SOURCE: Choice = source(true);

const fn source(secret: bool) -> Choice {
    Choice {
        title: "value_source",
        doc: "Where a value is kept. A plain text is the value itself. The value is read again at each use.",
        text: PlainText::Literal,
        secret,
        variants: &SOURCES,
    }
}

static SOURCES: [Variant; 4] = [
    Variant {
        name: "env",
        doc: "In an environment variable of the daemon.",
        short: Some(TEXT),
        long: None,
    },
    Variant {
        name: "file",
        doc: "In a file; one trailing line break is not part of it.",
        short: Some(PATH),
        long: None,
    },
    Variant {
        name: "systemd_credential",
        doc: "In a file of this name in `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`).",
        short: Some(TEXT),
        long: None,
    },
    Variant {
        name: "command",
        doc: "What a program prints: its path and its arguments; no shell.",
        short: Some(Kind::List(&TEXT)),
        long: None,
    },
];

static RESPONSE: Section = Section {
    title: "response",
    doc: "Where in the reply the answer stands: keys or list indices from the top, such as `data.tokens.0.value`. The defaults know what most providers do.",
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
            "Until when it lives, instead of `expires_in`: seconds or milliseconds since 1970, or a date.",
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
            "Also by the calendar: a cron expression of six fields (second, minute, hour, day, month, weekday).",
        ),
        Key::default("timezone", TEXT, "UTC", "The zone of `schedule`, such as `Europe/London`."),
    ],
};

static OUTPUT: Choice = Choice {
    title: "output",
    doc: "A file that consumers read. A plain text after the variant's name is its path.",
    text: PlainText::Refused,
    secret: false,
    variants: &[
        Variant {
            name: "token_file",
            doc: "The token alone. A file of the same name with `.expires_at` at its end stands beside it.",
            short: Some(PATH),
            long: Some(&TOKEN_FILE),
        },
        Variant {
            name: "env_file",
            doc: "Lines of `NAME=value` for `EnvironmentFile=`, `sh` and `docker --env-file`.",
            short: None,
            long: Some(&ENV_FILE),
        },
        Variant {
            name: "json_file",
            doc: "One JSON object: the token, its type, its scope and its expiry.",
            short: Some(PATH),
            long: Some(&JSON_FILE),
        },
    ],
};

const OUTPUT_PATH: Key =
    Key::required("path", PATH, "Relative to `output_directory`, of plain names only.");

static TOKEN_FILE: Section = Section {
    title: "token_file",
    doc: "A file with the token alone.",
    keys: &[
        OUTPUT_PATH,
        Key::default("newline", BOOL, "false", "Whether a line break follows the token."),
        MODE_KEY,
        OWNER_KEY,
        GROUP_KEY,
    ],
};

static ENV_FILE: Section = Section {
    title: "env_file",
    doc: "A file of environment variables. It should hold `${expires_at}`; if no variable does, a file with `.expires_at` at the end of its name stands beside it.",
    keys: &[
        OUTPUT_PATH,
        Key::required(
            "variables",
            Kind::Map(Names::Environment, &TEXT),
            "Names and values, which may hold `${access_token}`, `${token_type}`, `${scope}` and `${expires_at}` (seconds since 1970).",
        ),
        MODE_KEY,
        OWNER_KEY,
        GROUP_KEY,
    ],
};

static JSON_FILE: Section = Section {
    title: "json_file",
    doc: "A file with one JSON object.",
    keys: &[OUTPUT_PATH, MODE_KEY, OWNER_KEY, GROUP_KEY],
};

static NOTIFICATION: Choice = Choice {
    title: "notification",
    doc: "Who is told after the files of a credential have changed.",
    text: PlainText::Refused,
    secret: false,
    variants: &[
        Variant {
            name: "signal",
            doc: "A process gets a signal.",
            short: None,
            long: Some(&SIGNAL),
        },
        Variant {
            name: "command",
            doc: "A program is run; no shell. It is told the credential's name, never the token.",
            short: Some(Kind::List(&TEXT)),
            long: Some(&COMMAND),
        },
    ],
};

static SIGNAL: Section = Section {
    title: "signal",
    doc: "A signal to a process.",
    keys: &[
        Key::required("pid_file", PATH, "The file with the process id."),
        Key::default("signal", Kind::OneOf(&SIGNALS), "HUP", "The signal."),
    ],
};

static SIGNALS: [Word; 8] = [
    Word { name: "HUP", doc: "Read your files again, for most daemons." },
    Word { name: "USR1", doc: "What the program makes of it." },
    Word { name: "USR2", doc: "What the program makes of it." },
    Word { name: "WINCH", doc: "What the program makes of it." },
    Word { name: "CONT", doc: "Continue." },
    Word { name: "INT", doc: "Interrupt." },
    Word { name: "QUIT", doc: "Quit." },
    Word { name: "TERM", doc: "End, to be started again by its supervisor." },
];

static COMMAND: Section = Section {
    title: "command",
    doc: "A program to run.",
    keys: &[
        Key::required("argv", Kind::List(&TEXT), "The program and its arguments."),
        Key::default("timeout", DURATION, "30s", "The program is ended after this long."),
    ],
};

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
