//! `tokenward get`.

use std::sync::Arc;

use serde_json::json;

use super::{Common, print, unknown};
use crate::{
    clock::{Clock, SystemClock},
    credential::{Credential, Name},
    error::Exit,
    state::{Saved, State},
    token::IssuedToken,
};

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
    match find(common, &arguments.name) {
        Ok((credential, saved)) => {
            let scheme = credential.authorization_scheme.as_deref();
            print(&format!("{}\n", render(&saved.token, scheme, arguments.format)))
        }
        Err((exit, message)) => {
            if !message.is_empty() {
                eprintln!("tokenward: {message}");
            }
            exit
        }
    }
}

/// A credential, and the token that the daemon holds. An expired one is never handed out.
fn find(common: &Common, text: &str) -> Result<(Arc<Credential>, Saved), (Exit, String)> {
    let plan = common.plan().map_err(|exit| (exit, String::new()))?;
    let credential = plan.credential(text).cloned();
    let credential = credential.ok_or_else(|| (Exit::Usage, unknown(&plan, text)))?;
    let name = &credential.name;
    let state = State::open_existing(&plan.settings.state_directory)
        .map_err(|error| (Exit::Temporary, error.to_string()))?;
    let saved = state.map_or(Ok(None), |state| state.load(name, SystemClock.now()));
    match saved.map_err(|error| (Exit::Temporary, error.to_string()))? {
        None => Err((Exit::Unavailable, none_yet(name))),
        Some(saved) if saved.age >= saved.token.lifetime.duration => {
            Err((Exit::Unavailable, expired(name, &saved)))
        }
        Some(saved) => Ok((credential, saved)),
    }
}

fn none_yet(name: &Name) -> String {
    format!("there is no token of {name} yet; `tokenward status` says why")
}

fn expired(name: &Name, saved: &Saved) -> String {
    let at = saved.token.expires_at();
    format!("the token of {name} expired at {at}; `tokenward status` says why")
}

fn render(token: &IssuedToken, scheme: Option<&str>, format: Format) -> String {
    let value = token.access_token.expose();
    let expires_at = token.expires_at().seconds();
    match format {
        Format::Token => value.to_owned(),
        Format::Header => format!("Authorization: {}", token.authorization(scheme)),
        Format::Env => format!("ACCESS_TOKEN={value}\nEXPIRES_AT={expires_at}"),
        Format::Json => json!({
            "access_token": value,
            "token_type": token.token_type,
            "scope": token.scope,
            "expires_at": expires_at,
        })
        .to_string(),
    }
}
