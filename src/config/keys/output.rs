//! The files in which consumers find the token, and who is told of them.

use super::{BOOL, DURATION, MODE, PATH, TEXT, kubernetes::KUBERNETES_SECRET};
use crate::config::shape::{Choice, Key, Kind, Names, PlainText, Section, Variant, Word};

pub(super) static OUTPUT: Choice = Choice {
    title: "output",
    doc: "What consumers read, mostly a file. A plain text after the variant's name is its path.",
    text: PlainText::Refused,
    secret: false,
    variants: &[
        Variant {
            name: "token_file",
            doc: "The token alone. A file of the same name with `.expires_at` at its end stands \
                  beside it.",
            short: Some(PATH),
            long: Some(&TOKEN_FILE),
        },
        Variant {
            name: "env_file",
            doc: "Lines of `NAME=value` for `EnvironmentFile=`, `sh` and `docker --env-file`.",
            short: None,
            long: Some(&ENV_FILE),
        },
        Variant {
            name: "json_file",
            doc: "One JSON object: the token, its type, its scope, its expiry, and the fields \
                  of `response.fields`.",
            short: Some(PATH),
            long: Some(&JSON_FILE),
        },
        Variant {
            name: "template_file",
            doc: "A text of your own with the token in it.",
            short: None,
            long: Some(&TEMPLATE_FILE),
        },
        Variant {
            name: "kubernetes_secret",
            doc: "A Secret in the cluster. The plain text is its name.",
            short: Some(TEXT),
            long: Some(&KUBERNETES_SECRET),
        },
    ],
};

const OUTPUT_PATH: Key =
    Key::required("path", PATH, "Relative to `output_directory`, of plain names only.");

const MODE_KEY: Key = Key::optional("mode", MODE, "Instead of the credential's `mode`.");
const OWNER_KEY: Key = Key::optional("owner", TEXT, "Instead of the credential's `owner`.");
const GROUP_KEY: Key = Key::optional("group", TEXT, "Instead of the credential's `group`.");

static TOKEN_FILE: Section = Section {
    title: "token_file",
    doc: "A file with the token alone.",
    keys: &[
        OUTPUT_PATH,
        Key::default("newline", BOOL, "false", "Whether a line break follows the token."),
        MODE_KEY,
        OWNER_KEY,
        GROUP_KEY,
    ],
};

static ENV_FILE: Section = Section {
    title: "env_file",
    doc: "A file of environment variables. It should hold `${expires_at}`; if no variable does, \
          a file with `.expires_at` at the end of its name stands beside it.",
    keys: &[
        OUTPUT_PATH,
        Key::required(
            "variables",
            Kind::Map(Names::Environment, &TEXT),
            "Names and values, which may hold `${access_token}`, `${token_type}`, `${scope}`, \
             `${expires_at}` (seconds since 1970), `${authorization}` and the names of \
             `response.fields`.",
        ),
        MODE_KEY,
        OWNER_KEY,
        GROUP_KEY,
    ],
};

static JSON_FILE: Section = Section {
    title: "json_file",
    doc: "A file with one JSON object.",
    keys: &[OUTPUT_PATH, MODE_KEY, OWNER_KEY, GROUP_KEY],
};

static TEMPLATE_FILE: Section = Section {
    title: "template_file",
    doc: "A file with a text of your own. A file of the same name with `.expires_at` at its end \
          stands beside it.",
    keys: &[
        OUTPUT_PATH,
        Key::required(
            "text",
            TEXT,
            "What is written. It may hold what the variables of an `env_file` may hold, such as \
             `Authorization: ${authorization}`.",
        ),
        MODE_KEY,
        OWNER_KEY,
        GROUP_KEY,
    ],
};

pub(super) static NOTIFICATION: Choice = Choice {
    title: "notification",
    doc: "Who is told after the files of a credential have changed.",
    text: PlainText::Refused,
    secret: false,
    variants: &[
        Variant {
            name: "signal",
            doc: "A process gets a signal.",
            short: None,
            long: Some(&SIGNAL),
        },
        Variant {
            name: "command",
            doc: "A program is run; no shell. It is told the credential's name, never the token.",
            short: Some(Kind::List(&TEXT)),
            long: Some(&COMMAND),
        },
        Variant {
            name: "systemd",
            doc: "A unit is reloaded or restarted. A polkit rule must allow it, see \
                  [host.md](host.md#a-unit-that-is-reloaded).",
            short: Some(TEXT),
            long: Some(&SYSTEMD),
        },
    ],
};

static SIGNAL: Section = Section {
    title: "signal",
    doc: "A signal to a process.",
    keys: &[
        Key::required("pid_file", PATH, "The file with the process id."),
        Key::default("signal", Kind::OneOf(&SIGNALS), "HUP", "The signal."),
    ],
};

static SIGNALS: [Word; 8] = [
    Word { name: "HUP", doc: "Read your files again, for most daemons." },
    Word { name: "USR1", doc: "What the program makes of it." },
    Word { name: "USR2", doc: "What the program makes of it." },
    Word { name: "WINCH", doc: "What the program makes of it." },
    Word { name: "CONT", doc: "Continue." },
    Word { name: "INT", doc: "Interrupt." },
    Word { name: "QUIT", doc: "Quit." },
    Word { name: "TERM", doc: "End, to be started again by its supervisor." },
];

static COMMAND: Section = Section {
    title: "command",
    doc: "A program to run.",
    keys: &[
        Key::required("argv", Kind::List(&TEXT), "The program and its arguments."),
        Key::default("timeout", DURATION, "30s", "The program is ended after this long."),
    ],
};

static SYSTEMD: Section = Section {
    title: "systemd",
    doc: "A unit of systemd, for which `systemctl` asks by the system bus.",
    keys: &[
        Key::required("unit", TEXT, "Its whole name, such as `app.service`."),
        Key::default(
            "action",
            Kind::OneOf(&ACTIONS),
            "try-reload-or-restart",
            "What is done, as a verb of `systemctl`.",
        ),
        Key::default("timeout", DURATION, "90s", "Nobody waits longer for the end of it."),
    ],
};

static ACTIONS: [Word; 3] = [
    Word {
        name: "try-reload-or-restart",
        doc: "Reload it, or restart it if it cannot reload; if it does not run, leave it.",
    },
    Word { name: "try-restart", doc: "Restart it; if it does not run, leave it." },
    Word { name: "restart", doc: "Restart it, or start it." },
];
