//! What the user configured, after every check: the values that `plan` builds and the pipeline
//! reads.
//!
//! A process may hold a hundred thousand credentials, so what many of them have in common is
//! shared (`Arc`), and what few of them have is small when absent.

mod calendar;
mod endpoint;
#[cfg(test)]
pub mod fixture;
mod template;
mod zone;

use std::{
    fmt,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

pub use self::{
    calendar::Calendar,
    endpoint::TokenEndpoint,
    template::{Template, TemplatePart, TokenField, is_env_value},
    zone::Zone,
};
use crate::secret::Secret;

/// One thing the user configured: one token to keep fresh.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Unique in the configuration.
    pub name: Name,
    /// How the token is asked for.
    pub grant: Grant,
    /// Where it is asked for.
    pub endpoint: Arc<TokenEndpoint>,
    /// Who asks.
    pub client: Arc<Client>,
    /// What is asked.
    pub parameters: Arc<Parameters>,
    /// Where in the reply the answer stands.
    pub reply: Arc<ReplyShape>,
    /// When it is asked for again.
    pub refresh: Arc<RefreshPolicy>,
    /// Where the token is written.
    pub outputs: Box<[Output]>,
    /// Who is told.
    pub notifications: Box<[Arc<Notification>]>,
    /// A digest of everything that decides which token we get. A change means: acquire now.
    pub inputs: Fingerprint,
    /// A digest of the secret material behind the client's sources, when all of it could be
    /// read. `None` never counts as a change: an unreadable secret must not cost a good token.
    pub material: Option<Fingerprint>,
}

/// The name of a credential. Letters, digits, `.`, `_`, `-`, at most 128 of them, and no leading
/// dot: safe as a file name, a metric label and a log field.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// How a token is asked for. Each grant has one file in `acquire/grant/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grant {
    /// RFC 6749, section 4.4.
    ClientCredentials,
}

/// The client that authenticates (RFC 6749, section 2.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    /// Absent only with [`ClientAuthentication::None`], for providers that know no clients.
    pub id: Option<ValueSource>,
    /// Absent only with [`ClientAuthentication::None`].
    pub secret: Option<ValueSource>,
    /// How the two are sent.
    pub authentication: ClientAuthentication,
}

/// How the client proves who it is; names as registered by RFC 7591, section 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClientAuthentication {
    /// `none`: no secret; the `client_id`, if any, goes into the request's parameters.
    None,
    /// `client_secret_basic`: the `Authorization` header.
    ClientSecretBasic(BasicEncoding),
    /// `client_secret_post`: in the request's parameters.
    ClientSecretPost,
}

/// How id and secret are written before they go into a Basic header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BasicEncoding {
    /// Form-encoded first, as RFC 6749, section 2.3.1 asks.
    Form,
    /// As they are, which some servers want.
    Raw,
}

/// Where a value is kept. It is read again at each use.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum ValueSource {
    /// In the configuration itself.
    Literal(Secret),
    /// An environment variable of the daemon.
    Env(Box<str>),
    /// A file; one trailing line break is not part of the value.
    File(Box<Path>),
    /// A file of this name in `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`).
    SystemdCredential(Box<str>),
    /// What a program prints (argument list, no shell); one trailing line break is dropped.
    Command(Box<[Box<str>]>),
}

/// The parameters of a token request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parameters {
    /// How they are sent.
    pub body: BodyFormat,
    /// The `scope` as it is sent: its values joined as the provider wants it; empty for none.
    pub scope: Box<str>,
    /// `audience` values, each sent as a parameter of its own.
    pub audience: Box<[Box<str>]>,
    /// `resource` values (RFC 8707), each sent as a parameter of its own.
    pub resource: Box<[Box<str>]>,
    /// Further parameters, in the order of the configuration.
    pub extra: Box<[(Box<str>, ValueSource)]>,
    /// Further request headers.
    pub headers: Box<[(Box<str>, ValueSource)]>,
    /// The whole exchange must be over by then; it grows to twice this as expiry nears.
    pub timeout: Duration,
}

/// How parameters are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`, as RFC 6749 has it.
    Form,
    /// One JSON object.
    Json,
    /// In the query component of the URL, with an empty body.
    Query,
}

/// Where in the reply the answer stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReplyShape {
    /// The token.
    pub access_token: FieldPath,
    /// How long it lives; `None`: wherever providers usually put it.
    pub lifetime: Option<LifetimeField>,
    /// The error code.
    pub error: Option<FieldPath>,
    /// The sentence that explains it.
    pub error_description: Option<FieldPath>,
}

/// A field of the reply: object keys or list indices from the top, written `data.tokens.0.value`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldPath(pub Box<[Box<str>]>);

/// Where the lifetime stands and what it counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LifetimeField {
    /// The field.
    pub path: FieldPath,
    /// What its value means.
    pub unit: LifetimeUnit,
}

/// What the value of a lifetime field means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LifetimeUnit {
    /// A span in seconds.
    Seconds,
    /// A span in milliseconds.
    Milliseconds,
    /// A date: seconds or milliseconds since 1970, RFC 3339, or another known format.
    Date,
}

