//! How the target has to take the opening that our peer sends, as the reference sees it, and where the RFC leaves it a choice.

use wsgauntlet_reference::opening_client::{ClientOpening, ResponseError, ResponseOutcome};
use wsgauntlet_reference::opening_server::{RequestOutcome, ServerOpening};
use wsgauntlet_reference::{Config, DeflateConfig, Refusal};
use wsgauntlet_suite::transcript::Asked;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::deflate_params::NAME;
use wsgauntlet_wire::opening::{DeflateOffer, Extension, RequestHead, extension, key, token};

/// How the target has to take our peer's opening head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The head is not complete.
    Incomplete,
    /// It opens the connection.
    Open,
    /// The RFC, or the policy of a server, lets it open or not.
    Either,
    /// It does not, by this requirement.
    Refused(&'static str),
}

/// Our peer's head as it goes out.
#[derive(Debug)]
pub(super) struct OwnHead {
    role: Role,
    octets: Vec<u8>,
    opening: ServerOpening,
    config: Config,
    /// What the client's request makes of our response.
    client: Option<(Config, ClientOpening)>,
    /// The host and target under which a server is known.
    asked: Option<Asked>,
    pub wanted: Wanted,
}

/// Fields that no server has a reason to refuse.
const PLAIN_FIELDS: &[&str] = &["host", "connection", "sec-websocket-key", "sec-websocket-version"];

/// A head of that many octets is taken everywhere.
const PLAIN_LEN_MAX: usize = 1024;

impl OwnHead {
    /// For a target in `role`.
    pub(super) fn new(role: Role, asked: Option<Asked>) -> OwnHead {
        let mut config = Config::new(Role::Server);
        config.deflate = Some(DeflateConfig::default());
        OwnHead {
            role,
            octets: Vec::new(),
            opening: ServerOpening::default(),
            config,
            client: None,
            asked,
            wanted: Wanted::Incomplete,
        }
    }

    /// The request of a client under test.
    pub(super) fn requested(&mut self, request: &RequestHead) {
        let mut config = Config::new(Role::Client);
        let key = request.fields.single("Sec-WebSocket-Key");
        let Some(nonce) = key.and_then(key::nonce) else { return };
        let lines: Vec<&[u8]> = request.fields.values("Sec-WebSocket-Extensions").collect();
        let offered = extension::parse(&lines.join(&b", "[..])).unwrap_or_default();
        let offers: Vec<DeflateOffer> = offered
            .iter()
            .filter(|extension| extension.name == NAME)
            .filter_map(|extension| DeflateOffer::parse(extension).ok())
            .collect();
        config.deflate = (!offers.is_empty()).then_some(DeflateConfig { offers });
        for line in request.fields.values("Sec-WebSocket-Protocol") {
            let names = token::list(line).map(|name| String::from_utf8_lossy(name).into_owned());
            config.subprotocols.extend(names);
        }
        // Bits behind the last octet of a key are lost on the way through the nonce.
        if key.is_none_or(|key| key != key::encode(nonce).as_bytes()) {
            return;
        }
        let (_request, opening) = ClientOpening::new(&config, nonce);
        self.client = Some((config, opening));
    }

    /// Takes octets of the head; those behind it stay.
    pub(super) fn push(&mut self, octets: &mut &[u8]) {
        let before = *octets;
        match self.role {
            Role::Server => {
                let outcome = self.opening.receive(&self.config, octets);
                self.octets.extend_from_slice(&before[..before.len() - octets.len()]);
                self.wanted = match outcome {
                    RequestOutcome::Incomplete => Wanted::Incomplete,
                    RequestOutcome::Accepted(_) => plainness(&self.octets, self.asked.as_ref()),
                    RequestOutcome::Refused { refusal, .. } => refused(&refusal, &self.octets),
                };
            }
            Role::Client => {
                let Some((config, awaited)) = &mut self.client else {
                    // How to answer a request without a key, no RFC says.
                    self.wanted = Wanted::Either;
                    *octets = &[];
                    return;
                };
                self.wanted = match awaited.receive(config, octets) {
                    ResponseOutcome::Incomplete => Wanted::Incomplete,
                    ResponseOutcome::Opened(_) => Wanted::Open,
                    ResponseOutcome::Failed(error) => failed(&error),
                };
                self.octets.extend_from_slice(&before[..before.len() - octets.len()]);
            }
        }
    }
}

/// Whether a request that the reference accepts is one that every server accepts. `asked`: the host and target under which
/// the server is known.
fn plainness(octets: &[u8], asked: Option<&Asked>) -> Wanted {
    let Ok(Some((head, _))) = RequestHead::parse(octets) else { return Wanted::Either };
    // A server decides whom it serves, and what: §4.2.2, step 4.
    let addressed = asked.is_some_and(|asked| {
        Some(&head.target) == asked.target.as_ref()
            && head.fields.single("Host") == Some(asked.host.as_bytes())
    });
    let plain = addressed
        && octets.len() <= PLAIN_LEN_MAX
        && octets.starts_with(b"GET ")
        && head.fields.0.iter().all(|field| is_plain(&field.name, &field.value))
        && head.fields.count("Sec-WebSocket-Version") == 1
        // A list that names websocket twice is taken or refused.
        && head.fields.count("Upgrade") == 1
        && !octets.windows(2).any(|pair| pair[1] == b'\n' && pair[0] != b'\r');
    if plain { Wanted::Open } else { Wanted::Either }
}

