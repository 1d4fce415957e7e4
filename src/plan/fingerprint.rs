//! Digests that say whether a credential would now get another token.

mod encoding;

pub(super) use self::encoding::Encoding;
use crate::credential::{
    Assertion, BasicEncoding, BodyFormat, BodyPart, Client, ClientAuthentication, Credential,
    FieldPath, Fingerprint, FollowUp, Grant, LifetimeField, Location, Method, Parameters,
    ReplyShape, StepPart, StepText, StepValue, TokenCharacters, ValueSource,
};

/// A digest of everything in the configuration that decides which token we get.
pub fn inputs(credential: &Credential) -> Fingerprint {
    let mut encoding = Encoding::new();
    encoding.grant(&credential.grant);
    encoding.text(credential.endpoint.url.as_str());
    encoding.optional(credential.endpoint.certificate.as_deref(), |encoding, certificate| {
        encoding.text(&certificate.certificate.to_string_lossy());
    });
    encoding.client(&credential.client);
    encoding.parameters(&credential.parameters, &credential.scope);
    encoding.steps(&credential.steps);
    encoding.reply(&credential.reply);
    encoding.finish()
}

impl Encoding {
    fn source(&mut self, source: &ValueSource) {
        match source {
            ValueSource::Literal(secret) => self.tagged("literal", secret.expose()),
            ValueSource::Env(name) => self.tagged("env", name),
            ValueSource::File(path) => self.tagged("file", &path.to_string_lossy()),
            ValueSource::JsonFile { path, field } => {
                self.tagged("json_file", &path.to_string_lossy());
                self.texts(&field.0);
            }
            ValueSource::SystemdCredential(name) => self.tagged("systemd_credential", name),
            ValueSource::Command(argv) => {
                self.text("command");
                self.texts(&argv.0);
            }
        }
    }

    fn named(&mut self, named: &[(Box<str>, ValueSource)]) {
        self.count(named.len());
        for (name, source) in named {
            self.text(name);
            self.source(source);
        }
    }

    fn grant(&mut self, grant: &Grant) {
        self.text(grant.name());
        match grant {
            Grant::RefreshToken { seed } => self.source(seed),
            // What only the log-in says does not make the token in hand another one.
            Grant::ClientCredentials
            | Grant::None
            | Grant::AuthorizationCode(_)
            | Grant::DeviceCode { .. } => {}
            Grant::Password { username, password } => {
                self.source(username);
                self.source(password);
            }
            Grant::JwtBearer(assertion)
            | Grant::AppJwt(assertion)
            | Grant::SignedJwt(assertion) => self.assertion(assertion),
            Grant::TokenExchange(exchange) => {
                self.source(&exchange.subject_token);
                self.text(&exchange.subject_token_type);
                self.optional(exchange.actor_token.as_ref(), Self::source);
                self.text(&exchange.actor_token_type);
                self.text(exchange.requested_token_type.as_deref().unwrap_or_default());
            }
            Grant::OAuth1(oauth1) => {
                self.optional(oauth1.signature_method.private_key(), Self::source);
            }
            Grant::Command(argv) => self.texts(&argv.0),
        }
    }

    fn assertion(&mut self, assertion: &Assertion) {
        self.text(&format!("{:?}", assertion.signing.algorithm));
        self.source(&assertion.signing.key);
        for source in [
            &assertion.signing.key_id,
            &assertion.signing.certificate,
            &assertion.issuer,
            &assertion.subject,
            &assertion.audience,
        ] {
            self.optional(source.as_ref(), Self::source);
        }
        self.named(&assertion.claims);
    }

    fn client(&mut self, client: &Client) {
        self.optional(client.id.as_ref(), Self::source);
        self.count(client.secrets.len());
        client.secrets.iter().for_each(|secret| self.source(secret));
        match &client.authentication {
            ClientAuthentication::None => self.text("none"),
            ClientAuthentication::ClientSecretBasic(BasicEncoding::Form) => self.text("basic form"),
            ClientAuthentication::ClientSecretBasic(BasicEncoding::Raw) => self.text("basic raw"),
            ClientAuthentication::ClientSecretPost => self.text("post"),
            ClientAuthentication::TlsClientAuth => self.text("tls"),
            ClientAuthentication::Jwt(assertion) => {
                self.text("jwt");
                self.assertion(assertion);
            }
        }
    }

    /// All but the timeout, which decides nothing about the token.
    fn parameters(&mut self, parameters: &Parameters, scope: &str) {
        self.method(parameters.method);
        self.body(&parameters.body);
        self.text(parameters.grant_type.as_deref().unwrap_or_default());
        self.text(scope);
        self.texts(&parameters.audience);
        self.texts(&parameters.resource);
        for named in [&parameters.extra, &parameters.query, &parameters.headers] {
            self.named(named);
        }
    }

    fn method(&mut self, method: Method) {
        self.text(match method {
            Method::Post => "POST",
            Method::Get => "GET",
        });
    }

    fn body(&mut self, body: &BodyFormat) {
        match body {
            BodyFormat::Form => self.text("form"),
            BodyFormat::Json => self.text("json"),
            BodyFormat::Query => self.text("query"),
            BodyFormat::Template(template) => {
                self.tagged("template", &template.content_type);
                self.count(template.parts.len());
                for part in &template.parts {
                    match part {
                        BodyPart::Text(text) => self.tagged("text", text.expose()),
                        BodyPart::Parameter(name) => self.tagged("parameter", name),
                    }
                }
            }
        }
    }

    fn steps(&mut self, steps: &[FollowUp]) {
        self.count(steps.len());
        for step in steps {
            self.count(step.take.len());
            for (name, location) in &step.take {
                self.text(name);
                self.location(location);
            }
            self.step_text(&step.url);
            self.method(step.method);
            self.body(&step.body);
            for values in [&step.parameters, &step.headers] {
                self.count(values.len());
                for (name, value) in values {
                    self.text(name);
                    match value {
                        StepValue::Source(source) => self.source(source),
                        StepValue::Text(text) => self.step_text(text),
                    }
                }
            }
        }
    }

    fn step_text(&mut self, text: &StepText) {
        self.count(text.0.len());
        for part in &text.0 {
            match part {
                StepPart::Text(text) => self.tagged("text", text.expose()),
                StepPart::Taken(name) => self.tagged("taken", name),
            }
        }
    }

    fn reply(&mut self, reply: &ReplyShape) {
        let path = |encoding: &mut Self, path: &FieldPath| encoding.texts(&path.0);
        self.location(&reply.access_token);
        self.location(&reply.refresh_token);
        self.count(usize::from(reply.token_characters == TokenCharacters::Visible));
        self.optional(reply.lifetime.as_ref(), |encoding, lifetime| match lifetime {
            LifetimeField::At { path: at, unit } => {
                path(encoding, at);
                encoding.text(&format!("{unit:?}"));
            }
            LifetimeField::Fixed(lifetime) => encoding.text(&format!("{lifetime:?}")),
        });
        self.optional(reply.error.as_ref(), path);
        self.optional(reply.error_description.as_ref(), path);
        self.count(reply.fields.len());
        for (name, location) in &reply.fields {
            self.text(name);
            self.location(location);
        }
    }

    fn location(&mut self, location: &Location) {
        match location {
            Location::Field(path) => {
                self.text("field");
                self.texts(&path.0);
            }
            Location::Header(name) => self.tagged("header", name),
            Location::Cookie(name) => self.tagged("cookie", name),
        }
    }
}
