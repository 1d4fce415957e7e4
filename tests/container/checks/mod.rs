//! What must be seen of the image. One file for each concern.

pub mod change;
pub mod leave;
pub mod root;
pub mod rotation;
pub mod start;

/// A token file, where the application looks for it.
fn output(credential: &str) -> String {
    format!("outputs: [ {{ token_file: {credential}/token }} ]")
}

/// The same for a credential that is asked for again after a second, if there is a reason.
fn soon_again(credential: &str) -> String {
    format!("refresh: {{ min_interval: 1s }}\n    {}", output(credential))
}
