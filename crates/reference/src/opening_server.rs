//! The opening handshake as the server, RFC 6455 §4.2: a request in, a response out. Strict, and
//! every path is served.

use super::behavior::{Opening, Strict};
use super::config::Config;
use super::deflate::negotiation;
use super::head_buffer::{HeadBuffer, HeadRead};
use super::heads;
use super::refusal::Refusal;
use super::request_checks::{self, CHECKS};
use super::variant::Variant;
use wsgauntlet_wire::opening::deflate_params::NAME;
use wsgauntlet_wire::opening::head::HeadDraft;
use wsgauntlet_wire::opening::key;
use wsgauntlet_wire::opening::token;
use wsgauntlet_wire::opening::{DeflateParams, RequestHead};

/// An opening that is accepted.
#[derive(Debug)]
pub struct Accepted {
    /// All octets of the response, with those of an interim one before it.
    pub response: Vec<u8>,
    /// The request target.
    pub target: String,
    /// The one that was selected, if any.
    pub subprotocol: Option<String>,
    /// What was agreed about permessage-deflate. None: it is not used.
    pub deflate: Option<DeflateParams>,
}

/// What became of the request.
#[derive(Debug)]
pub enum RequestOutcome {
    /// The head has not ended: `receive` wants more octets.
    Incomplete,
    /// The connection is open; octets behind the head are frames.
    Accepted(Accepted),
    /// The request does not open a connection.
    Refused {
        /// What is wrong with the request.
        refusal: Refusal,
        /// All octets of the response.
        response: Vec<u8>,
    },
}

/// Reads one request, as the strict server does.
#[derive(Debug, Default)]
pub struct ServerOpening {
    head: HeadBuffer,
    /// A complete head whose answer waits for another octet: a quirk.
    waiting: Option<Vec<u8>>,
}

impl ServerOpening {
    /// Takes octets up to the end of the request's head; those after it stay.
    pub fn receive(&mut self, config: &Config, octets: &mut &[u8]) -> RequestOutcome {
        self.receive_as(config, octets, &mut Strict)
    }

    pub(crate) fn receive_as(
        &mut self,
        config: &Config,
        octets: &mut &[u8],
        behavior: &mut impl Opening,
    ) -> RequestOutcome {
        if let Some(head) = self.waiting.take() {
            return decide(config, accept(config, &head, behavior), behavior);
        }
        let read = self.head.take(octets);
        let result = match &read {
            HeadRead::Incomplete if is_other_protocol(self.head.octets()) => Err(Refusal::NotHttp),
            HeadRead::Incomplete => return self.incomplete(config, behavior),
            HeadRead::TooLong if is_other_protocol(self.head.octets()) => Err(Refusal::NotHttp),
            HeadRead::TooLong => Err(Refusal::HeadTooLong),
            HeadRead::Complete(head) if is_other_protocol(head) => Err(Refusal::NotHttp),
            HeadRead::Complete(_) if self.head.skipped_empty_line() && !behavior.skips_empty_lines() => {
                Err(Refusal::Malformed)
            }
            HeadRead::Complete(head) if octets.is_empty() && !behavior.answers_at_end_of_head() => {
                self.waiting = Some(head.clone());
                return RequestOutcome::Incomplete;
            }
            HeadRead::Complete(head) => accept(config, head, behavior),
        };
        decide(config, result, behavior)
    }

    /// The peer ended its direction: a request that was begun is answered.
    pub(crate) fn receive_eof(&mut self, config: &Config, behavior: &mut impl Opening) -> RequestOutcome {
        if self.head.octets().is_empty() {
            RequestOutcome::Incomplete
        } else {
            decide(config, Err(Refusal::CutShort), behavior)
        }
    }

    /// The head goes on in a later read, which the strict server waits for.
    fn incomplete(&mut self, config: &Config, behavior: &mut impl Opening) -> RequestOutcome {
        let so_far = self.head.octets();
        if so_far.is_empty() {
            return RequestOutcome::Incomplete;
        }
        if !behavior.awaits_rest_of_head() {
            return decide(config, Err(Refusal::Malformed), behavior);
        }
        if behavior.answers_before_end_of_head()
            && so_far.ends_with(b"\n")
            && let Ok(accepted) = accept(config, &[so_far, b"\r\n"].concat(), behavior)
        {
            return RequestOutcome::Accepted(accepted);
        }
        RequestOutcome::Incomplete
    }
}

fn decide(config: &Config, result: Result<Accepted, Refusal>, behavior: &mut impl Opening) -> RequestOutcome {
    match result {
        Ok(accepted) => RequestOutcome::Accepted(accepted),
        Err(refusal) => {
            let mut draft = refusing(config, &refusal);
            heads::vary(config.variant, &mut draft);
            behavior.refusing_response(&mut draft, &refusal);
            let response = draft.to_octets();
            RequestOutcome::Refused { refusal, response }
        }
    }
}

/// Whether the first octet alone shows that this is no request: a client of another protocol gets an answer at once, since it
/// may never send the end of a head.
fn is_other_protocol(head: &[u8]) -> bool {
    let possible = |octet: &u8| token::is_token_octet(*octet) || *octet == b'\r';
    !head.first().is_none_or(possible)
}

