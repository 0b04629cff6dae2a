//! The run against a client: it comes to our listener, and our peer plays the server. A client comes
//! again and again (each connection the next instance), is launched for each instance, runs the
//! loop of Autobahn's test clients, or is a browser that our page drives. `schedule` decides what is played when and knows no sockets, `pace` how long a
//! silent client is waited for, `slots` how many commands run at once, `handshake` takes connections, `route` tells what they want. Loops that are launched are `play_loop`'s. Start reading in `run`.

mod address;
mod agent;
mod application;
mod browser;
mod command;
mod ending;
mod handshake;
mod hasty;
mod loop_process;
mod looped;
mod numbers;
mod options;
mod outcome;
mod pace;
mod page_requests;
mod play;
mod play_loop;
mod probes;
mod questions;
mod route;
mod run;
mod schedule;
mod slots;
mod tasks;
mod watch;

pub use browser::Browser;
pub use handshake::Listener;
pub use options::{ClientError, ClientOptions, ClientSource};
pub use run::run_client;
