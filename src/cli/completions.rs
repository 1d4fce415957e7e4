//! `tokenward completions` and `tokenward man`.

use clap::CommandFactory;

use super::print;
use crate::error::Exit;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// For which shell
    shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub struct Page {
    /// The page of this verb; without it, that of the program
    verb: Option<String>,
}

pub fn completions(arguments: &Arguments) -> Exit {
    let mut text = Vec::new();
    let mut command = super::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "tokenward", &mut text);
    print(&String::from_utf8_lossy(&text))
}

pub fn man(page: &Page) -> Exit {
    let mut command = super::Arguments::command().disable_help_subcommand(true);
    // A verb's page also has the options of every verb.
    command.build();
    if let Some(verb) = &page.verb {
        let Some(found) = command.find_subcommand(verb) else {
            eprintln!("tokenward: there is no verb {verb:?}; `tokenward --help` lists all");
            return Exit::Usage;
        };
        command = found.clone();
    }
    let mut text = Vec::new();
    match clap_mangen::Man::new(command).render(&mut text) {
        Ok(()) => print(&String::from_utf8_lossy(&text)),
        Err(error) => {
            eprintln!("tokenward: {error}");
            Exit::Software
        }
    }
}
