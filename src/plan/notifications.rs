//! Who is told after the files have changed.

use std::str::FromStr;

use nix::sys::signal::Signal;

use super::{draft::Draft, source::command_line};
use crate::{
    config::{
        node::{Entry, Node},
        scalar::duration,
        shape::{Kind, Section},
    },
    credential::Notification,
};

/// The notifications of a credential.
pub fn notifications(draft: &mut Draft<'_>) -> Vec<Notification> {
    let items = draft.find(&["notify"]).map_or(&[][..], Node::items);
    let entries = items.iter().filter_map(|item| item.entries().first());
    entries.filter_map(|entry| notification(draft, entry)).collect()
}

fn notification(draft: &mut Draft<'_>, entry: &Entry) -> Option<Notification> {
    let section = long_form(&entry.key)?;
    let text = |name: &str| {
        entry.value.find(name).and_then(Node::text).or_else(|| section.default_of(name))
    };
    match &*entry.key {
        "signal" => Some(Notification::Signal {
            pid_file: draft.path(entry.value.find("pid_file")?)?,
            signal: Signal::from_str(&format!("SIG{}", text("signal")?)).ok()? as i32,
        }),
        "command" => {
            let argv = entry.value.find("argv").unwrap_or(&entry.value);
            Some(Notification::Command {
                argv: command_line(draft, argv)?,
                timeout: duration(text("timeout")?)?,
            })
        }
        _ => None,
    }
}

/// The keys of a notification's long form, which know its defaults.
fn long_form(name: &str) -> Option<&'static Section> {
    match crate::config::keys::CREDENTIAL.key("notify")?.kind {
        Kind::List(Kind::Choice(choice)) => choice.variant(name)?.long,
        _ => None,
    }
}
