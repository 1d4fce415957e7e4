//! `tokenward sandbox`.

mod like;
mod likeness;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    block_on::{listening, stop},
    print, providers,
};
use crate::{
    clock::SystemClock,
    error::Exit,
    plan::catalogue::Preset,
    sandbox::{Options, Sandbox, SandboxError, write_keys},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen; loopback only, for its secrets are public
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9466")]
    listen: SocketAddr,
    /// How long tokens live, in seconds, instead of as documented
    #[arg(long, value_name = "SECONDS")]
    lifetime: Option<u64>,
    /// Play this provider of the catalogue, too, and print a configuration for it; may be repeated
    #[arg(long, value_name = "NAME")]
    like: Vec<String>,
    /// A folder to write private keys into, with which clients can sign assertions for it
    #[arg(long, value_name = "DIRECTORY")]
    keys: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Exit {
    let catalogue = match providers::catalogue() {
        Ok(catalogue) => catalogue,
        Err(exit) => return exit,
    };
    let presets = arguments.like.iter().map(|name| providers::find(&catalogue, name));
    let presets: Vec<_> = match presets.collect() {
        Ok(presets) => presets,
        Err(exit) => return exit,
    };
    let options = Options {
        address: arguments.listen,
        lifetime: arguments.lifetime.map(Duration::from_secs),
    };
    listening(async {
        match start(arguments.keys.as_deref(), options).await {
            Ok(sandbox) => serve(sandbox, &presets).await,
            Err(error) => {
                eprintln!("tokenward: {error}");
                Exit::Temporary
            }
        }
    })
}

async fn start(keys: Option<&Path>, options: Options) -> Result<Sandbox, SandboxError> {
    keys.map_or(Ok(()), write_keys)?;
    Sandbox::start(options, Arc::new(SystemClock)).await
}

async fn serve(sandbox: Sandbox, presets: &[Preset<'_>]) -> Exit {
    if presets.is_empty() {
        print(&sandbox.describe());
    } else {
        match imitate(&sandbox, presets) {
            Ok(text) => print(&text),
            Err(problems) => {
                eprintln!("{problems}\ntokenward: this is a bug; please report it");
                return Exit::Software;
            }
        };
    }
    stop().await;
    sandbox.stop().await;
    Exit::Ok
}

/// Makes the sandbox play these providers, and gives a configuration that asks it.
fn imitate(sandbox: &Sandbox, presets: &[Preset<'_>]) -> Result<String, String> {
    let base = format!("http://{}", sandbox.address());
    let configuration = like::configuration(presets, &base);
    for likeness in like::likenesses(presets, &configuration)? {
        sandbox.imitate(likeness);
    }
    Ok(format!(
        "# A sandbox plays these providers as long as it runs: write this into a file, and use it\n\
         # with `tokenward check --online --config FILE`, or with `run`. Everybody knows the secrets.\n\
         # Where somebody has to log in, `tokenward login NAME --config FILE` comes first.\n\
         {configuration}\
         # That is all. Ctrl-C ends the sandbox.\n"
    ))
}
