//! A testee on the crate `ws`: `ws-rs-client URL AGENT`. Unmaintained.

use std::cell::Cell;
use std::rc::Rc;

use target_arguments::Testee;
use ws::{Message, Sender, connect};

fn main() {
    let testee = Testee::from_arguments();
    let count = case_count(&format!("{}{}", testee.base, testee.case_count_path()))
        .expect("failed to count the cases");
    for case in 1..=count {
        let _ended = echo(&format!("{}{}", testee.base, testee.case_path(case)));
    }
    let _ended = echo(&format!("{}{}", testee.base, testee.reports_path()));
}

fn case_count(url: &str) -> ws::Result<u32> {
    let count = Rc::new(Cell::new(0));
    connect(url, |_sender: Sender| {
        let count = Rc::clone(&count);
        move |message: Message| {
            count.set(message.as_text()?.parse().unwrap_or(0));
            Ok(())
        }
    })?;
    Ok(count.get())
}

fn echo(url: &str) -> ws::Result<()> {
    connect(url, |sender: Sender| move |message: Message| sender.send(message))
}
