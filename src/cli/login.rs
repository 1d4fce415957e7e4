//! `tokenward login`: the one step that needs a person. It works beside a daemon and without one.

use std::{
    cell::Cell,
    io::{self, BufReader, IsTerminal},
    path::Path,
    sync::Arc,
    time::Duration,
};

use url::Url;

use super::{Common, block_on, print, unknown};
use crate::{
    acquire::{Acquirer, HttpClients, Randomness},
    clock::{Clock, SystemClock},
    credential::{Credential, Name},
    error::{Exit, Fault},
    login::{self, Login, LoginError, Notice, qr},
    plan::material,
    source::read_if_passive,
    state::State,
    token::{Expiry, IssuedToken},
};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The name of the credential
    name: String,
    /// Paste the address that the browser ends at: for hosts without a browser
    #[arg(long)]
    paste: bool,
    /// Draw no QR code
    #[arg(long)]
    no_qr: bool,
    /// Give up after this many seconds [default: 300, or as long as the device's code is good]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
}

/// The daemon notices a log-in at once, if it watches for it.
const ADOPTION: Duration = Duration::from_secs(5);
const INTERVAL: Duration = Duration::from_millis(100);

/// A verb that did not work out: how it ends, and why.
type Failure = (Exit, String);

pub fn run(common: &Common, arguments: &Arguments) -> Exit {
    let plan = match common.plan() {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    let Some(credential) = plan.credential(&arguments.name) else {
        eprintln!("tokenward: {}", unknown(&plan, &arguments.name));
        return Exit::Usage;
    };
    // Kept with the log-in: by it the daemon notices that the secrets are others now.
    let material = material(credential, |source| read_if_passive(source)?.ok());
    let credential = Credential { material, ..(**credential).clone() };
    match log_in(arguments, &credential, &plan.settings.state_directory) {
        Ok(()) => Exit::Ok,
        Err((exit, message)) => {
            eprintln!("tokenward: {message}");
            exit
        }
    }
}

fn log_in(
    arguments: &Arguments,
    credential: &Credential,
    state_directory: &Path,
) -> Result<(), Failure> {
    let temporary = |error: &dyn std::fmt::Display| (Exit::Temporary, error.to_string());
    let mut randomness = [0; 48];
    getrandom::fill(&mut randomness).map_err(|error| temporary(&error))?;
    login::check(credential).map_err(|error| failure(&error))?;
    let acquirer = Acquirer::new(Arc::new(HttpClients::default()), Arc::new(SystemClock));
    let draws = !arguments.no_qr && io::stdout().is_terminal();
    // Before anybody takes the trouble: a grant that cannot be kept is lost.
    let state = State::open_for_login(state_directory).map_err(|error| temporary(&error))?;
    let login = Login {
        credential,
        acquirer: &acquirer,
        clock: &SystemClock,
        randomness: Randomness(randomness),
        // A disk that takes nothing now will not take the token either, and says so then.
        second: &|at| state.take_second(credential, at).unwrap_or(at),
        patience: arguments.timeout.map(Duration::from_secs),
        paste: arguments.paste,
        client_secret: Cell::default(),
        tell: &|notice| tell(&notice, draws),
    };
    let input = Box::new(BufReader::new(io::stdin()));
    let token = block_on(login.perform(input)).map_err(|error| failure(&error))?;
    state.save_login(credential, &token).map_err(|error| temporary(&error))?;
    let good = match token.expiry() {
        Expiry::At(date) => format!("until {date}"),
        Expiry::Never => "that does not expire".into(),
    };
    print(&format!("Logged in: {} has a token {good}.\n", credential.name));
    warn_of_an_end(&token);
    print(&block_on(handed_over(&state, &credential.name)));
    Ok(())
}

fn failure(error: &LoginError) -> Failure {
    let exit = match (error, error.fault()) {
        (LoginError::Grant { .. }, _) => Exit::Usage,
        (_, Fault::Permanent) => Exit::Unavailable,
        (_, Fault::Transient | Fault::Local) => Exit::Temporary,
    };
    (exit, error.to_string())
}

/// Says what to do. It is the output of this verb; only troubles go to standard error.
fn tell(notice: &Notice<'_>, draws: bool) {
    let picture = |page: &Url| {
        let picture = if draws { qr::draw(page.as_str()) } else { None };
        picture.map(|picture| format!("\n{picture}\n")).unwrap_or_default()
    };
    match notice {
        Notice::Confirm { page, code, page_with_code, within } => {
            print(&format!(
                "{}On any device, open\n\n  {page}\n\nand confirm this code within {}:\n\n  {code}\n\n",
                picture(page_with_code.unwrap_or(page)),
                span(*within),
            ));
            if let Some(page) = page_with_code {
                print(&format!("Or open the page with the code in it:\n\n  {page}\n\n"));
            }
        }
        Notice::Open { page } => {
            print(&format!(
                "Open this page in a browser of this machine, and log in (elsewhere: --paste):\
                 \n\n  {page}\n\n"
            ));
        }
        Notice::Bring { page } => {
            print(&format!(
                "{}Open this page in any browser, and log in:\n\n  {page}\n\nThe browser ends at a \
                 page that may say it cannot be reached. Paste its address here:\n",
                picture(page),
            ));
        }
        Notice::Type { page } => {
            print(&format!(
                "{}Open this page in any browser, and log in:\n\n  {page}\n\nIt shows a code at the \
                 end. Type it in here:\n",
                picture(page),
            ));
        }
        Notice::BringAgain(error) => eprintln!("tokenward: {error}:"),
        Notice::OtherSecret(error) => {
            eprintln!("tokenward: {error}; the next client_secret is tried");
        }
        Notice::Trouble(error) => eprintln!("tokenward: {error}; still waiting"),
    }
}

/// How long somebody has, as they think of it; never more than there is.
fn span(within: Duration) -> String {
    match within.as_secs() {
        seconds @ 0..120 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds / 60),
    }
}

/// A log-in that nothing can renew is worth having, but not for long.
fn warn_of_an_end(token: &IssuedToken) {
    if token.refresh_token.is_none() && token.expiry() != Expiry::Never {
        eprintln!(
            "tokenward: the provider gave no refresh token, so somebody has to log in again by \
             then; most give one for a scope such as `offline_access`, or for \
             `authorization_parameters: {{ access_type: offline }}`"
        );
    }
}

/// Who goes on with the log-in.
async fn handed_over(state: &State, name: &Name) -> String {
    let Some(process) = state.writer() else {
        return "No daemon runs here: `tokenward run` or `tokenward once` goes on from here.\n"
            .into();
    };
    let until = SystemClock.now().boot + ADOPTION;
    let left = state.login_path(name);
    while left.exists() {
        if SystemClock.now().boot >= until {
            return format!(
                "The daemon, process {process}, has not taken it over yet; `tokenward status` \
                 shows when it has.\n"
            );
        }
        tokio::time::sleep(INTERVAL).await;
    }
    format!("The daemon, process {process}, has taken it over.\n")
}
