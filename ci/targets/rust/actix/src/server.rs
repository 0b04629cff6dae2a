//! Echo server on actix-ws: `actix-server PORT`.

use std::io;

use actix_web::{App, HttpRequest, HttpServer, Responder, rt, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, Closed, ProtocolError, Session};
use futures_util::StreamExt;

#[actix_web::main]
async fn main() -> io::Result<()> {
    HttpServer::new(|| App::new().route("/", web::get().to(upgrade)))
        .bind(("127.0.0.1", target_arguments::port()))?
        .run()
        .await
}

async fn upgrade(request: HttpRequest, body: web::Payload) -> actix_web::Result<impl Responder> {
    let (response, session, stream) = actix_ws::handle(&request, body)?;
    rt::spawn(echo(session, stream.aggregate_continuations()));
    Ok(response)
}

/// The library leaves pongs and closing to the application.
async fn echo(mut session: Session, mut stream: AggregatedMessageStream) -> Result<(), Closed> {
    while let Some(message) = stream.next().await {
        match message {
            Ok(AggregatedMessage::Text(text)) => session.text(text).await?,
            Ok(AggregatedMessage::Binary(octets)) => session.binary(octets).await?,
            Ok(AggregatedMessage::Ping(payload)) => session.pong(&payload).await?,
            Ok(AggregatedMessage::Pong(_)) => {}
            Ok(AggregatedMessage::Close(reason)) => return session.close(reason).await,
            Err(error) => return session.close(Some(close_code(&error).into())).await,
        }
    }
    Ok(())
}

fn close_code(error: &ProtocolError) -> CloseCode {
    match error {
        ProtocolError::Io(cause) if cause.kind() == io::ErrorKind::InvalidData => CloseCode::Invalid,
        ProtocolError::Overflow => CloseCode::Size,
        _ => CloseCode::Protocol,
    }
}
