//! Endpoints whose process does not survive an input. `Transmit::Die` asks the transport to end it.

use super::table::quirks;
use crate::event::Demise;
use crate::refusal::Refusal;
use crate::response_error::ResponseError;
use crate::violation::Violation;

quirks! {
    /// What an endpoint does not survive.
    pub enum Mortal {
        /// Aborts its process at a Close frame with one octet of payload.
        AbortsOnShortClose "abort-on-short-close" Both [
            "rfc6455/10.1/server-distrusts-input",
            "rfc6455/10.7/incoming-data-validated"
        ],
        /// Aborts its process a while after a frame that is longer than it takes, as an allocation does that is made later.
        AbortsLateOnTooLongFrame "abort-late-on-too-long-frame" Server ["rfc6455/10.1/server-distrusts-input"],
        /// Panics at a Sec-WebSocket-Protocol that is not a list of tokens.
        PanicsOnSubprotocols "panic-on-bad-subprotocols" Server ["rfc6455/10.1/server-distrusts-input"],
        /// Panics at a subprotocol that it did not offer.
        PanicsOnUnofferedSubprotocol "panic-on-unoffered-subprotocol" Client ["rfc6455/10.7/incoming-data-validated"],
        /// Serves nobody any more after a pong that nobody asked for and that is empty.
        HangsOnEmptyPong "hang-on-empty-pong" Server ["rfc6455/10.1/server-distrusts-input"],
        /// Computes for ever, beside what it serves, after a control frame that is fragmented.
        SpinsOnFragmentedControl "spin-on-fragmented-control" Both [
            "rfc6455/10.1/server-distrusts-input",
            "rfc6455/10.7/incoming-data-validated"
        ],
    }
}

impl Mortal {
    pub(super) fn dies_of(self, violation: Violation) -> bool {
        match self {
            Mortal::AbortsOnShortClose => violation == Violation::CloseOneOctet,
            Mortal::AbortsLateOnTooLongFrame => violation == Violation::FrameTooLong,
            Mortal::SpinsOnFragmentedControl => violation == Violation::ControlFragmented,
            Mortal::PanicsOnSubprotocols
            | Mortal::PanicsOnUnofferedSubprotocol
            | Mortal::HangsOnEmptyPong => false,
        }
    }

    pub(super) fn dies_of_request(self, refusal: &Refusal) -> bool {
        self == Mortal::PanicsOnSubprotocols && *refusal == Refusal::Subprotocols
    }

    pub(super) fn dies_of_response(self, error: &ResponseError) -> bool {
        self == Mortal::PanicsOnUnofferedSubprotocol
            && matches!(error, ResponseError::SubprotocolNotOffered(_))
    }

    pub(super) fn dies_of_pong(self, payload: &[u8]) -> bool {
        self == Mortal::HangsOnEmptyPong && payload.is_empty()
    }

    pub(super) fn demise(self) -> Demise {
        match self {
            Mortal::AbortsOnShortClose => Demise::Abort,
            Mortal::AbortsLateOnTooLongFrame => Demise::AbortLate,
            Mortal::PanicsOnSubprotocols | Mortal::PanicsOnUnofferedSubprotocol => Demise::Panic,
            Mortal::HangsOnEmptyPong => Demise::Hang,
            Mortal::SpinsOnFragmentedControl => Demise::Spin,
        }
    }
}