/// Whether no server has a reason to refuse the field.
fn is_plain(name: &str, value: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let printable = value.iter().all(|octet| (0x20..0x7f).contains(octet));
    match name.as_str() {
        "upgrade" => value.trim_ascii().eq_ignore_ascii_case(b"websocket"),
        "sec-websocket-extensions" => printable && are_plain_offers(value),
        name => printable && (name.starts_with("x-") || PLAIN_FIELDS.contains(&name)),
    }
}

/// Offers in the usual spelling, each of which is accepted or declined. One that is defective can be refused as well, and so
/// can spaces that only RFC 2616 has, or elements without anything in them.
fn are_plain_offers(line: &[u8]) -> bool {
    let odd = [&b" ;"[..], b" =", b"= ", b" ,", b",,", b"\""];
    let usual = !odd.iter().any(|odd| memchr::memmem::find(line, odd).is_some())
        && !line.starts_with(b",")
        && !line.ends_with(b",");
    let offered = extension::parse(line).unwrap_or_default();
    let fine = |offer: &Extension| offer.name != NAME || DeflateOffer::parse(offer).is_ok();
    usual && !offered.is_empty() && offered.iter().all(fine)
}

/// Only what RFC 6455 names is held against a server that accepts it all the same.
fn refused(refusal: &Refusal, octets: &[u8]) -> Wanted {
    match refusal {
        Refusal::Http10 | Refusal::Method => Wanted::Refused("rfc6455/4.2.1/get-request-required"),
        Refusal::Host if has_empty_host(octets) => Wanted::Either,
        Refusal::Host => Wanted::Refused("rfc6455/4.2.1/host-required"),
        Refusal::Upgrade => Wanted::Refused("rfc6455/4.2.1/upgrade-required"),
        Refusal::Connection => Wanted::Refused("rfc6455/4.2.1/connection-upgrade-required"),
        // A server may speak a draft, too.
        Refusal::Version if names_draft(octets) => Wanted::Either,
        Refusal::Version | Refusal::VersionRepeated => Wanted::Refused("rfc6455/4.2.1/version-13-required"),
        Refusal::KeyAbsent | Refusal::KeyRepeated | Refusal::Key(_) => {
            Wanted::Refused("rfc6455/4.2.1/key-required-16-octets")
        }
        Refusal::NotHttp
        | Refusal::CutShort
        | Refusal::HeadTooLong
        | Refusal::TooManyFields
        | Refusal::Grammar(_)
        | Refusal::Malformed
        | Refusal::HttpVersion
        | Refusal::Target
        | Refusal::Body
        | Refusal::Expectation
        | Refusal::Subprotocols
        | Refusal::SubprotocolRepeated
        | Refusal::Extensions(_) => Wanted::Either,
    }
}

fn has_empty_host(octets: &[u8]) -> bool {
    let Ok(Some((head, _))) = RequestHead::parse(octets) else { return true };
    head.fields.single("Host").is_some_and(|host| host.trim_ascii().is_empty())
}

/// Whether the version is that of a draft.
fn names_draft(octets: &[u8]) -> bool {
    let Ok(Some((head, _))) = RequestHead::parse(octets) else { return true };
    let version = head.fields.single("Sec-WebSocket-Version");
    let version = version.and_then(|version| std::str::from_utf8(version).ok()?.trim().parse::<u16>().ok());
    version.is_some_and(|version| version < 13)
}

/// §4.1: "The client MUST validate the server's response as follows".
fn failed(error: &ResponseError) -> Wanted {
    match error {
        // §4.1: another status is handled "per HTTP", which may be another request.
        ResponseError::Status(300..=399 | 401 | 407 | 503) => Wanted::Either,
        ResponseError::Status(_) => Wanted::Refused("rfc6455/4.1/status-other-than-101"),
        ResponseError::Upgrade => Wanted::Refused("rfc6455/4.1/response-upgrade-checked"),
        ResponseError::Connection => Wanted::Refused("rfc6455/4.1/response-connection-checked"),
        ResponseError::AcceptAbsent | ResponseError::Accept => {
            Wanted::Refused("rfc6455/4.1/accept-key-checked")
        }
        ResponseError::ExtensionNotOffered(_) => Wanted::Refused("rfc6455/4.1/unrequested-extension-fails"),
        ResponseError::SubprotocolNotOffered(_) | ResponseError::SubprotocolRepeated => {
            Wanted::Refused("rfc6455/4.1/unrequested-subprotocol-fails")
        }
        ResponseError::Deflate(_) | ResponseError::DeflateTwice => {
            Wanted::Refused("rfc6455/4.1/nonconforming-response-fails")
        }
        ResponseError::CutShort
        | ResponseError::NotHttp(_)
        | ResponseError::Grammar(_)
        | ResponseError::Http10
        | ResponseError::AcceptRepeated
        | ResponseError::Extensions(_) => Wanted::Either,
    }
}
