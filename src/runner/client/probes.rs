//! The probes: plays that find out what a client can do, before the run. No sockets, no clock.

use crate::runner::probe;
use crate::runner::wrong_opening::WrongOpening;
use wsgauntlet_suite::case::Instance;
use wsgauntlet_suite::case::script::{Script, Step};
use wsgauntlet_wire::{Opcode, Role};

/// What is found out of a client before the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probe {
    Ping,
    Text,
    Binary,
    Close,
}

/// What came of a probe.
#[derive(Clone, Debug)]
pub(super) struct Probed {
    pub probe: Probe,
    pub passed: bool,
    /// The request offered permessage-deflate.
    pub offers_deflate: bool,
    /// It said that it obeys commands.
    pub is_driver: bool,
    /// It offered subprotocols.
    pub offers_subprotocols: bool,
    /// What is wrong with the request. None: there was none.
    pub wrong: Option<WrongOpening>,
}

impl Probed {
    /// Nothing came of it.
    pub(super) fn failed(probe: Probe) -> Probed {
        Probed {
            probe,
            passed: false,
            offers_deflate: false,
            is_driver: false,
            offers_subprotocols: false,
            wrong: None,
        }
    }
}

impl Probe {
    pub(super) const ALL: [Probe; 4] = [Probe::Ping, Probe::Text, Probe::Binary, Probe::Close];

    /// The play that finds it out.
    pub(super) fn instance(self) -> Instance {
        let mut steps = vec![Step::Open];
        match self {
            Probe::Ping => steps.extend(probe::exchange_steps(Opcode::Ping)),
            Probe::Text => {
                steps.extend(probe::exchange_steps(Opcode::Text));
                steps.extend(probe::question_steps());
            }
            Probe::Binary => steps.extend(probe::exchange_steps(Opcode::Binary)),
            Probe::Close => steps.push(Step::Close),
        }
        probe::instance(
            Role::Client,
            Script { opening: Default::default(), steps, closing_added: false, holds_answers: false },
        )
    }

    /// How many of its steps have to come out as expected. What a text that asks for a driver leads to is not among them.
    pub(super) fn steps_that_count(self) -> usize {
        match self {
            Probe::Ping | Probe::Text | Probe::Binary => 1 + probe::exchange_steps(Opcode::Text).len(),
            Probe::Close => 2,
        }
    }

    /// What a run says of a client that does not do it.
    pub(super) fn remark(self) -> &'static str {
        match self {
            Probe::Ping => "pings are not answered",
            Probe::Text => "text messages are not echoed",
            Probe::Binary => "binary messages are not echoed",
            Probe::Close => "the closing handshake is not completed",
        }
    }
}
