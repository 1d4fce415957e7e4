//! What a sandbox serves, as text: all that a user needs in order to try a configuration offline.

use std::fmt::Write;

use super::{
    habit::HABITS,
    server::Sandbox,
    system::{SYSTEMS, plain},
};

/// One token endpoint, and all that is needed to use it. Its secret is public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The system that answers.
    pub system: &'static str,
    /// Its URL.
    pub token_endpoint: String,
    /// The client that it knows.
    pub client_id: &'static str,
    /// That client's secret.
    pub client_secret: &'static str,
    /// The entry of the provider catalogue that fits it.
    pub preset: Option<&'static str>,
}

impl Sandbox {
    /// Every token endpoint of every system.
    pub fn offers(&self) -> Vec<Offer> {
        offers(&self.base())
    }

    /// A table of systems with their URLs, clients and presets, and a list of the habits.
    pub fn describe(&self) -> String {
        format!("{}\n{}", systems(&self.offers()), habits(&self.base()))
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
        }));
    }
    offers
}

fn systems(offers: &[Offer]) -> String {
    let heads = ["SYSTEM", "TOKEN_ENDPOINT", "CLIENT_ID", "CLIENT_SECRET", "PROVIDER"];
    let mut rows = vec![heads.map(str::to_owned)];
    rows.extend(offers.iter().map(|offer| {
        [
            offer.system.to_owned(),
            offer.token_endpoint.clone(),
            offer.client_id.to_owned(),
            offer.client_secret.to_owned(),
            offer.preset.unwrap_or("-").to_owned(),
        ]
    }));
    let kinds: Vec<[String; 2]> =
        SYSTEMS.iter().map(|system| [format!("  {}", system.name), system.is.to_owned()]).collect();
    format!("{}\n{}", aligned(&rows), aligned(&kinds))
}

fn habits(base: &str) -> String {
    let mut text = format!(
        "Bad habits: {base}/habit/NAME/token, with the client of `plain` (or client_id {} and no \
         secret)\n",
        plain::PUBLIC_CLIENT,
    );
    for (about, habits) in HABITS {
        let rows: Vec<[String; 2]> = habits
            .iter()
            .map(|habit| [format!("  {}", habit.name), habit.does.replace('`', "")])
            .collect();
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{about}\n{}", aligned(&rows));
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
            "plain        http://127.0.0.1:9/plain/token  ",
            "  sandbox+secret/100%  ",
            "  learnosity-feedback-aide\n",
            "http://127.0.0.1:9/learn-link/user/oauth2/token/eu-west-2_SandboxAB",
        ] {
            assert!(text.contains(expected), "{expected:?} is missing in\n{text}");
        }
        assert!(habits("http://h").contains("\n  bom                 the reply begins with"));
    }

    /// The lines of the tables of the documentation, made from the tables of the code.
    fn documented() -> Vec<String> {
        let head = "| token endpoint | `client_id` | `client_secret` | `provider` |";
        let mut lines = vec![head.to_owned(), "|---|---|---|---|".to_owned()];
        for endpoint in SYSTEMS.iter().flat_map(|system| system.endpoints) {
            let client = endpoint.client;
            let preset = endpoint.preset.map(|name| format!("`{name}`")).unwrap_or_default();
            lines.push(format!(
                "| `{}` | `{}` | `{}` | {preset} |",
                endpoint.path, client.id, client.secret
            ));
        }
        lines.extend(["| system | what it is |".to_owned(), "|---|---|".to_owned()]);
        lines.extend(SYSTEMS.iter().map(|system| format!("| {} | {} |", system.name, system.is)));
        for (about, habits) in HABITS {
            lines.push(format!("| {about} | |"));
            lines.push("|---|---|".to_owned());
            lines.extend(
                habits.iter().map(|habit| format!("| `{}` | {} |", habit.name, habit.does)),
            );
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
