//! The client's side of an HTTP/2 connection with one lane, RFC 9113 and RFC 8441. It does what any client does: it acknowledges
//! SETTINGS and PING, gives credit for what it read, and waits for credit. What a server may not send ends the lane; whether
//! that is a fault is for the judge.

mod flow;

use super::LaneEvent;
use super::heads::{self, Asked};
use flow::Windows;
use std::collections::VecDeque;
use wsgauntlet_wire::hpack::{Decoder, Encoder};
use wsgauntlet_wire::http2::{
    ErrorCode, FRAME_LEN_DEFAULT, FrameReader, FrameType, PREFACE, Padding, Payload, RawFrame, Setting,
    SettingId, WINDOW_DEFAULT, flags,
};
use wsgauntlet_wire::opening::RequestHead;

/// The stream of the lane: the first one of a client.
const STREAM: u32 = 1;

/// The window that our client gives a server, in octets, for the stream and for the connection.
const WINDOW: u32 = 1 << 20;

/// The most octets of a field block that are kept.
const BLOCK_LEN_MAX: usize = 1 << 20;

/// How far the lane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The server's SETTINGS decide whether an extended CONNECT may be sent.
    AwaitsSettings,
    /// The response is due.
    Requested,
    /// Octets of the lane go both ways, or a body follows an error.
    Answered,
    /// The server ended its direction, or the lane is broken.
    Over,
}

/// A field block that is not complete.
#[derive(Debug)]
struct Block {
    octets: Vec<u8>,
    ends_stream: bool,
    /// Blocks of other streams are read for the sake of the table.
    is_ours: bool,
}

/// The client's side of a connection. Call `start` once the transport is established, then `receive`, `write`, `end` and `reset`
/// in any order; after each call, `poll` until it gives `None`.
#[derive(Debug)]
pub struct Http2Client {
    scheme: &'static str,
    phase: Phase,
    reader: FrameReader,
    decoder: Decoder,
    encoder: Encoder,
    windows: Windows,
    block: Option<Block>,
    /// The request, until it may be sent.
    request: Option<RequestHead>,
    asked: Asked,
    /// Frames to be sent before anything of the lane.
    control: Vec<u8>,
    /// Writes of the lane that are not sent yet, or in part.
    writes: VecDeque<Vec<u8>>,
    /// Our direction is to end behind `writes`.
    ends: bool,
    has_ended: bool,
}

impl Http2Client {
    /// A connection before its preface. `secure`: it runs over TLS, so that the scheme is `https`.
    pub fn new(secure: bool) -> Http2Client {
        Http2Client {
            scheme: if secure { "https" } else { "http" },
            phase: Phase::AwaitsSettings,
            reader: FrameReader::default(),
            decoder: Decoder::default(),
            encoder: Encoder::default(),
            windows: Windows::default(),
            block: None,
            request: None,
            asked: Asked::default(),
            control: Vec::new(),
            writes: VecDeque::new(),
            ends: false,
            has_ended: false,
        }
    }

    /// The transport is established: sends the preface and our SETTINGS, RFC 9113 §3.4.
    pub fn start(&mut self) {
        self.control.extend_from_slice(PREFACE);
        let settings =
            [Setting::new(SettingId::ENABLE_PUSH, 0), Setting::new(SettingId::INITIAL_WINDOW_SIZE, WINDOW)];
        self.send(&Payload::Settings(settings.to_vec()), 0, 0);
        self.send(&Payload::WindowUpdate(WINDOW - WINDOW_DEFAULT), 0, 0);
    }

    /// Takes octets that the server sent, and gives what they mean for the lane.
    pub fn receive(&mut self, octets: &[u8]) -> Vec<LaneEvent> {
        let mut events = Vec::new();
        if self.phase == Phase::Over {
            return events;
        }
        self.reader.push(octets);
        while self.phase != Phase::Over {
            match self.reader.next_frame(FRAME_LEN_DEFAULT) {
                Ok(Some(frame)) => self.frame(&frame, &mut events),
                Ok(None) => break,
                Err(_) => self.fail(ErrorCode::FRAME_SIZE_ERROR, &mut events),
            }
        }
        events
    }