/// When a token is refreshed.
#[derive(Clone, Debug, PartialEq)]
pub struct RefreshPolicy {
    /// The fraction of the lifetime after which to refresh; above 0, below 1.
    pub at: f64,
    /// Up to this fraction of the lifetime earlier, drawn once per issue; from 0, below `at`.
    pub jitter: f64,
    /// Refresh at the latest when this much of the lifetime remains.
    pub min_remaining: Duration,
    /// The least time between two requests for the credential, whatever happens.
    pub min_interval: Duration,
    /// The lifetime of a token whose reply does not say a usable one.
    pub assume_lifetime: Duration,
    /// Further refreshes by the calendar.
    pub calendar: Option<Calendar>,
}

/// A file that consumers read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Output {
    /// Relative to the output directory, of plain names only.
    pub path: Box<Path>,
    /// What is written into it.
    pub content: Content,
    /// Owner, group and mode.
    pub access: Arc<Access>,
}

/// What an output holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// The token alone.
    TokenFile {
        /// Whether a line break follows it.
        newline: bool,
    },
    /// Lines of `NAME=value` for `EnvironmentFile=`, `sh` and `docker --env-file`.
    EnvFile {
        /// Names and the templates of their values.
        variables: Box<[(Box<str>, Template)]>,
    },
    /// One JSON object.
    JsonFile,
}

/// Who may read an output.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Access {
    /// Permission bits.
    pub mode: u32,
    /// A user's name or number; the daemon's own if absent.
    pub owner: Option<Box<str>>,
    /// A group's name or number; the daemon's own if absent.
    pub group: Option<Box<str>>,
}

/// How a consumer is told that its outputs have changed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Notification {
    /// Send a signal to the process whose id stands in a file.
    Signal {
        /// The file with the process id.
        pid_file: Box<Path>,
        /// The number of the signal.
        signal: i32,
    },
    /// Run a program. It is told the credential's name, never the token.
    Command {
        /// The program and its arguments; no shell.
        argv: Box<[Box<str>]>,
        /// It is ended after this long.
        timeout: Duration,
    },
}

impl Eq for RefreshPolicy {}

impl Hash for RefreshPolicy {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.at.to_bits(), self.jitter.to_bits()).hash(state);
        (self.min_remaining, self.min_interval, self.assume_lifetime).hash(state);
        self.calendar.hash(state);
    }
}

impl Name {
    /// The longest name in bytes: `NAME.json` and a temporary name must fit into a file name.
    pub const MAX_LEN: usize = 128;

    /// `None` if `text` is not a name; see [`Name`] for what is.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let valid = !text.is_empty()
            && text.len() <= Self::MAX_LEN
            && !text.starts_with('.')
            && text.chars().all(plain);
        valid.then(|| Self(text.into()))
    }

    /// The text of the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

impl fmt::Debug for ValueSource {
    /// Where, and never with which arguments: there are programs that take a secret as one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(value) => f.debug_tuple("Literal").field(value).finish(),
            Self::Env(name) => f.debug_tuple("Env").field(name).finish(),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::SystemdCredential(name) => {
                f.debug_tuple("SystemdCredential").field(name).finish()
            }
            Self::Command(argv) => f.debug_tuple("Command").field(&program(argv)).finish(),
        }
    }
}

/// The program of an argument list, as it may be shown: its first word. Whoever writes a whole
/// command line as one item has its arguments, and the secrets among them, in there too.
pub fn program(argv: &[Box<str>]) -> &str {
    argv.first().and_then(|program| program.split_whitespace().next()).unwrap_or_default()
}

impl Output {
    /// Whether a reader of the file can learn the expiry from it; if not, it stands beside it.
    pub fn carries_expiry(&self) -> bool {
        match &self.content {
            Content::TokenFile { .. } => false,
            Content::JsonFile => true,
            Content::EnvFile { variables } => {
                variables.iter().any(|(_, value)| value.is(TokenField::ExpiresAt))
            }
        }
    }

    /// The neighbour that holds the expiry, if the output itself does not: `NAME.expires_at`.
    pub fn expiry_path(&self) -> Option<PathBuf> {
        let mut path = self.path.as_os_str().to_owned();
        path.push(".expires_at");
        (!self.carries_expiry()).then(|| path.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_command_line_in_one_item_only_the_program_is_shown() {
        let argv =
            |items: &[&str]| -> Box<[Box<str>]> { items.iter().map(|&i| i.into()).collect() };
        assert_eq!(program(&argv(&["vault login -token=s3cret", "s3cret"])), "vault");
        assert_eq!(program(&argv(&["/usr/bin/vault"])), "/usr/bin/vault");
        assert_eq!(program(&[]), "");
        let source = ValueSource::Command(argv(&["/usr/bin/vault", "-token=s3cret"]));
        assert_eq!(format!("{source:?}"), r#"Command("/usr/bin/vault")"#);
    }

    #[test]
    fn names_are_safe_everywhere() {
        for good in ["a", "user-testing_2.eu", &"x".repeat(128)] {
            assert!(Name::parse(good).is_some(), "{good}");
        }
        for bad in ["", ".hidden", "a/b", "a b", "ä", "a\n", &"x".repeat(129)] {
            assert!(Name::parse(bad).is_none(), "{bad:?}");
        }
    }
}
