//! Echo server on soketto: `soketto-server PORT`. permessage-deflate is off unless the extension is added.

use soketto::extension::deflate::Deflate;
use soketto::handshake::{Server, server::Response};
use soketto::{BoxedError, Data, Mode, connection};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::compat::TokioAsyncReadCompatExt;

#[tokio::main]
async fn main() {
    let listener = TcpListener::bind(("127.0.0.1", target_arguments::port())).await.expect("failed to bind");
    loop {
        let (stream, _) = listener.accept().await.expect("failed to accept");
        tokio::spawn(async move {
            if let Err(error) = echo(stream).await {
                eprintln!("{error}");
            }
        });
    }
}

async fn echo(stream: TcpStream) -> Result<(), BoxedError> {
    let mut server = Server::new(stream.compat());
    server.add_extension(Box::new(Deflate::new(Mode::Server)));
    let key = server.receive_request().await?.key();
    server.send_response(&Response::Accept { key, protocol: None }).await?;
    let (mut sender, mut receiver) = server.into_builder().finish();
    let mut message = Vec::new();
    loop {
        message.clear();
        match receiver.receive_data(&mut message).await {
            Ok(Data::Binary(_)) => sender.send_binary_mut(&mut message).await?,
            // The library leaves it to the application to validate text.
            Ok(Data::Text(_)) => sender.send_text(std::str::from_utf8(&message)?).await?,
            Err(connection::Error::Closed) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        sender.flush().await?;
    }
}
