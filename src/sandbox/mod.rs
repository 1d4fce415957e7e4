//! An embedded authorization server, for the demo, the tests and offline trials.
