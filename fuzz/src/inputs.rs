//! What the structured targets read through `Unstructured`. Each input is `Chosen`, so that its value can also be written as
//! the octets that make it: see `wsgauntlet::wire::choices`, and `seeds`.

use arbitrary::{Arbitrary, Unstructured};
use wsgauntlet::case::head_edit::HeadEdit;
use wsgauntlet::wire::choices::{Choices, Chosen};
use wsgauntlet::wire::{Frame, generated};

/// The input that the octets make.
pub(crate) fn read<T: for<'a> Arbitrary<'a>>(octets: &[u8]) -> T {
    T::arbitrary(&mut Unstructured::new(octets)).expect("every row of octets makes a value")
}

/// Frames, and where their octets are cut in two: see `halves`.
#[derive(Clone, Debug, PartialEq)]
pub struct CutFrames {
    pub cut: u8,
    pub frames: Vec<Frame>,
}

impl CutFrames {
    /// What the targets that read octets take: the cut, then the octets of the frames.
    pub fn octets(&self) -> Vec<u8> {
        let mut octets = vec![self.cut];
        self.frames.iter().for_each(|frame| frame.encode(&mut octets));
        octets
    }
}

impl Chosen for CutFrames {
    fn simplest() -> Self {
        CutFrames { cut: 0, frames: Vec::new() }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.any(&mut self.cut);
        self.frames.choose(choices);
    }
}

/// The number of an instance, and what its target sends.
#[derive(Clone, Debug, PartialEq)]
pub struct PlayedFrames {
    pub instance: u8,
    pub sent: CutFrames,
}

impl Chosen for PlayedFrames {
    fn simplest() -> Self {
        PlayedFrames { instance: 0, sent: CutFrames::simplest() }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.any(&mut self.instance);
        self.sent.choose(choices);
    }
}

/// What is changed of a valid head, and where its octets are cut in two.
#[derive(Clone, Debug, PartialEq)]
pub struct CutHead {
    pub cut: u8,
    pub edit: HeadEdit,
}

impl Chosen for CutHead {
    fn simplest() -> Self {
        CutHead { cut: 0, edit: HeadEdit::default() }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        choices.any(&mut self.cut);
        self.edit.choose(choices);
    }
}

generated!(CutFrames, PlayedFrames, CutHead);
