//! `tokenward schema`.

use super::print;
use crate::{config, error::Exit};

pub fn run() -> Exit {
    let schema = serde_json::to_string_pretty(&config::schema::schema()).unwrap_or_default();
    print(&(schema + "\n"))
}
