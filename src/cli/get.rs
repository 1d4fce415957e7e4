//! `tokenward get`.

use serde_json::json;

use super::{
    Common,
    held::{held, refuse},
    print,
};
use crate::{clock::WallTime, credential::Grant, error::Exit, token::IssuedToken};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The name of the credential
    name: String,
    /// In which form
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Format {
    /// The token alone
    #[default]
    Token,
    /// A line for `curl -H @-`: `Authorization: Bearer ...`
    Header,
    /// An object with `access_token`, `token_type`, `scope` and `expires_at`
    Json,
    /// `ACCESS_TOKEN=` and `EXPIRES_AT=`
    Env,
}

pub fn run(common: &Common, arguments: &Arguments) -> Exit {
    let (credential, saved) = match held(common, &arguments.name) {
        Ok(held) => held,
        Err(refusal) => return refuse(refusal),
    };
    if let (Grant::OAuth1(_), Format::Header) = (&*credential.grant, arguments.format) {
        let name = &credential.name;
        let mend = format!("each request has one of its own: `tokenward sign {name} METHOD URL`");
        return refuse((Exit::Usage, format!("OAuth 1.0a has no fixed header; {mend}")));
    }
    let scheme = credential.authorization_scheme.as_deref();
    print(&format!("{}\n", render(&saved.token, scheme, arguments.format)))
}

fn render(token: &IssuedToken, scheme: Option<&str>, format: Format) -> String {
    let value = token.access_token.expose();
    let expiry = token.expiry();
    match format {
        Format::Token => value.to_owned(),
        Format::Header => format!("Authorization: {}", token.authorization(scheme)),
        Format::Env => format!("ACCESS_TOKEN={value}\nEXPIRES_AT={}", expiry.text()),
        Format::Json => json!({
            "access_token": value,
            "token_type": token.token_type,
            "scope": token.scope,
            "expires_at": expiry.date().map(WallTime::seconds),
        })
        .to_string(),
    }
}
