//! What a sandbox serves, as text: all that a user needs in order to try a configuration offline.

use std::fmt::Write;

use super::{
    habit::{Group, HABITS},
    keys::KEY_PAIRS,
    server::Sandbox,
    system::{
        SYSTEMS,
        plain::{self, CLIENT, TRIALS},
    },
};

/// Stands for the folder that `--keys` names.
const KEYS: &str = "@KEYS@";
/// Stands for the URL that the endpoints of a server have in common.
const SITE: &str = "@SITE@";

/// One token endpoint, and all that is needed to use it. Its secret is public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The system or the habit that answers, or how `plain` is asked.
    pub system: &'static str,
    /// Its URL.
    pub token_endpoint: String,
    /// The client that it knows.
    pub client_id: &'static str,
    /// That client's secret; empty if it has none.
    pub client_secret: &'static str,
    /// The entry of the provider catalogue that fits it.
    pub preset: Option<&'static str>,
    /// Further keys of the credential, as YAML writes them between braces; where they say how
    /// something is found, they come before the others. `@KEYS@` stands for the folder with the
    /// sandbox's keys.
    pub keys: String,
}

impl Sandbox {
    /// Every token endpoint of every system.
    pub fn offers(&self) -> Vec<Offer> {
        offers(&self.base())
    }

    /// Every grant and every client authentication of `plain`.
    pub fn trials(&self) -> Vec<Offer> {
        let site = format!("{}/plain", self.base());
        let offer = |trial: &plain::Trial| Offer {
            client_id: trial.client.id,
            client_secret: trial.client.secret,
            ..of_plain(trial.name, &site, trial.keys)
        };
        TRIALS.iter().map(offer).collect()
    }

    /// Every bad habit.
    pub fn habits(&self) -> Vec<Offer> {
        let mut offers = Vec::new();
        for group in &HABITS {
            offers.extend(group.habits.iter().map(|habit| {
                let site = format!("{}/habit/{}", self.base(), habit.name);
                let keys = [group.keys, habit.keys].into_iter().filter(|keys| !keys.is_empty());
                of_plain(habit.name, &site, &keys.collect::<Vec<_>>().join(", "))
            }));
        }
        offers
    }

    /// A configuration to begin with, the systems with their URLs, clients and presets, and lists
    /// of what can be asked of `plain` and of its bad habits.
    pub fn describe(&self) -> String {
        let base = self.base();
        let parts = [beginning(&base), systems(&self.offers()), trials(&base), habits(&base)];
        parts.join("\n")
    }

    fn base(&self) -> String {
        format!("http://{}", self.address())
    }
}

fn offers(base: &str) -> Vec<Offer> {
    let mut offers = Vec::new();
    for system in SYSTEMS {
        offers.extend(system.endpoints.iter().map(|endpoint| Offer {
            system: system.name,
            token_endpoint: format!("{base}{}", endpoint.path),
            client_id: endpoint.client.id,
            client_secret: endpoint.client.secret,
            preset: endpoint.preset,
            keys: endpoint.keys.replace(SITE, &format!("{base}/{}", system.name)),
        }));
    }
    offers
}

/// An offer of a server that knows the client of `plain`.
fn of_plain(name: &'static str, site: &str, keys: &str) -> Offer {
    Offer {
        system: name,
        token_endpoint: format!("{site}/token"),
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        preset: None,
        keys: keys.replace(SITE, site),
    }
}

/// What gets a first token, ready to be pasted.
fn beginning(base: &str) -> String {
    format!(
        "To begin with, write this into a file, and name that with `--config`:\n\n\
         version: 1\nstate_directory: state\noutput_directory: out\ncredentials:\n  trial:\n    \
         token_endpoint: {base}/plain/token\n    client_id: {}\n    client_secret: {}\n    \
         outputs:\n      - token_file: trial/token\n",
        CLIENT.id, CLIENT.secret
    )
}

/// The systems and, below each, what a credential needs to ask it.
fn systems(offers: &[Offer]) -> String {
    let width = SYSTEMS.iter().map(|system| system.name.len()).max().unwrap_or(0);
    let mut text = String::from("Systems, each with what a credential needs to ask it:\n");
    for system in SYSTEMS {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n  {:width$}  {}", system.name, system.is);
        for offer in offers.iter().filter(|offer| offer.system == system.name) {
            let _ = write!(text, "    token_endpoint: {}\n    ", offer.token_endpoint);
            let preset = offer.preset.unwrap_or_default();
            let keys = [
                ("provider", preset),
                ("client_id", offer.client_id),
                ("client_secret", offer.client_secret),
            ];
            let keys = keys.iter().filter(|(_, value)| !value.is_empty());
            let keys: Vec<_> = keys.map(|(key, value)| format!("{key}: {value}")).collect();
            let _ = writeln!(text, "{}", keys.join(", "));
        }
    }
    text
}

