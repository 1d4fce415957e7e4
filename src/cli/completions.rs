//! `tokenward completions` and `tokenward man`.

use clap::CommandFactory;

use super::print;
use crate::error::Exit;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// For which shell
    shell: clap_complete::Shell,
}

pub fn completions(arguments: &Arguments) -> Exit {
    let mut text = Vec::new();
    let mut command = super::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "tokenward", &mut text);
    print(&String::from_utf8_lossy(&text))
}

pub fn man() -> Exit {
    let mut page = Vec::new();
    match clap_mangen::Man::new(super::Arguments::command()).render(&mut page) {
        Ok(()) => print(&String::from_utf8_lossy(&page)),
        Err(error) => {
            eprintln!("tokenward: {error}");
            Exit::Software
        }
    }
}
