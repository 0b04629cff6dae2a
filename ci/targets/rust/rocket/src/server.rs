//! Echo server on Rocket: `rocket-server PORT`.

use rocket::{Config, build, get, launch, routes};
use rocket_ws::{Stream, WebSocket};

#[launch]
fn rocket() -> _ {
    let config = Config { port: target_arguments::port(), ..Config::release_default() };
    build().configure(config).mount("/", routes![echo])
}

#[get("/")]
fn echo(socket: WebSocket) -> Stream!['static] {
    Stream! { socket =>
        for await message in socket {
            let message = message?;
            if message.is_text() || message.is_binary() {
                yield message;
            }
        }
    }
}
