//! An endpoint that is wrong as a whole: in what it receives, in what it transmits, or in both.

use super::table::quirks;
use crate::behavior::receiving::Input;
use crate::event::Transmit;
use wsgauntlet_wire::{Frame, Opcode, Role};

quirks! {
    /// What an endpoint is in place of an endpoint.
    pub enum Whole {
        /// Says nothing after the opening handshake.
        Mute "mute" Both ["rfc6455/5.5.2/pong-in-response", "rfc6455/5.5.1/close-is-answered"],
        /// Reads nothing after the opening handshake, and pings now and then.
        Deaf "deaf" Both ["rfc6455/6.2/incoming-parsed-as-frames", "rfc6455/5.5.1/close-is-answered"],
        /// Sends back every octet as it came.
        EchoesOctets "echo-octets" Both ["rfc6455/6.2/incoming-parsed-as-frames", "rfc6455/5.1/server-does-not-mask"],
        /// Ends TCP as soon as the opening handshake is done.
        ClosesTcpAfterOpening "tcp-closed-after-opening" Both ["rfc6455/5.5.1/close-is-answered", "rfc6455/5.5.2/pong-in-response"],
        /// Ends TCP before it answers the opening handshake.
        ClosesTcpAtOnce "tcp-closed-at-once" Server ["rfc6455/4.2.2/valid-opening-accepted"],
        /// Closes with 1000 as soon as the opening handshake is done.
        ClosesAfterOpening "close-1000-after-opening" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Resets TCP as soon as the opening handshake is done.
        ResetsAfterOpening "reset-after-opening" Both ["rfc6455/7.1.1/tcp-closed-cleanly"],
        /// Resets TCP at the first octet after the opening handshake.
        ResetsOnOctet "reset-on-first-octet" Both ["rfc6455/7.1.1/tcp-closed-cleanly"],
        /// Ends TCP at the first octet after the opening handshake.
        ClosesTcpOnOctet "tcp-closed-on-first-octet" Both ["rfc6455/5.5.1/close-is-answered", "rfc6455/5.5.2/pong-in-response"],
        /// Closes with 1000 at the first octet after the opening handshake.
        ClosesOnOctet "close-1000-on-first-octet" Both ["rfc6455/5.5.2/pong-in-response"],
        /// Fails every connection with 1002 at the first octet.
        FailsOnOctet "fail-1002-on-first-octet" Both ["rfc6455/6.2/incoming-parsed-as-frames"],
        /// Falls silent after three frames.
        ThreeFramesOnly "mute-after-three-frames" Both ["rfc6455/5.5.2/pong-in-response", "rfc6455/5.5.1/close-is-answered"],
        /// Falls silent after one frame.
        OneFrameOnly "mute-after-one-frame" Both ["rfc6455/5.5.2/pong-in-response", "rfc6455/5.5.1/close-is-answered"],
        /// Ends TCP after three frames.
        ClosesTcpAfterThree "tcp-closed-after-three-frames" Both ["rfc6455/5.5.2/pong-in-response", "rfc6455/5.5.1/close-is-answered"],
        /// Loses every second thing that it sends.
        LosesEverySecond "lose-every-second-write" Both ["rfc6455/6.1/frames-transmitted"],
        /// Sends everything twice.
        SendsTwice "send-everything-twice" Both ["rfc6455/6.1/data-encapsulated-in-frames"],
        /// Sends garbage after the opening handshake.
        SendsGarbage "send-garbage" Both ["rfc6455/6.1/data-encapsulated-in-frames"],
        /// Answers everything with HTTP.
        SpeaksHttp "speak-http" Server ["rfc6455/6.1/data-encapsulated-in-frames"],
        /// Sends frames without payload without end, and never the last one.
        FloodsFragments "flood-fragments" Both ["rfc6455/6.1/last-frame-fin"],
        /// Sends an HTTP response before it ends TCP, as if the connection were a request.
        HttpAtTheEnd "http-response-before-tcp-ends" Server ["rfc6455/5.2/rsv-zero-when-sending", "rfc6455/6.1/data-encapsulated-in-frames"],
        /// Never sends the last octet of what it has to send.
        KeepsLastOctet "keep-last-octet" Both ["rfc6455/6.1/frames-transmitted"],
    }
}

/// How many frames a flood has at each call: enough to see, and bounded.
const FLOOD_COUNT: usize = 1000;

/// What an endpoint remembers of what it did.
#[derive(Debug, Default)]
pub(super) struct WholeMemory {
    /// How many transmissions, with the one that is made now.
    pub(super) writes: u64,
    /// How many segments, with the one that is read now.
    pub(super) segments: u64,
    kept: Vec<u8>,
    silent: bool,
}

