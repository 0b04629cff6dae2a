//! What a client does before its request: RFC 6455 §4.1 steps 1 to 5.

use crate::address::{Address, AddressError, Destination, Redirection};
use crate::behavior::{Behavior, Dialing};
use crate::config::Config;
use crate::destination::{parse_destination, redirected};
use crate::event::Transmit;
use crate::outbox::Outbox;
use crate::quirk::Faulty;
use crate::variant::Variant;

/// How many redirections the variant follows that follows them.
const REDIRECTS_FOLLOWED: usize = 5;

/// For clients that open sockets themselves.
impl Config {
    /// Where this client connects for a WebSocket URI.
    ///
    /// # Errors
    /// Why it opens no connection.
    pub fn destination(&self, url: &str) -> Result<Destination, AddressError> {
        parse_destination(url, &mut Faulty::new(self.quirks))
    }

    /// How many redirections this client follows.
    pub fn redirects_max(&self) -> usize {
        redirects_max(self, &mut Faulty::new(self.quirks))
    }

    /// Asks for `to` from now on, to which a request for `from` was redirected.
    pub fn follow(&mut self, from: &Destination, to: Destination) {
        let mut behavior = Faulty::new(self.quirks);
        follow(self, from, to, &mut behavior);
    }
}

/// What a client does with its address, if it has one, before its request: §4.1 steps 1 to 5. False: it opens no connection.
pub(super) fn dial(config: &mut Config, outbox: &mut Outbox, behavior: &mut impl Behavior) -> bool {
    let Some(address) = config.address.clone() else { return true };
    let destination = match parse_destination(&address.url, behavior) {
        Ok(destination) if destination.port == address.port => destination,
        // Our peer does not listen at another port, so it sees no connection.
        Ok(_) | Err(_) => {
            outbox.push(Transmit::GiveUp);
            return false;
        }
    };
    if destination.secure {
        outbox.push(Transmit::ClientHello(destination.server_name.clone()));
        // §4.1: "If this fails (e.g., the server's certificate could not be verified), then the client MUST _Fail the
        // WebSocket Connection_".
        if !behavior.trusts(address.certificate) {
            outbox.push(Transmit::GiveUp);
            return false;
        }
    }
    match &address.redirect {
        None => {
            config.host = destination.authority;
            config.target = destination.resource;
            true
        }
        Some(redirection) => redirect(config, outbox, &address, &destination, redirection, behavior),
    }
}

/// What a client does with a redirection. The request that it answers is not played.
fn redirect(
    config: &mut Config,
    outbox: &mut Outbox,
    address: &Address,
    from: &Destination,
    redirection: &Redirection,
    behavior: &mut impl Behavior,
) -> bool {
    let follows = redirection.times <= redirects_max(config, behavior);
    let url = redirected(from, &redirection.location).ok().filter(|_| follows);
    let to = url.and_then(|url| parse_destination(&url, behavior).ok());
    match to.filter(|to| [address.port, redirection.other_port].contains(&to.port)) {
        Some(to) => {
            if to.secure {
                outbox.push(Transmit::ClientHello(to.server_name.clone()));
            }
            follow(config, from, to, behavior);
            true
        }
        None => {
            outbox.push(Transmit::GiveUp);
            false
        }
    }
}

fn redirects_max(config: &Config, behavior: &mut impl Dialing) -> usize {
    match config.varies(Variant::RedirectsFollowed) {
        true => REDIRECTS_FOLLOWED,
        false => behavior.redirects_max(),
    }
}

fn follow(config: &mut Config, from: &Destination, to: Destination, behavior: &mut impl Dialing) {
    config.host = to.authority;
    config.target = to.resource;
    behavior.follow(config, from);
}