/// §4.2.1 and §4.2.2: what the request has to hold, and the response that opens.
fn accept(config: &Config, octets: &[u8], behavior: &mut impl Opening) -> Result<Accepted, Refusal> {
    let head = request_checks::parse(&behavior.head(octets))?;
    // §4.2.1: "The client's opening handshake consists of the following parts. If the server, while reading the handshake,
    // finds that the client did not send a handshake that matches the description below [...] the server MUST stop processing
    // the client's handshake".
    for check in CHECKS {
        unless_overlooked(&head, check(&head), behavior)?;
    }
    let offered_subprotocols = unless_overlooked(&head, request_checks::subprotocols(&head), behavior)?;
    let offered = unless_overlooked(&head, request_checks::extensions(&head), behavior)?;
    if let Some(refusal) = behavior.refuses_request(&head, &offered) {
        return Err(refusal);
    }
    // §4.2.2 step 4: the subprotocol and the extensions that are used.
    let subprotocol = select(config, offered_subprotocols);
    let deflate =
        config.deflate.as_ref().and_then(|_| negotiation::accept(&offered, config.variant, behavior));
    let is_offered = offered.iter().any(|extension| extension.name == NAME);
    // §4.2.2 step 5: "the server MUST reply with a valid HTTP response".
    let mut draft = switching(&head, subprotocol.as_deref(), behavior.deflate_answer(is_offered, deflate));
    vary(config.variant, &mut draft);
    behavior.response(&mut draft, &head, octets, &offered);
    // RFC 9110 §7.8: "the server MUST send a 100 (Continue) response before sending a 101".
    let continues = request_checks::expects_continue(&head) && !config.varies(Variant::ContinueOmitted);
    let interim: &[u8] = match continues {
        true => b"HTTP/1.1 100 Continue\r\n\r\n",
        false => b"",
    };
    let response = behavior.responses(interim, &draft.to_octets());
    Ok(Accepted { response, target: head.target, subprotocol, deflate })
}

/// The request is refused, unless a quirk overlooks why; then the field has no effect.
fn unless_overlooked<T: Default>(
    head: &RequestHead,
    result: Result<T, Refusal>,
    behavior: &mut impl Opening,
) -> Result<T, Refusal> {
    result.or_else(|refusal| match behavior.overlooks_refusal(&refusal, head) {
        true => Ok(T::default()),
        false => Err(refusal),
    })
}

/// §4.2.2: one of the client's, in its order of preference.
fn select(config: &Config, mut offered: Vec<String>) -> Option<String> {
    match config.variant {
        Some(Variant::SubprotocolIgnored) => return None,
        Some(Variant::SubprotocolLast) => offered.reverse(),
        Some(_) | None => {}
    }
    offered.into_iter().find(|offered| config.subprotocols.contains(offered))
}

/// §4.2.2 step 5: the response that opens.
fn switching(head: &RequestHead, subprotocol: Option<&str>, element: Option<String>) -> HeadDraft {
    let key = head.fields.values(KEY).next().unwrap_or_default();
    let mut draft = HeadDraft::new("HTTP/1.1 101 Switching Protocols");
    draft
        .field("Upgrade", "websocket")
        .field("Connection", "Upgrade")
        .field("Sec-WebSocket-Accept", key::accept(key));
    if let Some(subprotocol) = subprotocol {
        draft.field(PROTOCOL, subprotocol);
    }
    if let Some(element) = element {
        draft.field(EXTENSIONS, element);
    }
    draft
}

fn vary(variant: Option<Variant>, draft: &mut HeadDraft) {
    heads::vary(variant, draft);
    match variant {
        Some(Variant::ReasonOther) => {
            draft.start_line = b"HTTP/1.1 101 Web Socket Protocol Handshake".to_vec();
        }
        Some(Variant::ReasonEmpty) => draft.start_line = b"HTTP/1.1 101 ".to_vec(),
        Some(_) | None => {}
    }
}

/// §4.2.1: "return an HTTP response with an appropriate error code (such as 400 Bad Request)".
fn refusing(config: &Config, refusal: &Refusal) -> HeadDraft {
    let (status, reason) = match config.variant {
        Some(Variant::RefusesWith400) => (400, "Bad Request"),
        Some(Variant::RefusesWith403) if !refusal.needs_400() => (403, "Forbidden"),
        Some(_) | None => refusal.status(),
    };
    let keeps = config.varies(Variant::RefusalKeepsConnection) && refusal.leaves_framing_sound();
    let mut draft = HeadDraft::new(format!("HTTP/1.1 {status} {reason}"));
    match status {
        // RFC 9110 §15.5.6: "The origin server MUST generate an Allow header field".
        405 => {
            draft.field("Allow", "GET");
        }
        // RFC 9110 §7.8: a 426 "MUST send an Upgrade header field".
        426 => {
            draft.field("Upgrade", "websocket");
        }
        _ => {}
    }
    match (status == 426, keeps) {
        (true, true) => draft.field("Connection", "Upgrade"),
        (true, false) => draft.field("Connection", "Upgrade, close"),
        (false, true) => draft.field("Connection", "keep-alive"),
        (false, false) => draft.field("Connection", "close"),
    };
    if status == 426 || refusal.is_about_version() {
        // §4.4: "containing all versions it is willing to use".
        draft.field(VERSION, "13");
    }
    let body = match config.varies(Variant::RefusesWithoutBody) {
        true => String::new(),
        false => format!("{refusal}\n"),
    };
    draft.field("Content-Type", "text/plain; charset=utf-8").field("Content-Length", body.len().to_string());
    draft.body = body.into_bytes();
    draft
}

const KEY: &str = "Sec-WebSocket-Key";
const VERSION: &str = "Sec-WebSocket-Version";
const PROTOCOL: &str = "Sec-WebSocket-Protocol";
const EXTENSIONS: &str = "Sec-WebSocket-Extensions";
