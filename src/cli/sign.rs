//! `tokenward sign`: the header of one request, for OAuth 1.0a.

use std::{path::PathBuf, sync::Arc};

use url::Url;

use super::{
    Common, block_on,
    held::{held, refuse},
    print,
};
use crate::{
    acquire::{Acquirer, HttpClients, RequestBody, SignedRequest},
    clock::SystemClock,
    daemon::{SigningError, sign},
    error::{Exit, Fault},
    secret::Secret,
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The name of the credential
    name: String,
    /// The HTTP method of the request
    method: String,
    /// The URL of the request, with its query, as the server sees it
    url: Url,
    /// A parameter of its form body, not encoded; may come more than once
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    form: Vec<(Box<str>, Secret)>,
    /// A body that is no form: its digest is signed too, for servers that look at it
    #[arg(long, value_name = "FILE", conflicts_with = "form")]
    body: Option<PathBuf>,
}

fn parameter(text: &str) -> Result<(Box<str>, Secret), &'static str> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.into(), value.into()))
}

pub fn run(common: &Common, arguments: &Arguments) -> Exit {
    match header(common, arguments) {
        Ok(header) => print(&format!("Authorization: {}\n", header.expose())),
        Err(refusal) => refuse(refusal),
    }
}

fn header(common: &Common, arguments: &Arguments) -> Result<Secret, (Exit, String)> {
    let (credential, saved) = held(common, &arguments.name)?;
    let body = match &arguments.body {
        None => RequestBody::Form(arguments.form.clone()),
        Some(path) => RequestBody::Bytes(std::fs::read(path).map_err(|error| {
            (Exit::Temporary, format!("cannot read {}: {error}; name a file", path.display()))
        })?),
    };
    let (method, url) = (arguments.method.as_str().into(), arguments.url.clone());
    let request = SignedRequest { method, url, body };
    let acquirer = Acquirer::new(Arc::new(HttpClients::default()), Arc::new(SystemClock));
    block_on(sign(&acquirer, &credential, &saved.token, &request))
        .map_err(|error| (exit(&error), error.to_string()))
}

fn exit(error: &SigningError) -> Exit {
    match error {
        SigningError::OtherGrant { .. } => Exit::Usage,
        SigningError::Randomness(_) => Exit::Temporary,
        SigningError::Signature(error) => match error.fault() {
            Fault::Permanent => Exit::Unavailable,
            Fault::Transient | Fault::Local => Exit::Temporary,
        },
    }
}
