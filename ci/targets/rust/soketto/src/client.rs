//! A testee on soketto: `soketto-client URL AGENT`. permessage-deflate is off unless the extension is added.

use soketto::extension::deflate::Deflate;
use soketto::handshake::{Client, ServerResponse};
use soketto::{BoxedError, Data, Mode, Receiver, Sender, connection};
use target_arguments::Testee;
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

type Stream = Compat<TcpStream>;

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

async fn case_count(address: &str, path: &str) -> Result<u32, BoxedError> {
    let (_sender, mut receiver) = connect(address, path).await?;
    let mut text = Vec::new();
    receiver.receive_data(&mut text).await?;
    Ok(std::str::from_utf8(&text)?.parse()?)
}

async fn echo(address: &str, path: &str) -> Result<(), BoxedError> {
    let (mut sender, mut receiver) = connect(address, path).await?;
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

async fn connect(address: &str, path: &str) -> Result<(Sender<Stream>, Receiver<Stream>), BoxedError> {
    let stream = TcpStream::connect(address).await?.compat();
    let mut client = Client::new(stream, address, path);
    client.add_extension(Box::new(Deflate::new(Mode::Client)));
    match client.handshake().await? {
        ServerResponse::Accepted { .. } => Ok(client.into_builder().finish()),
        ServerResponse::Redirect { .. } | ServerResponse::Rejected { .. } => {
            Err("the handshake was refused".into())
        }
    }
}
