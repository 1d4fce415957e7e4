//! Cross-field truth: from a configuration to valid credentials.
