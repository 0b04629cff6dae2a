//! The run against a client: it comes to our listener, and our peer plays the server. A client comes
//! again and again (each connection the next instance), is launched for each instance, or runs the
//! loop of Autobahn's test clients. `schedule` decides what is played when and knows no sockets,
//! `arrive` takes connections, `route` tells what they want. Start reading in `run`.

mod agent;
mod arrive;
mod command;
mod options;
mod outcome;
mod play;
mod route;
mod run;
mod schedule;

pub use arrive::Listener;
pub use options::{ClientError, ClientOptions, Way};
pub use run::run_client;
