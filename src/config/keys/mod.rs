//! The table of keys: the one truth from which the checks, the JSON Schema and
//! `docs/configuration.md` come. Key names are those of RFC 6749, 7591 and 8707 where those exist.

mod assertion;
mod catalogue;
mod client;
mod credential;
mod grant;
mod kubernetes;
mod oauth1;
mod output;
mod probe;
mod reply;
mod step;
mod value_source;

pub use catalogue::CATALOGUE;
pub use credential::CREDENTIAL;
pub use probe::PROBE;
pub use reply::REFRESH;

use credential::{ASSUME_LIFETIME_KEY, GROUP_KEY, MODE_KEY, OWNER_KEY, REFRESH_KEY, TIMEOUT_KEY};
use value_source::{PUBLIC_SOURCE, SECRET_SOURCE};

use super::{
    scalar::ScalarKind,
    shape::{Key, Kind, Names, Section, Word},
};

const TEXT: Kind = Kind::Scalar(ScalarKind::Text);
const URL: Kind = Kind::Scalar(ScalarKind::Url);
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
            "Where `/live`, `/ready`, `/metrics` and the status page are served. Without it, \
             nothing listens.",
        ),
        Key::optional(
            "control",
            Kind::Section(&CONTROL),
            "A socket on which programs have their requests signed. Without it, there is none.",
        ),
        Key::optional(
            "state_directory",
            PATH,
            "What must survive a restart. Without it, `$STATE_DIRECTORY`, which systemd sets.",
        ),
        Key::optional(
            "output_directory",
            PATH,
            "The folder that the paths of outputs start from. Without it, `$RUNTIME_DIRECTORY`, \
             which systemd sets.",
        ),
        Key::optional(
            "include",
            Kind::OneOrMany(&TEXT),
            "Further files with `credentials:`, relative to this one; the file name may hold \
             `*`, as in `conf.d/*.yaml`.",
        ),
        Key::optional(
            "kubernetes_lease",
            TEXT,
            "Only one of several replicas works, elected by the Lease of this name in the pod's own \
             namespace; `true` is the name `tokenward`. See \
             [kubernetes.md](kubernetes.md#several-replicas).",
        ),
        Key::optional("limits", Kind::Section(&LIMITS), "How much may happen at once."),
        Key::default(
            "ready_when",
            Kind::OneOf(&READY_WHEN),
            "all",
            "When the daemon counts as ready, for `/ready` and for systemd. Without credentials it \
             is ready once it runs.",
        ),
        Key::default(
            "grace_period",
            DURATION,
            "25s",
            "How long requests in flight may take to end after SIGTERM. Kubernetes kills after 30 s, \
             unless told otherwise; a sidecar has what its application leaves of that.",
        ),
        Key::optional("defaults", Kind::Section(&DEFAULTS), "What credentials have in common."),
        Key::optional(
            "credentials",
            Kind::Map(Names::Credential, &Kind::Section(&CREDENTIAL)),
            "The tokens to keep fresh, by name.",
        ),
    ],
};

static READY_WHEN: [Word; 3] = [
    Word { name: "all", doc: "Every output of every credential holds a good token." },
    Word { name: "any", doc: "All outputs of at least one credential do." },
    Word { name: "started", doc: "The daemon runs, whatever the outputs hold." },
];

static CONTROL: Section = Section {
    title: "control",
    doc: "A Unix socket on which programs have their requests signed (OAuth 1.0a). Who may read an \
          output of a credential may sign with it; who may connect at all, `mode` and `group` say.",
    keys: &[
        Key::required(
            "socket",
            PATH,
            "Where it stands. A relative path starts at `output_directory`.",
        ),
        Key::default(
            "mode",
            MODE,
            "0600",
            "Its permission bits. To connect is to write: `\"0660\"` lets `group` do so.",
        ),
        Key::optional(
            "group",
            TEXT,
            "The group, by name or number, that it belongs to. Without it, the daemon's own.",
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
            "64",
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
