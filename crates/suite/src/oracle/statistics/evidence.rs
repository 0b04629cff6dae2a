//! What the transcripts of a run give to judge from.

use crate::oracle::decoded::DecodedTranscript;
use crate::transcript::Transcript;
use wsgauntlet_wire::Role;
use wsgauntlet_wire::opening::key;

/// What a run gives to judge from.
#[derive(Debug, Default)]
pub struct Evidence {
    /// One a connection.
    pub nonces: Vec<[u8; 16]>,
    /// The masking keys of each connection.
    pub keys: Vec<Vec<u32>>,
}

impl Evidence {
    /// Collects nonces and masking keys of all transcripts.
    pub fn new(transcripts: &[&Transcript]) -> Evidence {
        let mut evidence = Evidence::default();
        for transcript in transcripts.iter().filter(|transcript| transcript.role == Role::Client) {
            let decoded = DecodedTranscript::new(transcript);
            let nonce = decoded.request.as_ref().and_then(|head| head.fields.single("Sec-WebSocket-Key"));
            evidence.nonces.extend(nonce.and_then(key::nonce));
            let masked = decoded.received.frames.iter().filter(|frame| frame.masked);
            let keys: Vec<u32> = masked.map(|frame| u32::from_be_bytes(frame.key)).collect();
            if !keys.is_empty() {
                evidence.keys.push(keys);
            }
        }
        evidence
    }

    pub(super) fn all_keys(&self) -> Vec<u32> {
        self.keys.concat()
    }
}
