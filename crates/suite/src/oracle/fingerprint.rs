//! The fingerprint of a deviation: the same for deviations of one kind and cause, whatever the parameters of the case, the
//! words of the report and the step at which it was noticed. It is readable, since people read it in their baselines:
//! `v2 rfc6455/5.1/server-closes-on-unmasked fail answer`.
//!
//! It is made of ids and structural codes only. What `Display` prints cannot get into it: no value with a text comes here.

use super::place::{Place, StepKind};
use crate::matching::structure::{Detail, Structure};
use crate::requirement::RequirementId;

/// The first word of each fingerprint. It changes with the encoding.
pub const VERSION: &str = "v2";

/// `VERSION requirement place structure`, with one space between each two.
pub fn fingerprint(requirement: &RequirementId, place: Place, structure: &Structure) -> String {
    format!("{VERSION} {requirement} {} {}", group(place), settled(place, structure))
}

/// Whether a text is written as a fingerprint of this version.
pub fn is_fingerprint(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let is_word = |word: &&str| {
        !word.is_empty() && word.bytes().all(|o| o.is_ascii_alphanumeric() || b"-/.:,+_".contains(&o))
    };
    matches!(words.as_slice(), [VERSION, rest @ ..] if rest.len() == 3 && rest.iter().all(is_word))
}

/// The place as a fingerprint names it. An answer that does not come is missed by the first step that waits for one: which
/// one that is may differ from play to play.
fn group(place: Place) -> String {
    match place {
        Place::Step(
            StepKind::Message
            | StepKind::Greeting
            | StepKind::Tasks
            | StepKind::Ping
            | StepKind::Pong
            | StepKind::Barrier
            | StepKind::Evidence,
        ) => "reply".to_owned(),
        Place::Step(StepKind::Close | StepKind::CloseFrame | StepKind::ClosingHandshake) => {
            "closing".to_owned()
        }
        Place::Step(
            StepKind::Open
            | StepKind::Fail
            | StepKind::End
            | StepKind::NoRequest
            | StepKind::Lingers
            | StepKind::Unanswered
            | StepKind::Refused
            | StepKind::Response
            | StepKind::Silence
            | StepKind::Nothing
            | StepKind::Info,
        )
        | Place::Monitor(_) => place.to_string(),
    }
}

