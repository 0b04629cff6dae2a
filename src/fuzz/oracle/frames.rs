//! What frames, the end, and silence are held against.

use super::{Awaited, LEN_TAKEN, Oracle};
use crate::fuzz::complaint::{self, Complaint};
use crate::fuzz::opening::Wanted;
use crate::fuzz::predict::Ending;
use wsgauntlet_reference::Violation;
use wsgauntlet_suite::matching;
use wsgauntlet_suite::transcript::{Observation, Seen};
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::{Opcode, Role};

impl Oracle {
    /// A message that is not the echo that has to come next.
    pub(super) fn message(&mut self, opcode: Opcode, payload: &[u8], event: usize) {
        let Some(predictor) = &self.predictor else { return self.frame_unopened(event) };
        if self.lost || !self.capabilities.echo {
            return;
        }
        if let Ending::Free(violation) = predictor.ending
            && self.messages >= self.echoes(predictor)
        {
            return self.went_on(violation, format!("{opcode} message"), event);
        }
        let describe = |opcode: Opcode, len: usize| format!("{opcode} message of {len} octets");
        let observed = describe(opcode, payload.len());
        match self.echo(predictor, self.messages) {
            Some((wanted, echoed)) => {
                let expected = format!("the echo: {}", describe(*wanted, echoed.len()));
                let what = match (*wanted == opcode, echoed.len().cmp(&payload.len())) {
                    (false, _) => "of another type",
                    (true, std::cmp::Ordering::Equal) => "with other octets",
                    (true, std::cmp::Ordering::Greater) => "that is shorter",
                    (true, std::cmp::Ordering::Less) => "that is longer",
                };
                self.complain(complaint::ECHO, "echo", expected, format!("{observed} {what}"), event);
            }
            None => {
                let (requirement, expected) = match &predictor.ending {
                    Ending::Failed { violation, .. } => (
                        complaint::by_violation(*violation),
                        format!("the connection is failed: {violation}"),
                    ),
                    Ending::Open | Ending::Closed | Ending::Free(_) => {
                        (complaint::ECHO, "no message that nobody asked for".to_owned())
                    }
                };
                self.complain(requirement, "message", expected, observed, event);
            }
        }
        self.lost = true;
    }

    /// The target took what the RFC lets it refuse.
    pub(super) fn went_on(&mut self, violation: Violation, observed: String, event: usize) {
        if violation == Violation::LengthNotMinimal {
            let expected = format!("the connection is failed: {violation}");
            let complaint = Complaint::new(complaint::INVALID_DATA, "leniency", expected, observed, event);
            self.complaints.push(complaint.tolerated());
        }
    }

    /// A frame of a client that was not to open.
    pub(super) fn frame_unopened(&mut self, event: usize) {
        if let (Role::Client, Wanted::Refused(requirement)) = (self.role, self.own_head.wanted) {
            let observed = "a frame on a connection that is not open";
            self.complain(requirement, "opening", "the client ends the connection", observed, event);
        }
    }

    pub(super) fn pong(&mut self, payload: &[u8], event: usize) {
        let Some(predictor) = &self.predictor else { return self.frame_unopened(event) };
        // The last of equal pings: "MAY elect to send a Pong frame for only the most recently processed Ping", §5.5.3.
        let found = predictor.pings.iter().rposition(|ping| ping == payload);
        if let (Ending::Free(violation), None) = (&predictor.ending, found) {
            return self.went_on(*violation, "a pong".to_owned(), event);
        }
        match found {
            Some(index) => self.pongs = self.pongs.max(index + 1),
            None => {
                let judged_late = matches!(
                    predictor.ending,
                    Ending::Failed { violation: Violation::TextNotUtf8 | Violation::NotDeflate, .. }
                );
                // A pong that answers nothing is lawful, §5.5.3.
                if !judged_late
                    && predictor.pings_behind.iter().any(|ping| ping == payload && ping.len() >= 4)
                {
                    let expected = "nothing is processed after the connection was failed";
                    self.complain(
                        complaint::STOP,
                        "pong",
                        expected,
                        "a pong to a ping behind the violation",
                        event,
                    );
                }
            }
        }
    }

    pub(super) fn close(&mut self, payload: &[u8], event: usize) {
        if std::mem::replace(&mut self.close_seen, true) {
            return;
        }
        let Some(predictor) = &self.predictor else { return };
        let code = ClosePayload::decode(payload).ok().and_then(|payload| payload.code).map(|code| code.0);
        let shown = match code {
            Some(code) => format!("Close ({code})"),
            None => "Close without a code".to_owned(),
        };
        let (len_max, close_code, more_behind) =
            (predictor.len_max(), predictor.close_code, predictor.more_behind);
        match predictor.ending.clone() {
            Ending::Open => {
                let too_long = code == Some(1009) && len_max > LEN_TAKEN;
                let no_binary = code == Some(1003) && !self.capabilities.echo_binary;
                if !self.lost && !too_long && !no_binary && !self.own_end {
                    let expected = "the connection stays open: no rule was broken";
                    self.complain(complaint::ECHO, "close", expected, shown, event);
                }
                self.lost = true;
            }
            Ending::Closed => {
                let fine = [close_code, None, Some(1000), Some(1001)];
                if !fine.contains(&code) {
                    let expected = "a Close that sends the code back";
                    self.complain(complaint::CLOSE_ECHOES, "close reply", expected, shown, event);
                }
            }
            Ending::Failed { violation, .. } => {
                let wanted = violation.close_code().0;
                let reason = matches!(violation, Violation::CloseReasonNotUtf8) && code == Some(1002);
                let any = matches!(violation, Violation::NotDeflate | Violation::CloseCode(_));
                // A text that does not end before our Close need not have been judged.
                let answers = violation == Violation::TextNotUtf8 && more_behind;
                if code != Some(wanted) && !reason && !any && !answers {
                    let expected = format!("a Close with {wanted}: {violation}");
                    let complaint =
                        Complaint::new(complaint::CLOSE_BEFORE_FAILING, "failing", expected, shown, event);
                    self.complaints.push(complaint.tolerated());
                }
            }
            Ending::Free(_) => {}
        }
    }