fn trials(base: &str) -> String {
    let site = format!("{base}/plain");
    let mut rows: Vec<[String; 2]> = TRIALS
        .iter()
        .map(|trial| [format!("  {}", trial.name), shown(trial.keys, &site)])
        .collect();
    let with_keys = offers(base).into_iter().filter(|offer| !offer.keys.is_empty());
    rows.extend(with_keys.map(|offer| [format!("  {}", offer.system), shown(&offer.keys, "")]));
    let keys: Vec<[String; 2]> =
        KEY_PAIRS.iter().map(|pair| [format!("  {}", pair.file), pair.signs.to_owned()]).collect();
    format!(
        "Grants and client authentications, as keys beside `token_endpoint` (which `issuer`\n\
         replaces) and the client:\n\n{}\n\
         Its keys, which `tokenward sandbox --keys KEYS` writes:\n\n{}",
        aligned(&rows),
        aligned(&keys)
    )
}

/// Keys as one can type them.
fn shown(keys: &str, site: &str) -> String {
    keys.replace(SITE, site).replace(KEYS, "KEYS")
}

fn habits(base: &str) -> String {
    let mut text = format!(
        "Bad habits, with the client of `plain` (or client_id {} and no secret), and with the\n\
         keys below the name, if any. SITE is {base}/habit/NAME, and its token endpoint\n\
         SITE/token.\n",
        plain::PUBLIC_CLIENT,
    );
    for Group { about, keys, habits } in HABITS {
        let with =
            if keys.is_empty() { String::new() } else { format!(", with {}", shown(keys, "SITE")) };
        let mut rows: Vec<[String; 2]> = Vec::new();
        for habit in habits {
            rows.push([format!("  {}", habit.name), habit.does.replace('`', "")]);
            if !habit.keys.is_empty() {
                rows.push([String::new(), format!("  {}", shown(habit.keys, "SITE"))]);
            }
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{about}{with}\n{}", aligned(&rows));
    }
    text
}

/// Columns as wide as their widest cell, two spaces apart.
fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_lines_have_no_trailing_spaces() {
        let rows = [["a", "bb"], ["ccc", ""]].map(|row| row.map(str::to_owned));
        assert_eq!(aligned(&rows), "a    bb\nccc\n");
    }

    #[test]
    fn every_endpoint_is_described_with_what_one_must_type() {
        let text = systems(&offers("http://127.0.0.1:9"));
        for expected in [
            "\n    token_endpoint: http://127.0.0.1:9/plain/token\n    client_id: sandbox-client, \
             client_secret: sandbox+secret/100%\n",
            "\n    provider: learnosity-feedback-aide, client_id: ",
            "http://127.0.0.1:9/learn-link/user/oauth2/token/eu-west-2_SandboxAB\n",
            "\n    client_id: Iv23liSandboxSandbox\n",
        ] {
            assert!(text.contains(expected), "{expected:?} is missing in\n{text}");
        }
        let text = habits("http://h");
        assert!(text.contains("\n  bom                 the reply begins with"));
        assert!(text.contains("  overlap: none\n"), "{text}");
    }

    /// The lines of the tables of the documentation, made from the tables of the code.
    fn documented() -> Vec<String> {
        let head = "| token endpoint | `client_id` | `client_secret` | `provider` |";
        let mut lines = vec![head.to_owned(), "|---|---|---|---|".to_owned()];
        for endpoint in SYSTEMS.iter().flat_map(|system| system.endpoints) {
            let client = endpoint.client;
            let code =
                |text: &str| if text.is_empty() { String::new() } else { format!("`{text}`") };
            let (secret, preset) = (code(client.secret), code(endpoint.preset.unwrap_or_default()));
            lines.push(format!("| `{}` | `{}` | {secret} | {preset} |", endpoint.path, client.id));
        }
        lines.extend(["| system | what it is |".to_owned(), "|---|---|".to_owned()]);
        lines.extend(SYSTEMS.iter().map(|system| format!("| {} | {} |", system.name, system.is)));
        lines.extend(["| grant, or client authentication | keys |", "|---|---|"].map(String::from));
        let site = "http://127.0.0.1:9466/plain";
        lines.extend(
            TRIALS.iter().map(|it| format!("| {} | `{}` |", it.name, shown(it.keys, site))),
        );
        for offer in offers("http://127.0.0.1:9466").iter().filter(|offer| !offer.keys.is_empty()) {
            lines.push(format!("| {} | `{}` |", offer.system, shown(&offer.keys, "")));
        }
        lines.extend(["| key | signs |", "|---|---|"].map(String::from));
        lines.extend(KEY_PAIRS.iter().map(|pair| format!("| `{}` | {} |", pair.file, pair.signs)));
        for Group { about, keys, habits } in HABITS {
            let keys = shown(keys, "SITE");
            let with = if keys.is_empty() { String::new() } else { format!("`{keys}` ") };
            lines.push(format!("| {about} | {with}|"));
            lines.push("|---|---|".to_owned());
            lines.extend(habits.iter().map(|habit| {
                let keys = match habit.keys {
                    "" => String::new(),
                    keys => format!("<br>`{}`", shown(keys, "SITE")),
                };
                format!("| `{}` | {}{keys} |", habit.name, habit.does)
            }));
        }
        lines
    }

    #[test]
    fn the_documentation_shows_the_tables_of_the_code() {
        let page = include_str!("../../docs/sandbox.md");
        let shown: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).collect();
        let expected = documented();
        assert_eq!(shown, expected, "docs/sandbox.md must show\n{}", expected.join("\n"));
    }
}
