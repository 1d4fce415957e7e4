//! No two outputs in one place.

use std::{
    cmp::Ordering,
    collections::HashSet,
    fmt,
    path::{Path, PathBuf},
};

use crate::{
    config::{node::Span, problem::Problem},
    credential::{KubernetesSecret, Output},
};

/// Which credential writes what.
pub struct Claims {
    claims: Vec<Claim>,
}

/// Credentials that another's outputs are in the way of.
pub type Displaced = HashSet<Box<str>>;

struct Claim {
    place: Place,
    at: Span,
    credential: Box<str>,
}

/// What is written.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    File(PathBuf),
    Secret(Box<str>),
}

impl Place {
    fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Secret(_) => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Secret(label) => f.write_str(label),
        }
    }
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
        let claim = |path| Claim { place: Place::File(path), at, credential: credential.into() };
        self.claims.extend(output.files().map(claim));
    }

    /// Lays claim to a Secret.
    pub fn add_secret(&mut self, secret: &KubernetesSecret, credential: &str, at: Span) {
        let place = Place::Secret(secret.label());
        self.claims.push(Claim { place, at, credential: credential.into() });
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
        self.claims
            .sort_unstable_by(|a, b| a.place.cmp(&b.place).then_with(|| key(a).cmp(&key(b))));
        let mut displaced = Displaced::new();
        for pair in self.claims.windows(2) {
            if let [first, second] = pair
                && first.place == second.place
            {
                let message = format!("two outputs are written to `{}`", second.place);
                conflict((first, second), message, "it too", problems, &mut displaced);
            }
        }
        for claim in &self.claims {
            let mut folders = claim.place.path().into_iter().flat_map(Path::ancestors).skip(1);
            if let Some(file) = folders.find_map(|folder| self.find(folder)) {
                let message = format!("`{}` would be both a file and a folder", file.place);
                conflict((file, claim), message, "it as a file", problems, &mut displaced);
            }
        }
        displaced
    }

    fn find(&self, path: &Path) -> Option<&Claim> {
        // Files come first, and are sorted by their paths.
        let found = self.claims.binary_search_by(|claim| match &claim.place {
            Place::File(it) => it.as_path().cmp(path),
            Place::Secret(_) => Ordering::Greater,
        });
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
    let noun = if gives_way.place.path().is_some() { "path" } else { "name" };
    let problem = if !gives_way.is_of_value() {
        let mend = format!("choose another {}; `{}` writes {how}", noun, stays.credential);
        Problem::error(gives_way.at, message, mend)
    } else if stays.credential == gives_way.credential {
        // For each of its values in the same way, so it is said in the same words.
        let message = "the outputs of one token of this `for_each` stand in each other's way";
        Problem::error(gives_way.at, message, format!("choose another {noun}"))
    } else {
        displaced.insert(gives_way.credential.clone());
        let mend = format!("`{}` writes {how}; remove one of the two", stays.credential);
        let name = &gives_way.credential;
        Problem::warning(gives_way.at, format!("`{name}` is left out: {message}"), mend)
    };
    problems.push(problem.with_other(stays.at));
}
