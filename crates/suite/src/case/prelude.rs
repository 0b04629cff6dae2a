//! What a server that is no echo says and hears before anything else: the greeting of a protocol on top of WebSocket,
//! such as engine.io's. It is played after each opening, so that the rest of a script meets a server that is ready.

use super::expectation::{Expectation, Outcome};
use super::model::{Instance, LazyScript};
use super::payload::Payload;
use super::script::{FrameSpec, Piece, Script, Step, Write};
use std::str::FromStr;
use std::sync::Arc;
use wsgauntlet_wire::Opcode;

/// One line of a prelude, from our peer's point of view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prelude {
    /// `hear:TEXT`: the target sends a text message that begins like this.
    Hear(String),
    /// `say:TEXT`: our peer sends this text message.
    Say(String),
}

/// A line of a prelude that cannot be read: the line itself.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line of a prelude is hear:TEXT or say:TEXT, not {0:?}")]
pub struct PreludeError(String);

impl FromStr for Prelude {
    type Err = PreludeError;

    fn from_str(text: &str) -> Result<Prelude, PreludeError> {
        match text.split_once(':') {
            Some(("hear", begins)) => Ok(Prelude::Hear(begins.to_owned())),
            Some(("say", message)) => Ok(Prelude::Say(message.to_owned())),
            _ => Err(PreludeError(text.to_owned())),
        }
    }
}

impl Prelude {
    fn step(&self) -> Step {
        match self {
            Prelude::Hear(begins) => Step::Expect(Expectation {
                outcomes: vec![Outcome::Greeting(begins.clone())],
                tolerate: Vec::new(),
                requirement: None,
                within: None,
            }),
            Prelude::Say(message) => {
                let payload = Payload::Literal(message.clone().into_bytes());
                let pieces = vec![Piece::Frame(FrameSpec::new(Opcode::Text, payload))];
                Step::Send(Write { pieces, ..Write::default() })
            }
        }
    }
}

impl Script {
    /// The script with the prelude right behind its opening. A script that expects no opening has none, nor has one whose
    /// octets are to be there before the opening is through: they may end the connection before a greeting.
    fn with_prelude(&self, prelude: &[Prelude]) -> Script {
        let mut script = self.clone();
        let sends = |step: &Step| matches!(step, Step::Send(_));
        if let Some(opening) = script.steps.iter().position(Step::opens)
            && !script.steps[..opening].iter().any(sends)
        {
            script.steps.splice(opening + 1..opening + 1, prelude.iter().map(Prelude::step));
        }
        script
    }
}

impl Instance {
    /// The instance as it is played with a target that has this prelude.
    pub fn with_prelude(&self, prelude: &[Prelude]) -> Instance {
        if prelude.is_empty() {
            return self.clone();
        }
        let (bare, prelude) = (self.script.clone(), prelude.to_vec());
        let script = {
            let bare = bare.clone();
            LazyScript::new(Box::new(move || Box::new(bare.with_prelude(&prelude))))
        };
        let plain = self.plain.clone().or(Some(bare));
        Instance { script: Arc::new(script), plain, ..self.clone() }
    }

    /// The instance without any prelude and with the commands of docs/drivers.md, for the reference.
    pub fn plain(&self) -> Instance {
        let script = self.plain.clone().unwrap_or_else(|| self.script.clone());
        Instance { script, plain: None, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsgauntlet_wire::Role;

    #[test]
    fn a_line_says_who_speaks() {
        assert_eq!("hear:0{".parse(), Ok(Prelude::Hear("0{".to_owned())));
        assert_eq!("say:a:b".parse(), Ok(Prelude::Say("a:b".to_owned())));
        assert!("listen:x".parse::<Prelude>().is_err());
    }

    /// It stands behind the opening, whatever else a script has there, and can be taken away again.
    #[test]
    fn it_follows_the_opening() {
        let library = crate::testing::library();
        let with_opening = library
            .instances(Role::Server)
            .find(|instance| instance.script.opening.deflate.is_some())
            .unwrap();
        let played = with_opening.with_prelude(&[Prelude::Hear("0".to_owned())]);
        let opening = played.script.steps.iter().position(Step::opens).unwrap();
        let Step::Expect(expectation) = &played.script.steps[opening + 1] else { panic!("no greeting") };
        assert_eq!(expectation.outcomes, [Outcome::Greeting("0".to_owned())]);
        assert_eq!(played.script.steps.len(), with_opening.script.steps.len() + 1);
        assert_eq!(played.plain().script.steps, with_opening.script.steps);
    }
}
