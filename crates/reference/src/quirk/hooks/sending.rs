//! What quirks do with what is sent.

use crate::behavior::{Sending, Strict};
use crate::event::Transmit;
use crate::quirk::catalogue::{DeflateNegotiation, DeflateSent, FrameSent, MessageSent, Whole};
use crate::quirk::faulty::Faulty;
use std::time::Duration;
use wsgauntlet_wire::deflate::{Compressor, Settings};
use wsgauntlet_wire::opening::DeflateParams;
use wsgauntlet_wire::{Frame, Opcode, Role, SplitMix64};

impl Sending for Faulty {
    fn sending_params(&mut self, agreed: Option<DeflateParams>) -> Option<DeflateParams> {
        let uses_declined = agreed.is_none() && self.has(DeflateNegotiation::UsesDeclined);
        if uses_declined { Some(DeflateParams::default()) } else { agreed }
    }

    fn compression(&mut self, role: Role, agreed: DeflateParams) -> Settings {
        let params = self.all().fold(agreed, |params, fault: DeflateSent| fault.params(params));
        let settings = Strict.compression(role, params);
        self.all().fold(settings, |settings, fault: DeflateSent| fault.settings(settings))
    }

    fn compress(&mut self, opcode: Opcode, payload: &[u8], compressor: &mut Compressor) -> Vec<Frame> {
        let before = self.compressed;
        self.compressed += 1;
        let mut faults = self.all::<DeflateSent>();
        match faults.find(|fault| fault.compresses_otherwise()) {
            Some(fault) => fault.message(opcode, payload, before, compressor),
            None => Strict.compress(opcode, payload, compressor),
        }
    }

    fn message_frames(&mut self, frames: Vec<Frame>) -> Vec<Frame> {
        let faults = self.all::<MessageSent>();
        self.sent.count += u64::from(frames.len() == 1);
        faults.fold(frames, |frames, fault| match &frames[..] {
            [frame] => fault.frames(frame.clone(), &mut self.sent),
            _ => frames,
        })
    }

    fn message_delay(&mut self) -> Duration {
        self.all().map(MessageSent::delay).max().unwrap_or_default()
    }

    fn picks_key_for_each_frame(&mut self) -> bool {
        !self.has(MessageSent::FragmentsOneKey)
    }

    fn control_frame(&mut self, frame: &mut Frame, deflate: bool) {
        if deflate {
            self.all().for_each(|fault: DeflateSent| fault.control(frame));
        }
    }

    fn encode(&mut self, mut frame: Frame, rng: &mut SplitMix64) -> Vec<u8> {
        let faults = self.all::<FrameSent>();
        self.frames.count += 1;
        for fault in faults.clone() {
            fault.distort(&mut frame, &self.frames, rng);
        }
        self.frames.last_key = frame.header.key;
        let mut octets = frame.to_octets();
        for fault in faults {
            fault.distort_octets(&frame, &mut octets);
        }
        octets
    }

    fn alters_output(&mut self) -> bool {
        self.all::<Whole>().next().is_some()
    }

    fn output(&mut self, transmit: Transmit) -> Vec<Transmit> {
        let faults = self.all::<Whole>();
        let memory = &mut self.whole;
        memory.writes += 1;
        faults.fold(vec![transmit], |transmits, fault| {
            transmits.into_iter().flat_map(|transmit| fault.outgoing(transmit, memory)).collect()
        })
    }
}
