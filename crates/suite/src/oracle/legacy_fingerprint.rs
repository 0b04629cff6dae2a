//! The fingerprint of version 1: sixteen hexadecimal digits made of the words of a sentence. Baselines and stored runs of
//! older releases hold it, and it goes on matching in this release. Nothing else may use it.
//!
//! It has to stay what it was, so that this file keeps the words of then for all that is worded otherwise now.

use super::observed::{ApplicationEnd, DeflateBreach, FrameBreach, HeadBreach, Observed, PageBreach};
use super::place::{Place, StepKind};
use crate::requirement::RequirementId;
use crate::transcript::{Death, Died};
use wsgauntlet_wire::hash::fnv1a;

/// The fingerprint of version 1 of what was observed.
pub fn of_value(requirement: &RequirementId, place: Place, observed: &Observed) -> String {
    let sentence = words(place, observed);
    of_sentence(requirement, noticed(place), &sentence)
}

/// The sentence of then. What is not named here is worded as it was.
pub fn words(place: Place, observed: &Observed) -> String {
    match observed {
        Observed::Frame(breach) => frame_words(breach),
        Observed::Head(breach) => head_words(place, breach),
        Observed::Deflate(DeflateBreach::Answer { answer, offers }) => {
            format!("{answer} to {}", offers.join(", "))
        }
        Observed::Deflate(DeflateBreach::NotAgreed) => {
            "RSV1 set though the response names no permessage-deflate".to_owned()
        }
        Observed::Page(PageBreach::ReadyState { state, handler }) => {
            format!("readyState {state} in a handler of {handler}")
        }
        Observed::Statistic(statistic) => uncounted(&statistic.to_string().replace(" occurs ", " stands ")),
        Observed::Death { died, .. } => death_words(died),
        Observed::Application(ApplicationEnd::UnusualLine { exit, .. }) => {
            format!("{exit} after \"\", with which it does not end else")
        }
        Observed::Application(ApplicationEnd::UndeclaredStatus(exit)) => {
            format!("{exit}, which is not declared to be in order")
        }
        Observed::Application(ApplicationEnd::LoopSilent(silence)) => {
            format!("the loop does not go on within {} s", silence.as_secs_f32())
        }
        Observed::Memory { .. } => "the memory of the target grew beyond its bound".to_owned(),
        Observed::Sighting(_) | Observed::Deflate(_) | Observed::Page(_) | Observed::Application(_) => {
            observed.to_string()
        }
    }
}

fn frame_words(breach: &FrameBreach) -> String {
    match breach {
        FrameBreach::LengthForm { len, bits } => format!("{len} octets as a length of {bits} bits"),
        FrameBreach::InvalidText(text) => format!("a text message that is not: {text}"),
        FrameBreach::KeyTwice(key) => format!("the key {key:08x} twice in succession"),
        FrameBreach::KeysOfOneOctet { poor, all } => {
            format!("{poor} of {all} keys repeat one octet four times")
        }
        FrameBreach::KeysCount(step) => format!("each key is the one before it plus {step:#x}"),
        _ => breach.to_string(),
    }
}

fn head_words(place: Place, breach: &HeadBreach) -> String {
    match breach {
        // The sentence on a response named an absent field as an empty one.
        HeadBreach::Field { name, values }
            if place == Place::Monitor("response-head") && values.is_empty() =>
        {
            format!("{name}: ")
        }
        HeadBreach::Repeated { count, .. } => format!("{count} of them"),
        HeadBreach::Lines(lines) => format!("the lines {lines:?}"),
        HeadBreach::ExampleKey(value) => {
            format!("the nonce of an example in RFC 6455, Sec-WebSocket-Key: {value}")
        }
        _ => breach.to_string(),
    }
}