impl Whole {
    /// What happens as soon as the opening handshake is done.
    pub(super) fn opened(self, role: Role) -> Vec<Transmit> {
        let encoded = |frame: Frame| {
            let frame = if role.masks() { frame.masked([0x6d, 0x61, 0x73, 0x6b]) } else { frame };
            frame.to_octets()
        };
        match self {
            Whole::ClosesTcpAfterOpening => vec![Transmit::CloseTcp],
            Whole::ResetsAfterOpening => vec![Transmit::ResetTcp],
            Whole::ClosesAfterOpening => vec![
                Transmit::Octets(encoded(Frame::new(Opcode::Close, &[0x03, 0xe8][..]))),
                Transmit::CloseTcp,
            ],
            Whole::Deaf => {
                vec![Transmit::Octets(encoded(Frame::new(Opcode::Ping, "anybody there?")))]
            }
            Whole::SendsGarbage => vec![Transmit::Octets(vec![0xff; 64])],
            Whole::FloodsFragments => {
                let first = encoded(Frame::new(Opcode::Binary, "").fin(false));
                let more = encoded(Frame::new(Opcode::Continuation, "").fin(false));
                vec![Transmit::Octets([first, more.repeat(FLOOD_COUNT)].concat())]
            }
            _ => Vec::new(),
        }
    }

    /// What is done with a segment in place of reading it.
    pub(super) fn incoming(self, octets: &[u8], role: Role, memory: &WholeMemory) -> Option<Input> {
        let close = |code: u16| {
            let frame = Frame::new(Opcode::Close, &code.to_be_bytes()[..]);
            let frame = if role.masks() { frame.masked([0x6d, 0x61, 0x73, 0x6b]) } else { frame };
            let first = memory.segments == 1;
            let send = || Input::Transmit(vec![Transmit::Octets(frame.to_octets()), Transmit::CloseTcp]);
            if first { send() } else { Input::Ignore }
        };
        Some(match self {
            Whole::EchoesOctets => Input::Transmit(vec![Transmit::Octets(octets.to_vec())]),
            Whole::Deaf
            | Whole::ClosesTcpAfterOpening
            | Whole::ClosesAfterOpening
            | Whole::ResetsAfterOpening
            | Whole::SendsGarbage => Input::Ignore,
            Whole::ResetsOnOctet => Input::Transmit(vec![Transmit::ResetTcp]),
            Whole::ClosesTcpOnOctet => Input::Transmit(vec![Transmit::CloseTcp]),
            Whole::ClosesOnOctet => close(1000),
            Whole::FailsOnOctet => close(1002),
            Whole::SpeaksHttp => {
                let response = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
                Input::Transmit(vec![Transmit::Octets(response.to_vec())])
            }
            Whole::ClosesTcpAtOnce
            | Whole::Mute
            | Whole::ThreeFramesOnly
            | Whole::OneFrameOnly
            | Whole::ClosesTcpAfterThree
            | Whole::LosesEverySecond
            | Whole::SendsTwice
            | Whole::FloodsFragments
            | Whole::HttpAtTheEnd
            | Whole::KeepsLastOctet => return None,
        })
    }

    /// What is transmitted in place of something after the opening handshake.
    pub(super) fn outgoing(self, transmit: Transmit, memory: &mut WholeMemory) -> Vec<Transmit> {
        if memory.silent {
            return Vec::new();
        }
        match (self, transmit) {
            (Whole::Mute, _) => Vec::new(),
            (Whole::OneFrameOnly, _) if memory.writes > 1 => Vec::new(),
            (Whole::ThreeFramesOnly, _) if memory.writes > 3 => Vec::new(),
            (Whole::ClosesTcpAfterThree, _) if memory.writes > 3 => {
                memory.silent = true;
                vec![Transmit::CloseTcp]
            }
            (Whole::LosesEverySecond, Transmit::Octets(_)) if memory.writes.is_multiple_of(2) => Vec::new(),
            (Whole::SendsTwice, Transmit::Octets(octets)) => {
                vec![Transmit::Octets(octets.repeat(2))]
            }
            (Whole::KeepsLastOctet, Transmit::Octets(octets)) => {
                memory.kept.extend(octets);
                let last = memory.kept.pop();
                let sent = std::mem::replace(&mut memory.kept, last.into_iter().collect());
                vec![Transmit::Octets(sent)]
            }
            (Whole::HttpAtTheEnd, Transmit::CloseTcp) => {
                let response = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                vec![Transmit::Octets(response.to_vec()), Transmit::CloseTcp]
            }
            (_, transmit) => vec![transmit],
        }
    }
}
