//! Connections that clients open, each of which is given a purpose.

use super::browser::{self, PageRequest};
use super::handshake::{Accepted, Handshake};
use super::route::{Route, route};
use super::state::State;
use crate::runner::serve;
use tokio::sync::oneshot;
use wsgauntlet_wire::opening::RequestHead;

/// How many connections that cannot be given anything yet are kept.
const HELD_MAX: usize = 1024;

impl State<'_> {
    /// A client has connected.
    pub(super) fn take_accepted(&mut self, accepted: Accepted) {
        self.clock.begin();
        let handshake = match accepted {
            Accepted::Request(handshake) => *handshake,
            Accepted::Silent => return self.outcome.unused.silent += 1,
            Accepted::Incomplete => return self.outcome.unused.incomplete += 1,
            Accepted::TlsFailed(why) => return self.outcome.unused.tls_failed.push(why),
        };
        if let Some(watched) = &mut self.pages.watched {
            watched.heard();
        }
        let route = handshake.request.as_ref().map_or(Route::Next, route);
        // That a page lives does not say that it plays.
        if !(self.pages.drive && is_alive(&handshake)) {
            self.clock.heard();
        }
        match (route, self.launcher.is_some() || self.pages.drive) {
            (Route::Http, true) if self.pages.drive => self.page(handshake),
            (Route::Http, _) => {
                self.outcome.unused.http += 1;
                let body = b"This is wsgauntlet, which audits WebSocket clients: connect with one.\n";
                tokio::spawn(serve::answer(handshake.stream, "426 Upgrade Required", "text/plain", body));
            }
            (Route::Loop(question), true) if self.looping.looped.is_some() => {
                self.answer_loop(question, handshake)
            }
            (Route::Next | Route::Play(_), true) if self.looping.looped.is_some() => self.late(handshake),
            // It may open its connections itself, whatever address it is given.
            (Route::Loop(_), true) if self.launcher.is_some() && self.schedule.is_probing() => {
                self.becomes_loop();
            }
            (Route::Play(ticket), true) => match self.tickets.claim(ticket) {
                Some(launched) => self.hand_over(launched, handshake),
                None => self.late(handshake),
            },
            // A client that garbles its target: it can only be one of those that were launched.
            (Route::Next | Route::Loop(_), true) => match self.tickets.claim_any() {
                Some(launched) => self.hand_over(launched, handshake),
                None => self.late(handshake),
            },
            (Route::Loop(question), false) => self.answer(question, handshake),
            (Route::Next | Route::Play(_), false)
                if self.held.len() < HELD_MAX && !self.schedule.is_over() =>
            {
                self.held.push_back(handshake);
            }
            (Route::Next | Route::Play(_), false) => self.late(handshake),
        }
    }

    fn hand_over(&mut self, launched: oneshot::Sender<Handshake>, handshake: Handshake) {
        self.tickets.unconnected = 0;
        // The command may have given up waiting in this moment.
        let _ = launched.send(handshake);
    }

    /// A connection for which nothing is left to play.
    pub(super) fn late(&mut self, handshake: Handshake) {
        self.outcome.unused.late += 1;
        refuse(handshake);
    }
}

fn is_alive(handshake: &Handshake) -> bool {
    let asked = |head: &RequestHead| browser::page_request(&head.method, &head.target);
    handshake.request.as_ref().is_ok_and(|head| asked(head) == PageRequest::Alive)
}

/// Answers a connection for which nothing is left to play.
pub(super) fn refuse(handshake: Handshake) {
    tokio::spawn(serve::answer(
        handshake.stream,
        "503 Service Unavailable",
        "text/plain",
        b"Nothing is left to play.\n",
    ));
}
