//! Tokenward keeps OAuth tokens fresh for other programs.
//!
//! ```text
//! config.yaml --> config --> plan ---- Changes ---+
//!                                                 v
//!   refresher: schedule (pure) says what is due; acquire, state, publish, notify do it
//!                                                 |
//!   every step emits one Event --------------> observe --> log | metrics | status
//! ```
//!
//! # The house
//!
//! | room | what may live there |
//! |---|---|
//! | [`config`] | the YAML shape, its positions and problems, and noticing that it changed |
//! | [`plan`] | cross-field truth: valid [`credential::Credential`]s, the catalogue, the difference of two plans |
//! | [`schedule`] | a pure state machine: when to act; no I/O, no clock |
//! | [`acquire`] | OAuth on the wire |
//! | [`login`] | log-ins with a person: the browser's way back, waiting, QR codes |
//! | [`state`] | what must survive a crash, and the single-writer lock |
//! | [`publish`] | bytes on disk for consumers |
//! | [`notify`] | telling consumers |
//! | [`observe`] | events as log lines, metrics, status and health |
//! | [`refresher`] | the only loop: performs what `schedule` decides |
//! | [`daemon`] | start, reload, drain |
//! | [`cli`] | the verbs |
//! | [`sandbox`] | an embedded authorization server, for the demo, the tests and offline trials |
//!
//! Values that pass between rooms: [`credential`], [`token`] and [`waiting`]. Leaves: [`atomic`],
//! [`clock`], [`cluster`], [`error`], [`secret`], [`source`]. Arrows go one way only;
//! `tests/layering.rs` enforces it, and `docs/architecture.md` says why.

pub mod acquire;
pub mod atomic;
pub mod cli;
pub mod clock;
pub mod cluster;
pub mod config;
pub mod credential;
pub mod daemon;
pub mod error;
pub mod login;
pub mod notify;
pub mod observe;
pub mod plan;
pub mod publish;
pub mod refresher;
pub mod sandbox;
pub mod schedule;
pub mod secret;
pub mod source;
pub mod state;
pub mod token;
pub mod waiting;
