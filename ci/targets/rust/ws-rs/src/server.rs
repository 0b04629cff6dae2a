//! Echo server on the crate `ws`: `ws-rs-server PORT`. Unmaintained.

fn main() {
    let address = ("127.0.0.1", target_arguments::port());
    let echo = |sender: ws::Sender| move |message: ws::Message| sender.send(message);
    ws::listen(address, echo).expect("failed to listen");
}