    /// The server ended the connection, in order or not. Gives what that means for a lane that is not over.
    pub fn receive_end(&mut self, in_order: bool) -> Option<LaneEvent> {
        let was = std::mem::replace(&mut self.phase, Phase::Over);
        (was != Phase::Over).then_some(if in_order { LaneEvent::End } else { LaneEvent::Reset })
    }

    /// Sends octets of the lane: first a whole opening head, then one or more DATA frames for each call.
    pub fn write(&mut self, octets: Vec<u8>) {
        if self.request.is_none() && self.asked_nothing() {
            if let Ok(Some((request, len))) = RequestHead::parse(&octets) {
                self.asked = Asked::new(&request);
                self.request = Some(request);
                self.ask();
                if len < octets.len() {
                    self.writes.push_back(octets[len..].to_vec());
                }
            }
            return;
        }
        self.writes.push_back(octets);
    }

    /// Ends our direction behind what is to be written: END_STREAM.
    pub fn end(&mut self) {
        self.ends = true;
    }

    /// Ends the lane at once. RFC 8441 §5: a reset of TCP is RST_STREAM with CANCEL.
    pub fn reset(&mut self) {
        self.writes.clear();
        if self.has_asked() {
            self.send(&Payload::RstStream(ErrorCode::CANCEL), STREAM, 0);
        }
        self.has_ended = true;
    }

    /// Whether octets of the lane wait for credit, or for the server's SETTINGS.
    pub fn is_blocked(&self) -> bool {
        self.request.is_some() || !self.writes.is_empty()
    }

    /// Octets to write to the connection, as one write.
    pub fn poll(&mut self) -> Option<Vec<u8>> {
        if !self.control.is_empty() {
            return Some(std::mem::take(&mut self.control));
        }
        if !self.has_asked() || self.has_ended {
            return None;
        }
        let Some(next) = self.writes.front_mut() else {
            let ends = self.ends && !std::mem::replace(&mut self.has_ended, self.ends);
            return ends.then(|| data(Vec::new(), flags::END_STREAM));
        };
        let room = self.windows.room(next.len());
        if room == 0 && !next.is_empty() {
            return None;
        }
        let piece: Vec<u8> = next.drain(..room).collect();
        if next.is_empty() {
            self.writes.pop_front();
        }
        self.windows.sent(piece.len());
        Some(data(piece, 0))
    }

    fn asked_nothing(&self) -> bool {
        self.phase == Phase::AwaitsSettings
    }

    fn has_asked(&self) -> bool {
        self.request.is_none() && self.phase != Phase::AwaitsSettings
    }

    /// Sends the request, if the server's SETTINGS allow it.
    fn ask(&mut self) {
        if self.windows.connect_allowed != Some(true) {
            return;
        }
        if let Some(request) = self.request.take() {
            let block = self.encoder.encode(&heads::connect(&request, self.scheme));
            self.send(
                &Payload::Headers { priority: None, block, padding: Padding(None) },
                STREAM,
                flags::END_HEADERS,
            );
            self.phase = Phase::Requested;
        }
    }

    fn frame(&mut self, frame: &RawFrame, events: &mut Vec<LaneEvent>) {
        let ends_stream = frame.header.has(flags::END_STREAM);
        let ends_block = frame.header.has(flags::END_HEADERS);
        let is_ours = frame.header.stream == STREAM;
        let starts = self.windows.connect_allowed.is_none();
        if starts && frame.header.kind != FrameType::SETTINGS {
            return self.fail(ErrorCode::PROTOCOL_ERROR, events);
        }
        match Payload::parse(frame) {
            Ok(Payload::Settings(settings)) => self.settings(&settings, events),
            Ok(Payload::Ping { ack: false, opaque }) => self.send(&Payload::Ping { ack: true, opaque }, 0, 0),
            Ok(Payload::WindowUpdate(octets)) if is_ours || frame.header.stream == 0 => {
                self.windows.credit(octets, is_ours);
            }
            Ok(Payload::Headers { block, .. }) => {
                self.block = Some(Block { octets: block, ends_stream, is_ours });
                self.block_grew(ends_block, events);
            }
            Ok(Payload::Continuation(more)) => {
                if let Some(block) = &mut self.block {
                    block.octets.extend_from_slice(&more);
                }
                self.block_grew(ends_block, events);
            }
            Ok(Payload::Data { data, .. }) => {
                self.give_credit(frame.header.len, is_ours && !ends_stream);
                if is_ours {
                    self.lane_octets(data, ends_stream, events);
                }
            }
            Ok(Payload::RstStream(_)) if is_ours => self.over(LaneEvent::Reset, events),
            Ok(Payload::PushPromise { .. }) => self.fail(ErrorCode::PROTOCOL_ERROR, events),
            Ok(
                Payload::SettingsAck
                | Payload::Ping { .. }
                | Payload::RstStream(_)
                | Payload::WindowUpdate(_)
                | Payload::Priority(_)
                // What follows it shows whether the lane goes on.
                | Payload::GoAway { .. }
                | Payload::Unknown(_),
            ) => {}
            Err(_) => self.fail(ErrorCode::FRAME_SIZE_ERROR, events),
        }
    }