    pub(super) fn end(&mut self, observation: &Observation) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let event = observation.event;
        let reset = observation.seen == Seen::Reset;
        let observed = format!("{} without a Close", matching::describe(&observation.seen));
        if self.own_end && !matches!(self.ending(), Ending::Closed) {
            return;
        }
        let Some(predictor) = &self.predictor else {
            return self.end_of_opening(observation);
        };
        if self.close_seen {
            let clean = self.role == Role::Client || !matches!(predictor.ending, Ending::Closed);
            if reset && !clean && !predictor.more_behind && !self.own_end {
                let observed = matching::describe(&observation.seen);
                let complaint =
                    Complaint::new(complaint::TCP_CLEAN, "end", "TCP is ended in order", observed, event);
                self.complaints.push(complaint.tolerated());
            }
            return;
        }
        match &predictor.ending {
            Ending::Open if self.lost => {}
            Ending::Open => {
                let expected = "the connection stays open: no rule was broken";
                self.complain(complaint::ECHO, "end", expected, observed, event);
            }
            // Octets that nobody read make a reset of the end, and a reset can overtake the Close.
            Ending::Closed if reset && (predictor.more_behind || self.own_end) => {}
            Ending::Closed if self.own_end => {}
            Ending::Closed => {
                self.complain(complaint::CLOSE_ANSWERED, "close", "a Close", observed, event);
            }
            Ending::Failed { violation, .. } => {
                let any = matches!(violation, Violation::NotDeflate);
                let overtaken = reset && predictor.more_behind;
                if !any && !overtaken {
                    let expected = format!("a Close before the end: {violation}");
                    let complaint =
                        Complaint::new(complaint::CLOSE_BEFORE_FAILING, "failing", expected, observed, event);
                    self.complaints.push(complaint.tolerated());
                }
            }
            Ending::Free(_) => {}
        }
    }

    pub(super) fn end_of_opening(&mut self, observation: &Observation) {
        let observed = matching::describe(&observation.seen);
        if let (Role::Server, Wanted::Refused(_), false) = (self.role, self.own_head.wanted, self.refused) {
            let expected = "a response that refuses";
            let complaint =
                Complaint::new(complaint::HTTP_STATUS, "opening", expected, observed, observation.event);
            self.complaints.push(complaint.tolerated());
            return;
        }
        if self.refused || self.own_head.wanted != Wanted::Open {
            return;
        }
        let requirement = match self.role {
            Role::Server => complaint::OPENING,
            Role::Client => complaint::REQUEST,
        };
        self.complain(
            requirement,
            "opening",
            "the opening handshake is completed",
            observed,
            observation.event,
        );
    }

    /// A deadline passed: what is awaited did not come.
    pub(super) fn expire(&mut self) {
        let Some(awaited) = self.awaited() else { return };
        let event = self.last_event;
        let silence = "silence, the connection open";
        match awaited {
            Awaited::Head => {
                let requirement = match (self.role, self.own_head.wanted) {
                    (Role::Server, Wanted::Refused(requirement)) => requirement,
                    (Role::Server, _) => complaint::OPENING,
                    (Role::Client, Wanted::Refused(requirement)) => requirement,
                    (Role::Client, _) => complaint::REQUEST,
                };
                self.complain(requirement, "opening", "an answer to the opening", silence, event);
            }
            Awaited::Message => {
                self.complain(complaint::ECHO, "echo", "the echo of a message", silence, event)
            }
            Awaited::Pong => {
                self.complain(complaint::PONG, "pong", "a pong to the last ping", silence, event)
            }
            Awaited::Close => {
                self.complain(
                    complaint::CLOSE_ANSWERED,
                    "close",
                    "a Close that answers ours",
                    silence,
                    event,
                );
            }
            Awaited::End => {
                let observed = "a Close, then the connection stayed open";
                self.complain(complaint::TCP_CLOSED, "end", "the end of TCP", observed, event);
            }
            Awaited::Failure => {
                let Ending::Failed { violation, .. } = *self.ending() else { return };
                let expected = format!("the connection is failed: {violation}");
                if self.close_seen {
                    let observed = "a Close, then the connection stayed open";
                    self.complain(complaint::failed_ends(self.role), "end", expected, observed, event);
                } else {
                    self.complain(complaint::by_violation(violation), "fail", expected, silence, event);
                }
            }
        }
    }
}
