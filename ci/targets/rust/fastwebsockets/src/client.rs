//! A testee on fastwebsockets and hyper: `fastwebsockets-client URL AGENT`.

use std::error::Error;
use std::future::Future;

use fastwebsockets::{FragmentCollector, OpCode, handshake};
use http_body_util::Empty;
use hyper::Request;
use hyper::body::Bytes;
use hyper::header::{CONNECTION, HOST, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use target_arguments::Testee;
use tokio::net::TcpStream;

type Socket = FragmentCollector<TokioIo<Upgraded>>;

#[tokio::main]
async fn main() {
    let testee = Testee::from_arguments();
    let address = testee.address();
    let count = case_count(address, testee.case_count_path()).await.expect("failed to count the cases");
    for case in 1..=count {
        let _ended = echo(address, &testee.case_path(case)).await;
    }
    let _ended = echo(address, &testee.reports_path()).await;
}

async fn case_count(address: &str, path: &str) -> Result<u32, Box<dyn Error>> {
    let mut socket = connect(address, path).await?;
    let frame = socket.read_frame().await?;
    Ok(std::str::from_utf8(&frame.payload)?.parse()?)
}

async fn echo(address: &str, path: &str) -> Result<(), Box<dyn Error>> {
    let mut socket = connect(address, path).await?;
    loop {
        let frame = socket.read_frame().await?;
        match frame.opcode {
            OpCode::Close => return Ok(()),
            OpCode::Text | OpCode::Binary => socket.write_frame(frame).await?,
            OpCode::Continuation | OpCode::Ping | OpCode::Pong => {}
        }
    }
}

async fn connect(address: &str, path: &str) -> Result<Socket, Box<dyn Error>> {
    let stream = TcpStream::connect(address).await?;
    let request = Request::get(format!("http://{address}{path}"))
        .header(HOST, address)
        .header(UPGRADE, "websocket")
        .header(CONNECTION, "upgrade")
        .header("Sec-WebSocket-Key", handshake::generate_key())
        .header("Sec-WebSocket-Version", "13")
        .body(Empty::<Bytes>::new())?;
    let (socket, _response) = handshake::client(&Spawn, request, stream).await?;
    Ok(FragmentCollector::new(socket))
}

/// Lets hyper run its connections on tokio.
struct Spawn;

impl<F> hyper::rt::Executor<F> for Spawn
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        tokio::spawn(future);
    }
}
