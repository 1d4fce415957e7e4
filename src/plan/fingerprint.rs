//! Digests that say whether a credential would now get another token.

use aws_lc_rs::digest::{Context, SHA256};

use super::source::sources;
use crate::{
    credential::{
        BasicEncoding, BodyFormat, Client, ClientAuthentication, Credential, FieldPath,
        Fingerprint, Grant, LifetimeUnit, Parameters, ReplyShape, TokenEndpoint, ValueSource,
    },
    secret::Secret,
};

/// A digest of everything in the configuration that decides which token we get. Each part is
/// written with its length in front, so that no two different inputs look the same.
pub fn inputs(
    grant: Grant,
    endpoint: &TokenEndpoint,
    client: &Client,
    parameters: &Parameters,
    reply: &ReplyShape,
) -> Fingerprint {
    let mut encoding = Encoding::new();
    encoding.text(match grant {
        Grant::ClientCredentials => "client_credentials",
    });
    encoding.text(endpoint.url.as_str());
    encoding.client(client);
    encoding.parameters(parameters);
    encoding.reply(reply);
    encoding.finish()
}

/// A digest of the contents of the sources that can be read without side effects: environment,
/// files, systemd credentials. `None` if `read` cannot read one of them.
pub fn material(
    credential: &Credential,
    read: impl Fn(&ValueSource) -> Option<Secret>,
) -> Option<Fingerprint> {
    let mut encoding = Encoding::new();
    for source in sources(credential) {
        match source {
            ValueSource::Literal(_) | ValueSource::Command(_) => {}
            ValueSource::Env(_) | ValueSource::File(_) | ValueSource::SystemdCredential(_) => {
                encoding.text(read(source)?.expose());
            }
        }
    }
    Some(encoding.finish())
}

struct Encoding(Context);

impl Encoding {
    fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    fn finish(self) -> Fingerprint {
        let mut digest = [0; 32];
        digest.copy_from_slice(self.0.finish().as_ref());
        Fingerprint(digest)
    }

    fn count(&mut self, count: usize) {
        self.0.update(&(count as u64).to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }

    fn texts(&mut self, texts: &[Box<str>]) {
        self.count(texts.len());
        for text in texts {
            self.text(text);
        }
    }

    fn source(&mut self, source: &ValueSource) {
        match source {
            ValueSource::Literal(secret) => self.tagged("literal", secret.expose()),
            ValueSource::Env(name) => self.tagged("env", name),
            ValueSource::File(path) => self.tagged("file", &path.to_string_lossy()),
            ValueSource::SystemdCredential(name) => self.tagged("systemd_credential", name),
            ValueSource::Command(argv) => {
                self.text("command");
                self.texts(argv);
            }
        }
    }

    fn tagged(&mut self, tag: &str, text: &str) {
        self.text(tag);
        self.text(text);
    }

    fn optional<T>(&mut self, value: Option<&T>, write: impl Fn(&mut Self, &T)) {
        self.count(usize::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn client(&mut self, client: &Client) {
        self.optional(client.id.as_ref(), Self::source);
        self.optional(client.secret.as_ref(), Self::source);
        self.text(match client.authentication {
            ClientAuthentication::None => "none",
            ClientAuthentication::ClientSecretBasic(BasicEncoding::Form) => "basic form",
            ClientAuthentication::ClientSecretBasic(BasicEncoding::Raw) => "basic raw",
            ClientAuthentication::ClientSecretPost => "post",
        });
    }

    /// All but the timeout, which decides nothing about the token.
    fn parameters(&mut self, parameters: &Parameters) {
        self.text(match parameters.body {
            BodyFormat::Form => "form",
            BodyFormat::Json => "json",
            BodyFormat::Query => "query",
        });
        self.text(&parameters.scope);
        self.texts(&parameters.audience);
        self.texts(&parameters.resource);
        for named in [&parameters.extra, &parameters.headers] {
            self.count(named.len());
            for (name, source) in named {
                self.text(name);
                self.source(source);
            }
        }
    }

    fn reply(&mut self, reply: &ReplyShape) {
        let path = |encoding: &mut Self, path: &FieldPath| encoding.texts(&path.0);
        path(self, &reply.access_token);
        self.optional(reply.lifetime.as_ref(), |encoding, lifetime| {
            path(encoding, &lifetime.path);
            encoding.text(match lifetime.unit {
                LifetimeUnit::Seconds => "seconds",
                LifetimeUnit::Milliseconds => "milliseconds",
                LifetimeUnit::Date => "date",
            });
        });
        self.optional(reply.error.as_ref(), path);
        self.optional(reply.error_description.as_ref(), path);
    }
}
