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
    credential::{Notification, UnitAction},
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
        "systemd" => {
            let node = entry.value.find("unit").unwrap_or(&entry.value);
            let action = text("action")?;
            Some(Notification::Systemd {
                unit: unit(draft, node)?,
                action: UnitAction::ALL.into_iter().find(|known| known.verb() == action)?,
                timeout: duration(text("timeout")?)?,
            })
        }
        _ => None,
    }
}

/// The name of a unit that systemd can restart. It is an argument of a program that takes options
/// and patterns as well, so nothing else may pass.
fn unit(draft: &mut Draft<'_>, node: &Node) -> Option<Box<str>> {
    let name = draft.fill(node)?;
    if is_unit(&name) {
        return Some(name.into());
    }
    draft.error(
        draft.place(node),
        "this is not the name of a unit that can be restarted",
        "write its whole name, such as `app.service`; of a template the instance, such as \
         `app@one.service`",
    );
    None
}

/// As in systemd.unit(5): at most 255 bytes, and the type at the end.
fn is_unit(name: &str) -> bool {
    let Some((prefix, kind)) = name.rsplit_once('.') else { return false };
    let plain = |c: char| c.is_ascii_alphanumeric() || ":_.-\\@".contains(c);
    let instance = prefix
        .split_once('@')
        .is_none_or(|(template, instance)| !template.is_empty() && !instance.is_empty());
    RESTARTED.contains(&kind)
        && name.len() <= 255
        && !prefix.is_empty()
        && !prefix.starts_with('-')
        && prefix.chars().all(plain)
        && instance
}

/// The types of units that can be restarted and have a use here.
const RESTARTED: [&str; 5] = ["path", "service", "socket", "target", "timer"];

/// The keys of a notification's long form, which know its defaults.
fn long_form(name: &str) -> Option<&'static Section> {
    match crate::config::keys::CREDENTIAL.key("notify")?.kind {
        Kind::List(Kind::Choice(choice)) => choice.variant(name)?.long,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_unit_is_whole_and_no_option_or_pattern() {
        let long = format!("{}.service", "a".repeat(248));
        for (name, expected) in [
            ("app.service", true),
            ("app@one.service", true),
            (r"a-b_c:d\x2de.f@g@h.timer", true),
            ("@.service", false),
            ("app@.service", false),
            ("@one.service", false),
            ("app", false),
            (".service", false),
            ("app.device", false),
            ("app.Service", false),
            ("-H.service", false),
            ("--host=a.service", false),
            ("app*.service", false),
            ("a/b.service", false),
            ("a b.service", false),
            ("\u{e4}pp.service", false),
            ("a\n.service", false),
            ("", false),
            (&*long, false),
            (&long[1..], true),
        ] {
            assert_eq!(is_unit(name), expected, "{name:?}");
        }
    }
}