/// The structure without what depends on a race. Where a connection has to fail, one that goes on shows that by whatever it
/// sends first: the echo of the application, or the pong of the library below it. The other races are settled where
/// structures are made: an end and a reset are the same, and so are silence and silence after something else.
fn settled(place: Place, structure: &Structure) -> Structure {
    let fails = matches!(place, Place::Step(StepKind::Fail | StepKind::Refused));
    let answers = matches!(structure.kind, "message" | "pong");
    if fails && answers {
        return Structure { kind: "answer", detail: Detail::Nothing, marks: structure.marks.clone() };
    }
    structure.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::{Note, Sample, Sight, Sighting};
    use crate::oracle::observed::{
        ApplicationEnd, Beginning, DeflateBreach, FrameBreach, FrameFault, HeadBreach, Observed, PageBreach,
        Statistic, Values,
    };
    use crate::oracle::record::Exit;
    use crate::transcript::{Death, Died};
    use std::time::Duration;
    use wsgauntlet_wire::Opcode;
    use wsgauntlet_wire::deflate::{Fault, FaultKind};
    use wsgauntlet_wire::opening::HeadError;
    use wsgauntlet_wire::opening::key::KeyError;
    use wsgauntlet_wire::opening::strict::HeadViolation;

    const REPLY: Place = Place::Step(StepKind::Message);
    const FAIL: Place = Place::Step(StepKind::Fail);

    fn print(place: Place, observed: impl Into<Observed>) -> String {
        let id = "rfc6455/5.1/server-closes-on-unmasked".parse().expect("an id");
        fingerprint(&id, place, &observed.into().structure())
    }

    fn close(code: u16, reason: &str) -> Sight {
        Sight::Close([&code.to_be_bytes()[..], reason.as_bytes()].concat())
    }

    fn sample(shown: &str) -> Sample {
        Sample { len: shown.len(), shown: shown.to_owned() }
    }

    /// Values that hold a text, a length or a payload, with `text` and `number` in every place of one.
    fn with(text: &str, number: usize) -> Vec<Observed> {
        let own = || text.to_owned();
        let octets = || Beginning::of(text.as_bytes(), 4);
        let values = || vec![own()];
        let field = |name| HeadBreach::Field { name, values: values() };
        let sight = |sight: Sight| Observed::from(Sighting::from(sight));
        let noted = |note| Observed::from(Sighting::from(Sight::End).noting(note));
        let died = |death| Observed::Death { died: Died { death, after: values() }, exit_status: None };
        vec![
            sight(Sight::Response { status: 200, reason: own() }),
            sight(Sight::RequestFor(own())),
            sight(Sight::NotAHead(if number == 1 { HeadError::TooLong } else { HeadError::TooManyFields })),
            sight(Sight::Message { opcode: Opcode::Text, compressed: false, payload: sample(text) }),
            sight(Sight::Undecodable { opcode: Opcode::Binary, reason: own() }),
            sight(Sight::Ping(sample(text))),
            sight(Sight::Pong(sample(text))),
            sight(close(1002, text)),
            sight(Sight::Stray(Opcode::ReservedData(number as u8 + 3), number as u64)),
            sight(Sight::TooLong(Opcode::Binary, number as u64)),
            noted(Note::WrongAccept { given: own(), due: own() }),
            noted(Note::FieldMissing(own())),
            noted(Note::FieldDiffers { name: own(), values: values() }),
            noted(Note::Extensions(values())),
            FrameBreach::Frame(FrameFault::Masked, Opcode::Text, number as u64).into(),
            FrameBreach::LengthForm { len: number as u64, bits: 16 }.into(),
            FrameBreach::LengthTopBit(number as u64).into(),
            FrameBreach::InvalidText(octets()).into(),
            FrameBreach::KeyTwice(number as u32).into(),
            FrameBreach::KeysOfOneOctet { poor: number, all: number }.into(),
            FrameBreach::KeysCount(number as u32).into(),
            FrameBreach::ServerName(Some(own())).into(),
            HeadBreach::ResponseVersion(number as u8).into(),
            HeadBreach::RequestLine { method: own(), target: own(), minor_version: 0 }.into(),
            HeadBreach::RequestTarget(own()).into(),
            HeadBreach::StatusLine(own()).into(),
            field("Host").into(),
            HeadBreach::Fields(Box::new(field("Pragma")), Box::new(field("Cache-Control"))).into(),
            HeadBreach::Repeated { name: "Upgrade", count: number }.into(),
            HeadBreach::Value(own()).into(),
            HeadBreach::Lines(values()).into(),
            HeadBreach::Key { value: own(), error: KeyError::WrongLength(number) }.into(),
            HeadBreach::ExampleKey(own()).into(),
            HeadBreach::Early { len: number, octets: octets() }.into(),
            DeflateBreach::Params(own()).into(),
            DeflateBreach::Answer { answer: own(), offers: values() }.into(),
            DeflateBreach::UsersOfRsv1(values()).into(),
            DeflateBreach::Invalid(Fault { kind: FaultKind::CutShort, bit: number }, octets()).into(),
            DeflateBreach::InvalidText(octets()).into(),
            DeflateBreach::End(text.as_bytes().to_vec()).into(),
            DeflateBreach::Padding(number).into(),
            DeflateBreach::Distance { distance: number, bit: number }.into(),
            DeflateBreach::BeyondMessage(number).into(),
            PageBreach::Events(values()).into(),
            PageBreach::ReadyState { state: number as u8, handler: "open".to_owned() }.into(),
            PageBreach::Extensions(own()).into(),
            PageBreach::Protocol(own()).into(),
            PageBreach::Close { error: true, code: 1006, reason: own(), clean: false }.into(),
            Statistic::NonceRepeated { nonce: own(), times: number, connections: number }.into(),
            Statistic::Bit { bit: number, set: number, of: number, values: Values::Nonces }.into(),
            Statistic::KeysCount(number).into(),
            Statistic::Congruential(number).into(),
            Statistic::Linear { bit: number, keys: number, complexity: number }.into(),
            died(Death::Crashed(own())),
            died(Death::Hung),
            ApplicationEnd::UnusualLine { exit: Exit::Status(1), line: own() }.into(),
            ApplicationEnd::LoopSilent(Duration::from_secs(number as u64)).into(),
            Observed::Memory { peak_mib: number as u64 },
        ]
    }

    /// However a value is worded, and whatever texts, lengths and payloads it holds, its fingerprint is the same.
    #[test]
    fn sentences_do_not_move_fingerprints() {
        for (one, other) in with("a", 1).into_iter().zip(with("other words", 22)) {
            assert_ne!(one.to_string(), other.to_string(), "the sentences differ");
            for place in [REPLY, FAIL, Place::Monitor("masking")] {
                assert_eq!(print(place, one.clone()), print(place, other.clone()), "{one:?}");
            }
        }
    }

    /// Other kinds, codes and statuses are other fingerprints.
    #[test]
    fn structures_tell_fingerprints_apart() {
        let all: Vec<Observed> = with("a", 1);
        let distinct: std::collections::BTreeSet<String> =
            all.iter().map(|observed| print(REPLY, observed.clone())).collect();
        assert_eq!(distinct.len(), all.len());
        let sight = |sight: Sight| print(REPLY, Sighting::from(sight));
        assert_ne!(sight(close(1002, "")), sight(close(1000, "")));
        assert_ne!(sight(Sight::Close(Vec::new())), sight(Sight::Close(vec![3])));
        let response = |status| sight(Sight::Response { status, reason: String::new() });
        assert_ne!(response(400), response(426));
        let form = |violation| print(REPLY, HeadBreach::Form(vec![violation]));
        assert_ne!(form(HeadViolation::BareLf), form(HeadViolation::Folded));
        assert_ne!(print(REPLY, Sighting::SILENCE), print(FAIL, Sighting::SILENCE));
    }

    /// What two plays of one target may show in two ways is one deviation.
    #[test]
    fn races_are_settled() {
        let sight = |place, sight: Sight| print(place, Sighting::from(sight));
        assert_eq!(sight(REPLY, Sight::End), sight(REPLY, Sight::Reset));
        let after_ping = Sighting::from(Sight::Ping(sample("a"))).noting(Note::ThenSilence);
        assert_eq!(print(REPLY, after_ping), print(REPLY, Sighting::SILENCE));
        let echo = || Sight::Message { opcode: Opcode::Text, compressed: false, payload: sample("a") };
        assert_eq!(sight(FAIL, echo()), sight(FAIL, Sight::Pong(sample("a"))));
        assert_ne!(sight(REPLY, echo()), sight(REPLY, Sight::Pong(sample("a"))));
        // The step that missed an answer first.
        for kind in [StepKind::Barrier, StepKind::Evidence, StepKind::Pong] {
            assert_eq!(sight(Place::Step(kind), Sight::End), sight(REPLY, Sight::End), "{kind:?}");
        }
    }

    #[test]
    fn fingerprints_are_known_by_their_form() {
        assert_eq!(
            print(FAIL, Sighting::from(close(1000, "x"))),
            "v2 rfc6455/5.1/server-closes-on-unmasked fail close:1000"
        );
        for observed in with("a", 1) {
            assert!(is_fingerprint(&print(FAIL, observed)));
        }
        for no in
            ["", "v2", "v1 a b c", "v2 a b", "v2 a b c d", "v2  b c", "e9d4d59cf4a003cf", "v2 a b \"c\""]
        {
            assert!(!is_fingerprint(no), "{no}");
        }
    }
}
