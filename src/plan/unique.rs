//! No two outputs on one path.

use std::path::{Path, PathBuf};

use crate::{
    config::{node::Span, problem::Problem},
    credential::Output,
};

/// What the name of a file ends in that stands beside an output and says when its token expires.
const EXPIRY_SUFFIX: &str = ".expires_at";

/// Which credential writes which file.
pub struct Claims {
    claims: Vec<Claim>,
}

struct Claim {
    path: PathBuf,
    at: Span,
    credential: Box<str>,
}

impl Claims {
    /// No claims yet, and room for those of so many credentials.
    pub fn of(credentials: usize) -> Self {
        // An output and its expiry, mostly.
        Self { claims: Vec::with_capacity(2 * credentials) }
    }

    /// Lays claim to the files of an output.
    pub fn add(&mut self, output: &Output, credential: &str, at: Span) {
        self.claim(output.path.to_path_buf(), credential, at);
        if !output.carries_expiry() {
            let mut beside = output.path.as_os_str().to_owned();
            beside.push(EXPIRY_SUFFIX);
            self.claim(beside.into(), credential, at);
        }
    }

    fn claim(&mut self, path: PathBuf, credential: &str, at: Span) {
        self.claims.push(Claim { path, at, credential: credential.into() });
    }

    /// Finds files that are claimed twice, and files where another output needs a folder.
    pub fn check(mut self, problems: &mut Vec<Problem>) {
        self.claims.sort_unstable_by(|a, b| (&a.path, a.at).cmp(&(&b.path, b.at)));
        for pair in self.claims.windows(2) {
            if let [first, second] = pair
                && first.path == second.path
            {
                let problem = Problem::error(
                    second.at,
                    format!("two outputs are written to `{}`", second.path.display()),
                    format!("choose another path; `{}` writes it too", first.credential),
                );
                problems.push(problem.with_other(first.at));
            }
        }
        for claim in &self.claims {
            let mut folders = claim.path.ancestors().skip(1);
            if let Some(file) = folders.find_map(|folder| self.find(folder)) {
                let problem = Problem::error(
                    claim.at,
                    format!("`{}` would be both a file and a folder", file.path.display()),
                    format!("choose another path; `{}` writes it as a file", file.credential),
                );
                problems.push(problem.with_other(file.at));
            }
        }
    }

    fn find(&self, path: &Path) -> Option<&Claim> {
        let found = self.claims.binary_search_by(|claim| claim.path.as_path().cmp(path));
        found.ok().and_then(|index| self.claims.get(index))
    }
}
