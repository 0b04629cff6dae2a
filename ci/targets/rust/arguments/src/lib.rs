//! What every server and client of this workspace is told on its command line.

use std::fmt::Display;

/// `SERVER PORT`.
pub fn port() -> u16 {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok());
    port.unwrap_or_else(|| usage("PORT"))
}

/// `CLIENT URL AGENT`: a testee of a fuzzing server, which is asked for cases until there are no more.
pub struct Testee {
    /// Without a path, such as `ws://127.0.0.1:9001`.
    pub base: String,
    agent: String,
}

impl Testee {
    pub fn from_arguments() -> Self {
        let mut arguments = std::env::args().skip(1);
        let (Some(base), Some(agent)) = (arguments.next(), arguments.next()) else { usage("URL AGENT") };
        Self { base, agent }
    }

    /// `HOST:PORT` of the base.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("ws://")
    }

    /// Its one message is the number of cases.
    pub fn case_count_path(&self) -> &'static str {
        "/getCaseCount"
    }

    /// Whatever comes on this connection is echoed.
    pub fn case_path(&self, case: impl Display) -> String {
        format!("/runCase?case={case}&agent={}", self.agent)
    }

    /// The last connection.
    pub fn reports_path(&self) -> String {
        format!("/updateReports?agent={}", self.agent)
    }
}

fn usage(arguments: &str) -> ! {
    eprintln!("usage: {} {arguments}", std::env::args().next().unwrap_or_default());
    std::process::exit(2)
}
