//! The run against a client: it comes to our listener, and our peer plays the server. A client comes
//! again and again (each connection the next instance), is launched for each instance, runs the
//! loop of Autobahn's test clients, or is a browser that our page drives. `schedule` decides what is played when and knows no sockets,
//! `arrive` takes connections, `route` tells what they want. Loops that are launched are `play_loop`'s. Start reading in `run`.

mod address;
mod agent;
mod arrive;
mod browser;
mod command;
mod ending;
mod hasty;
mod looped;
mod numbers;
mod options;
mod outcome;
mod pace;
mod page_requests;
mod play;
mod play_loop;
mod questions;
mod route;
mod run;
mod schedule;
mod slots;
mod tasks;
mod watch;

pub use arrive::Listener;
pub use browser::Browser;
pub use options::{ClientError, ClientOptions, Way};
pub use run::run_client;
