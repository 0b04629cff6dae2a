//! Echo server on yawc behind hyper: `yawc-server PORT`. Compression is off by default, and so is the check of UTF-8.

use futures_util::{SinkExt, StreamExt};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use yawc::frame::OpCode;
use yawc::{Options, UpgradeFut, WebSocket};

#[tokio::main]
async fn main() {
    let listener = TcpListener::bind(("127.0.0.1", target_arguments::port())).await.expect("failed to bind");
    loop {
        let (stream, _) = listener.accept().await.expect("failed to accept");
        tokio::spawn(async move {
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer));
            if let Err(error) = connection.with_upgrades().await {
                eprintln!("{error}");
            }
        });
    }
}

async fn answer(request: Request<Incoming>) -> yawc::Result<Response<Empty<Bytes>>> {
    let options = Options::default().with_utf8().with_balanced_compression();
    let (response, upgraded) = WebSocket::upgrade_with_options(request, options)?;
    tokio::spawn(async move {
        if let Err(error) = echo(upgraded).await {
            eprintln!("{error}");
        }
    });
    Ok(response)
}

async fn echo(upgraded: UpgradeFut) -> yawc::Result<()> {
    let mut socket = upgraded.await?;
    while let Some(frame) = socket.next().await {
        if matches!(frame.opcode(), OpCode::Text | OpCode::Binary) {
            socket.send(frame).await?;
        }
    }
    Ok(())
}
