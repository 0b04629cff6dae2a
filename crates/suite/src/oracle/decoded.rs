//! What monitors look at: a transcript, decoded a second time with the naive decoder.

use crate::transcript::{EventKind, Transcript};
use wsgauntlet_wire::Role;
use wsgauntlet_wire::naive::{self, NaiveFrame};
use wsgauntlet_wire::opening::deflate_params::NAME;
use wsgauntlet_wire::opening::{DeflateParams, Extension, RequestHead, ResponseHead, extension};

/// One direction of a connection.
#[derive(Debug, Default)]
pub struct DecodedDirection {
    /// All octets, without the head.
    pub octets: Vec<u8>,
    /// For each event with octets: its index, and where its octets end.
    ends: Vec<(usize, usize)>,
    /// The octets of the opening head, with the empty line.
    pub head: Vec<u8>,
    /// The frames that the naive decoder reads.
    pub frames: Vec<NaiveFrame>,
}

/// When something came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The index of the event in the transcript.
    pub event: usize,
    /// How many octets of its direction there were by then; 0 where that is of no interest.
    pub end: usize,
}

impl From<usize> for Moment {
    fn from(event: usize) -> Moment {
        Moment { event, end: 0 }
    }
}

/// A transcript as monitors see it.
#[derive(Debug)]
pub struct DecodedTranscript<'a> {
    /// What was recorded.
    pub transcript: &'a Transcript,
    /// The role of the implementation under test.
    pub role: Role,
    /// What the target sent.
    pub received: DecodedDirection,
    /// What our peer sent.
    pub sent: DecodedDirection,
    /// The request, whoever sent it.
    pub request: Option<RequestHead>,
    /// The response, whoever sent it.
    pub response: Option<ResponseHead>,
    /// A 101 was sent: what follows are frames.
    pub switched: bool,
}

impl DecodedDirection {
    fn new<'t>(pieces: impl Iterator<Item = (usize, &'t Vec<u8>)>) -> DecodedDirection {
        let mut stream = DecodedDirection::default();
        for (index, piece) in pieces {
            stream.octets.extend_from_slice(piece);
            stream.ends.push((index, stream.octets.len()));
        }
        stream
    }

    /// The event whose octets reach `position`, an index into all octets of the direction.
    pub fn event_of(&self, position: usize) -> usize {
        let found = self.ends.iter().find(|(_, end)| *end > position);
        found.or(self.ends.last()).map_or(0, |(index, _)| *index)
    }

    /// When a frame was complete.
    pub fn moment_of(&self, frame: &NaiveFrame) -> Moment {
        let end = self.head.len() + frame.end;
        Moment { event: self.event_of(end.saturating_sub(1)), end }
    }
}

impl<'a> DecodedTranscript<'a> {
    /// Decodes both directions.
    pub fn new(transcript: &'a Transcript) -> DecodedTranscript<'a> {
        let judged = transcript.judged();
        let pieces = |wanted: fn(&EventKind) -> Option<&Vec<u8>>| {
            judged.iter().enumerate().filter_map(move |(index, event)| Some((index, wanted(&event.kind)?)))
        };
        let mut received = DecodedDirection::new(pieces(|kind| match kind {
            EventKind::Received(octets) => Some(octets),
            _ => None,
        }));
        let mut sent = DecodedDirection::new(pieces(|kind| match kind {
            EventKind::Sent(octets) => Some(octets),
            _ => None,
        }));
        let (from_client, from_server) = match transcript.role {
            Role::Server => (&mut sent, &mut received),
            Role::Client => (&mut received, &mut sent),
        };
        let request = RequestHead::parse(&from_client.octets).ok().flatten();
        let response = final_response(&from_server.octets);
        if let Some((_, len)) = &request {
            from_client.head = from_client.octets[..*len].to_vec();
        }
        if let Some((_, _, end)) = &response {
            from_server.head = from_server.octets[..*end].to_vec();
        }
        let overlooked = transcript.capabilities.overlooked;
        let switched = response.as_ref().is_some_and(|(head, _, _)| overlooked.switches(head));
        if switched {
            from_server.frames = naive::frames(&from_server.octets[from_server.head.len()..]);
            from_client.frames = naive::frames(&from_client.octets[from_client.head.len()..]);
        }
        DecodedTranscript {
            transcript,
            role: transcript.role,
            received,
            sent,
            request: request.map(|(head, _)| head),
            response: response.map(|(head, _, _)| head),
            switched,
        }
    }

    /// The head of the target, octet by octet; for a server its final response alone.
    pub fn target_head(&self) -> &[u8] {
        let start = match self.role {
            Role::Client => 0,
            Role::Server => final_response(&self.received.octets).map_or(0, |(_, start, _)| start),
        };
        &self.received.head[start.min(self.received.head.len())..]
    }

    /// Whether a server masked the frame, so that nothing tells what it meant by the payload: masked octets, or not.
    pub fn is_misread(&self, frame: &NaiveFrame) -> bool {
        self.role == Role::Server && frame.masked
    }

    /// The extensions of the fields of that name, where they can be read.
    pub fn extensions(values: &wsgauntlet_wire::opening::head::Fields) -> Vec<Extension> {
        values
            .values("Sec-WebSocket-Extensions")
            .filter_map(|value| extension::parse(value).ok())
            .flatten()
            .collect()
    }

    /// What both sides agreed to about permessage-deflate.
    pub fn deflate(&self) -> Option<DeflateParams> {
        let offered = self.request.as_ref().is_some_and(|head| {
            DecodedTranscript::extensions(&head.fields).iter().any(|extension| extension.name == NAME)
        });
        let response = self.response.as_ref().filter(|_| self.switched && offered)?;
        DeflateParams::agreed_in(&response.fields)
    }
}

/// The first response that is no interim one, where it starts and where it ends.
fn final_response(octets: &[u8]) -> Option<(ResponseHead, usize, usize)> {
    let mut start = 0;
    loop {
        let (head, len) = ResponseHead::parse(&octets[start..]).ok().flatten()?;
        if head.status == 101 || head.status >= 200 {
            return Some((head, start, start + len));
        }
        start += len;
    }
}
