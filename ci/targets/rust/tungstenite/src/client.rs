//! A testee on tungstenite: `tungstenite-client URL AGENT`.

use target_arguments::Testee;
use tungstenite::{Error, connect};

fn main() {
    let testee = Testee::from_arguments();
    let count = case_count(&format!("{}{}", testee.base, testee.case_count_path()))
        .expect("failed to count the cases");
    for case in 1..=count {
        let _ended = echo(&format!("{}{}", testee.base, testee.case_path(case)));
    }
    let _ended = echo(&format!("{}{}", testee.base, testee.reports_path()));
}

fn case_count(url: &str) -> Result<u32, Box<dyn std::error::Error>> {
    let (mut socket, _response) = connect(url)?;
    Ok(socket.read()?.to_text()?.parse()?)
}

fn echo(url: &str) -> Result<(), Error> {
    let (mut socket, _response) = connect(url)?;
    loop {
        let message = socket.read()?;
        if message.is_text() || message.is_binary() {
            socket.send(message)?;
        }
    }
}
