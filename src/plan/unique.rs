//! No two outputs on one path.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use crate::{
    config::{node::Span, problem::Problem},
    credential::Output,
};

/// Which credential writes which file.
pub struct Claims {
    claims: Vec<Claim>,
}

/// Credentials that another's outputs are in the way of.
pub type Displaced = HashSet<Box<str>>;

struct Claim {
    path: PathBuf,
    at: Span,
    credential: Box<str>,
}

impl Claim {
    /// Of a `for_each`: only such names have this character.
    fn is_of_value(&self) -> bool {
        self.credential.contains('@')
    }
}

impl Claims {
    /// No claims yet, and room for those of so many credentials.
    pub fn of(credentials: usize) -> Self {
        // An output and its expiry, mostly.
        Self { claims: Vec::with_capacity(2 * credentials) }
    }

    /// Lays claim to the files of an output.
    pub fn add(&mut self, output: &Output, credential: &str, at: Span) {
        let claims = output.files().map(|path| Claim { path, at, credential: credential.into() });
        self.claims.extend(claims);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.claims.len()
    }

    /// Takes back all but the first `len`: their credential comes to nothing.
    pub fn truncate(&mut self, len: usize) {
        self.claims.truncate(len);
    }

    /// Finds files that are claimed twice, and files where another output needs a folder. That is
    /// an error; but if a value of a `for_each` brings it about, it costs only that value.
    pub fn check(mut self, problems: &mut Vec<Problem>) -> Displaced {
        let key = |claim: &Claim| (claim.at, claim.credential.clone());
        self.claims.sort_unstable_by(|a, b| a.path.cmp(&b.path).then_with(|| key(a).cmp(&key(b))));
        let mut displaced = Displaced::new();
        for pair in self.claims.windows(2) {
            if let [first, second] = pair
                && first.path == second.path
            {
                let message = format!("two outputs are written to `{}`", second.path.display());
                conflict((first, second), message, "it too", problems, &mut displaced);
            }
        }
        for claim in &self.claims {
            let mut folders = claim.path.ancestors().skip(1);
            if let Some(file) = folders.find_map(|folder| self.find(folder)) {
                let message =
                    format!("`{}` would be both a file and a folder", file.path.display());
                conflict((file, claim), message, "it as a file", problems, &mut displaced);
            }
        }
        displaced
    }

    fn find(&self, path: &Path) -> Option<&Claim> {
        let found = self.claims.binary_search_by(|claim| claim.path.as_path().cmp(path));
        found.ok().and_then(|index| self.claims.get(index))
    }
}

/// Two claims of which one must give way.
fn conflict(
    (first, second): (&Claim, &Claim),
    message: String,
    how: &str,
    problems: &mut Vec<Problem>,
    displaced: &mut Displaced,
) {
    let second_gives_way = second.is_of_value() || !first.is_of_value();
    let (stays, gives_way) = if second_gives_way { (first, second) } else { (second, first) };
    let problem = if !gives_way.is_of_value() {
        let mend = format!("choose another path; `{}` writes {how}", stays.credential);
        Problem::error(gives_way.at, message, mend)
    } else if stays.credential == gives_way.credential {
        // For each of its values in the same way, so it is said in the same words.
        let message = "the outputs of one token of this `for_each` stand in each other's way";
        Problem::error(gives_way.at, message, "choose another path")
    } else {
        displaced.insert(gives_way.credential.clone());
        let mend = format!("`{}` writes {how}; remove one of the two", stays.credential);
        let name = &gives_way.credential;
        Problem::warning(gives_way.at, format!("`{name}` is left out: {message}"), mend)
    };
    problems.push(problem.with_other(stays.at));
}
