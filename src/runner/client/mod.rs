//! The run against a client: it connects to our listener, and our peer plays the server. A client connects again and again (each
//! connection plays the next instance), is launched for each instance, runs the loop of Autobahn's test clients, or is a browser
//! that our page drives.
//!
//! `run` is the loop, `state` what it owns. `launches` launches commands, `arrivals` gives connections their purpose, which
//! `route` reads from their requests, `results` takes what was played. `questions` answers agents of Autobahn's loop,
//! `play_loop` launches such loops, `page_requests` answers our page. `schedule` decides what is played when and knows no
//! sockets, `pace` how long to wait for a client, `slots` how many commands run at once. Start reading in `run`.

mod address;
mod agent;
mod application;
mod arrivals;
mod browser;
mod clock;
mod command;
mod ending;
mod handshake;
mod hasty;
mod launches;
mod loop_process;
mod looped;
mod numbers;
mod options;
mod outcome;
mod pace;
mod page_requests;
mod pages;
mod play;
mod play_loop;
mod probes;
mod questions;
mod results;
mod route;
mod run;
mod schedule;
mod slots;
mod state;
mod tasks;
mod tickets;
mod watch;

pub use browser::Browser;
pub use handshake::Listener;
pub use options::{ClientError, ClientOptions, ClientSource};
pub use run::run_client;