fn death_words(died: &Died) -> String {
    let death = match &died.death {
        Death::Crashed(line) => format!("a crash, as its stderr says: {line:?}"),
        Death::Hung => "the process lives, and answers nobody any more".to_owned(),
        Death::Spins => "the process keeps a processor busy while nobody asks anything of it".to_owned(),
        Death::Exited(_) | Death::Signal(_) => died.death.to_string(),
    };
    match &died.after[..] {
        [] => death,
        after => format!("{death}, if {:?} was played before in the same process", after.join(", ")),
    }
}

/// The fingerprint of version 1 of a sentence: the requirement, where it was noticed, and the sentence without its numbers
/// and quoted texts.
pub fn of_sentence(requirement: &RequirementId, noticed: &str, observed: &str) -> String {
    let text = format!("{requirement}\n{noticed}\n{}", abstracted(observed));
    format!("{:016x}", fnv1a(text.bytes()))
}

/// The name of a place in version 1.
fn noticed(place: Place) -> &'static str {
    match place {
        Place::Monitor(name) => name,
        Place::Step(kind) => match kind {
            StepKind::Open => "open",
            StepKind::Evidence => "evidence of life",
            StepKind::Barrier => "barrier",
            StepKind::ClosingHandshake => "closing handshake",
            StepKind::Message => "message",
            StepKind::Greeting => "greeting",
            StepKind::Tasks => "tasks",
            StepKind::Ping => "ping",
            StepKind::Pong => "pong",
            StepKind::CloseFrame => "close frame",
            StepKind::Close => "close",
            StepKind::Fail => "fail",
            StepKind::End => "end",
            StepKind::NoRequest => "no request",
            StepKind::Lingers => "lingers",
            StepKind::Unanswered => "unanswered",
            StepKind::Refused => "refused",
            StepKind::Response => "response",
            StepKind::Silence => "silence",
            StepKind::Nothing => "nothing",
            StepKind::Info => "info",
        },
    }
}

/// The observation without what a parameter changes: quoted texts, octets, and the number before
/// the word "octets". Status and close codes stay.
fn abstracted(observed: &str) -> String {
    // Whether unread octets turn an end into a reset is a race.
    let observed = observed.replace("a reset of the connection", "the end of the connection");
    let mut kept: Vec<&str> = Vec::new();
    for (index, part) in observed.split('"').enumerate() {
        if index % 2 == 0 {
            kept.extend(part.split_whitespace());
        }
    }
    let is_octet = |word: &&str| word.len() == 2 && word.bytes().all(|octet| octet.is_ascii_hexdigit());
    kept.retain(|word| !is_octet(word) && *word != "..");
    let mut out: Vec<&str> = Vec::new();
    for word in kept {
        if word.starts_with("octet")
            && out.last().is_some_and(|last| last.bytes().all(|o| o.is_ascii_digit()))
        {
            out.pop();
        }
        out.push(word);
    }
    out.join(" ")
}

/// An observation without its counts, positions and values, which are others in each run.
fn uncounted(observed: &str) -> String {
    let is_word =
        |word: &&str| word.trim_end_matches([',', ';']).bytes().all(|octet| octet.is_ascii_lowercase());
    observed.split_whitespace().filter(is_word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parameters of a case do not tell its failures apart, close codes do.
    #[test]
    fn fingerprints_tell_causes_apart() {
        let id: RequirementId = "rfc6455/5.1/server-closes-on-unmasked".parse().expect("an id");
        let print = |observed: &str| of_sentence(&id, "expect fail", observed);
        assert_eq!(
            print("text message of 126 octets \"xx..\""),
            print("text message of 65536 octets \"xx y\"")
        );
        assert_eq!(print("binary message of 5 octets 00 01 .."), print("binary message of 1 octets ff"));
        assert_ne!(print("text message of 5 octets"), print("binary message of 5 octets"));
        assert_eq!(
            print("a reset of the connection without a Close"),
            print("the end of the connection without a Close")
        );
        assert_ne!(print("Close (1002)"), print("Close (1000)"));
    }
}
