//! From parameters and headers to what is sent.

use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use super::{Draft, USER_AGENT, override_with, template};
use crate::{
    acquire::{TokenRequest, redaction::Redaction},
    credential::{BodyFormat, Method},
    secret::Secret,
};

impl Draft {
    /// The request, and what must not be shown of an answer to it. `headers` replace ours of the
    /// same names.
    pub(in crate::acquire) fn encode(
        mut self,
        method: Method,
        mut url: Url,
        format: &BodyFormat,
        headers: Vec<(Box<str>, Secret)>,
    ) -> (TokenRequest, Redaction) {
        self.header("Accept", "application/json");
        self.header("User-Agent", USER_AGENT);
        let body = match method {
            Method::Post => self.body(format, &mut url),
            // RFC 9110, section 9.3.1: a GET has no body, whatever was meant to be in it.
            Method::Get => self.body(&BodyFormat::Query, &mut url),
        };
        override_with(&mut self.headers, headers);
        (TokenRequest { method, url, headers: self.headers, body }, self.redaction)
    }

    /// Puts the parameters into the URL's query or into the body that this returns.
    fn body(&mut self, format: &BodyFormat, url: &mut Url) -> Secret {
        let parameters = std::mem::take(&mut self.parameters);
        let pairs = parameters.iter().map(|(name, value)| (&**name, value.expose()));
        match format {
            BodyFormat::Form => {
                self.header("Content-Type", "application/x-www-form-urlencoded");
                let mut form = form_urlencoded::Serializer::new(String::new());
                Secret::from(form.extend_pairs(pairs).finish())
            }
            BodyFormat::Json => {
                self.header("Content-Type", "application/json");
                Secret::from(json(pairs).to_string())
            }
            // The URL may have a query of its own: `?subscription-key=...` stays.
            BodyFormat::Query => {
                if !parameters.is_empty() {
                    url.query_pairs_mut().extend_pairs(pairs);
                }
                Secret::default()
            }
            BodyFormat::Template(body) => {
                self.header("Content-Type", &*body.content_type);
                template::fill(body, &parameters)
            }
        }
    }
}

/// One object of strings; a name that comes more than once has a list.
fn json<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let mut object = Map::new();
    for (name, value) in pairs {
        let value = Value::from(value);
        match object.get_mut(name) {
            None => drop(object.insert(name.into(), value)),
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
    Value::Object(object)
}