    fn settings(&mut self, settings: &[Setting], events: &mut Vec<LaneEvent>) {
        self.windows.settings(settings);
        if let Some(size) = settings.iter().rev().find(|setting| setting.id == SettingId::HEADER_TABLE_SIZE) {
            self.encoder.resize((size.value as usize).min(wsgauntlet_wire::hpack::TABLE_SIZE_DEFAULT));
        }
        self.send(&Payload::SettingsAck, 0, 0);
        match self.windows.connect_allowed {
            Some(true) => self.ask(),
            // Nothing can be asked for.
            _ if self.phase == Phase::AwaitsSettings => self.over(LaneEvent::End, events),
            _ => {}
        }
    }

    fn block_grew(&mut self, is_whole: bool, events: &mut Vec<LaneEvent>) {
        let Some(block) = self.block.take() else { return self.fail(ErrorCode::PROTOCOL_ERROR, events) };
        if block.octets.len() > BLOCK_LEN_MAX {
            return self.fail(ErrorCode::ENHANCE_YOUR_CALM, events);
        }
        if !is_whole {
            self.block = Some(block);
            return;
        }
        let Ok(fields) = self.decoder.decode(&block.octets) else {
            return self.fail(ErrorCode::COMPRESSION_ERROR, events);
        };
        if !block.is_ours {
            return;
        }
        if self.phase == Phase::Requested {
            match heads::status(&fields) {
                // RFC 9110 §15.2: interim responses come before the one that counts.
                Some(100..200) => return,
                Some(status) => {
                    self.phase = Phase::Answered;
                    events.push(LaneEvent::Octets(heads::response(status, &fields, &self.asked)));
                }
                None => return self.over(LaneEvent::Reset, events),
            }
        }
        // Trailers end the stream, RFC 9113 §8.1.
        if block.ends_stream {
            self.over(LaneEvent::End, events);
        }
    }

    fn lane_octets(&mut self, data: Vec<u8>, ends_stream: bool, events: &mut Vec<LaneEvent>) {
        if self.phase != Phase::Answered {
            return self.fail(ErrorCode::PROTOCOL_ERROR, events);
        }
        if !data.is_empty() {
            events.push(LaneEvent::Octets(data));
        }
        if ends_stream {
            self.over(LaneEvent::End, events);
        }
    }

    /// Gives back the credit for a DATA frame, padding included, RFC 9113 §6.9.
    fn give_credit(&mut self, len: u32, for_stream: bool) {
        if len > 0 {
            self.send(&Payload::WindowUpdate(len), 0, 0);
            if for_stream {
                self.send(&Payload::WindowUpdate(len), STREAM, 0);
            }
        }
    }

    fn over(&mut self, event: LaneEvent, events: &mut Vec<LaneEvent>) {
        if event == LaneEvent::Reset {
            self.has_ended = true;
            self.writes.clear();
        }
        self.phase = Phase::Over;
        self.request = None;
        events.push(event);
    }

    /// The server broke a rule of the transport: the connection is of no use any more.
    fn fail(&mut self, code: ErrorCode, events: &mut Vec<LaneEvent>) {
        self.send(&Payload::GoAway { last: 0, code, debug: Vec::new() }, 0, 0);
        self.over(LaneEvent::Reset, events);
    }

    fn send(&mut self, payload: &Payload, stream: u32, more: u8) {
        payload.frame(stream, more).encode(&mut self.control);
    }
}

fn data(octets: Vec<u8>, more: u8) -> Vec<u8> {
    Payload::Data { data: octets, padding: Padding(None) }.frame(STREAM, more).to_octets()
}
