//! The whole daemon, as seen from outside: the built program on real directories and with real
//! signals, against the sandbox on loopback. Each file is a topic, and each test a promise.

mod fixture;
#[path = "../shared/left_out.rs"]
mod left_out;
#[path = "../shared/own_mounts.rs"]
mod own_mounts;
mod process;
#[path = "../shared/volume.rs"]
mod volume;
mod wait;

mod client_secret;
mod demo;
mod exclusive;
mod first_token;
mod for_each;
mod looking;
mod notify;
mod once;
mod one_writer;
mod outage;
mod pages;
mod process_one;
mod refresh;
mod reload_effect;
mod reload_noticed;
mod restart;
mod seal;
mod stop;
mod supervisor;
mod swapped;
mod texts;
mod waiting;
