//! A problem as text: `file:line:column: message`, the line with a caret, and the mend.

use std::fmt::Write as _;

use super::{
    keys::CONFIGURATION,
    mask::{MASK, Stretch},
    node::Span,
    problem::{Problem, Severity},
    source::Source,
};

/// Longer lines are cut, so that one line of JSON does not fill a log.
const MAX_COLUMNS: usize = 160;

/// A source and its stretches, by the index of the source.
pub type Place<'a> = (&'a Source, &'a [Stretch]);

/// A problem as a person reads it. `place` finds a source.
pub fn render<'a>(problem: &Problem, place: impl Fn(Span) -> Option<Place<'a>>) -> String {
    let severity = match problem.severity {
        Severity::Error => "",
        Severity::Warning => "warning: ",
    };
    let message = &problem.message;
    let mut text = String::new();
    match problem.at.and_then(|at| Some((at, place(at)?))) {
        Some((at, (source, stretches))) => {
            let _ = writeln!(text, "{}: {severity}{message}", locate(source, at));
            let (start, line) = source.line(source.line_of(at.start));
            quote(&mut text, line, start, at, stretches);
        }
        None => {
            let _ = writeln!(text, "{severity}{message}");
        }
    }
    if let Some((at, (source, _))) = problem.other.and_then(|at| Some((at, place(at)?))) {
        let _ = writeln!(text, "  first: {}", locate(source, at));
    }
    let _ = write!(text, "  mend: {}", problem.mend);
    text.chars().map(|c| if c.is_control() && c != '\n' { '?' } else { c }).collect()
}

/// A problem as one line of a log.
pub fn line<'a>(problem: &Problem, place: impl Fn(Span) -> Option<Place<'a>>) -> String {
    let found = problem.at.and_then(|at| Some((at, place(at)?)));
    let at = found.map(|(at, (source, _))| format!("{}: ", locate(source, at)));
    let Problem { message, mend, .. } = problem;
    let text = format!("{}{message}; {mend}", at.unwrap_or_default());
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

/// `file:line:column`, both counted from 1, columns in characters.
fn locate(source: &Source, at: Span) -> String {
    let number = source.line_of(at.start);
    let (start, line) = source.line(number);
    let before = line.get(..(at.start - start) as usize).unwrap_or(line);
    format!("{}:{}:{}", source.path.display(), number + 1, before.chars().count() + 1)
}

/// The line and, below it, the caret.
fn quote(text: &mut String, line: &str, start: u32, at: Span, stretches: &[Stretch]) {
    let line = if stretches.is_empty() { key_only(line) } else { masked(line, start, stretches) };
    let caret = line.iter().take_while(|(offset, _)| start + *offset < at.start).count();
    // Of a long line, the part that has the caret.
    let from = if caret < MAX_COLUMNS { 0 } else { caret - MAX_COLUMNS / 2 };
    let shown: String = line.iter().skip(from).take(MAX_COLUMNS).map(|(_, c)| *c).collect();
    let shown = shown.replace('\t', " ");
    if shown.trim().is_empty() {
        return;
    }
    let before = if from > 0 { "..." } else { "" };
    let after = if line.len() > from + MAX_COLUMNS { "..." } else { "" };
    let _ = writeln!(text, "    {before}{}{after}", shown.trim_end());
    let column = before.len() + caret - from;
    let _ = writeln!(text, "    {:column$}^", "");
}

/// The characters of a line that may be shown, each with its offset in the line.
type Shown = Vec<(u32, char)>;

/// A line of a file that was parsed: keys and values by their stretches, punctuation as it is,
/// and no comment.
fn masked(line: &str, start: u32, stretches: &[Stretch]) -> Shown {
    let mut shown = Shown::new();
    let mut hidden = None;
    let first = stretches.partition_point(|stretch| stretch.end <= start);
    let mut ahead = stretches.get(first..).unwrap_or_default();
    for (offset, c) in line.char_indices() {
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        while ahead.first().is_some_and(|stretch| stretch.end <= start + offset) {
            ahead = ahead.get(1..).unwrap_or_default();
        }
        let within = ahead.first().filter(|stretch| stretch.start <= start + offset);
        match within {
            Some(stretch) if stretch.shown => shown.push((offset, c)),
            Some(stretch) if hidden == Some(stretch.start) => {}
            // The indentation of a further line of a hidden text, or of what follows it.
            Some(_) if c.is_whitespace() => shown.push((offset, c)),
            Some(stretch) => {
                hidden = Some(stretch.start);
                shown.extend(MASK.chars().map(|c| (offset, c)));
            }
            None if c == '#' => break,
            None if c.is_whitespace() || "-:,[]{}?|>".contains(c) => shown.push((offset, c)),
            None => {}
        }
    }
    shown
}

/// A line of a file that is not YAML: its key, if we know it, and nothing of its value.
fn key_only(line: &str) -> Shown {
    let body = line.trim_start_matches(|c: char| c.is_whitespace() || c == '-');
    let lead = line.len() - body.len();
    let key = body.split_once(':').map(|(key, _)| key).filter(|key| known(key));
    let end = lead + key.map_or(0, |key| key.len() + 1);
    let visible = line.get(..end).unwrap_or("");
    let rest = line.get(end..).unwrap_or("");
    let mask = match (key, rest.trim().is_empty()) {
        (_, true) => "",
        (Some(_), false) => " ***",
        (None, false) => MASK,
    };
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let visible = visible.char_indices().map(|(at, c)| (offset(at), c));
    visible.chain(mask.chars().map(|c| (offset(end), c))).collect()
}

/// Whether `key` is a key of the file or of a credential.
fn known(key: &str) -> bool {
    CONFIGURATION.key(key).is_some() || super::keys::CREDENTIAL.key(key).is_some()
}
