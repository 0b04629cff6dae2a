//! Where a script stands. The player, the judge and the fuzzer's driver all go through steps with it, so that none of them
//! skips what another one plays.

use super::script::Step;

/// The index of the current step, or the number of steps when the script is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    index: usize,
}

impl Cursor {
    /// The index of the step that is under way, counted from 0.
    pub fn index(self) -> usize {
        self.index
    }

    /// The current step of `steps`. `None`: the script is over.
    pub fn step(self, steps: &[Step]) -> Option<&Step> {
        steps.get(self.index)
    }

    /// Goes to the next step.
    pub fn advance(&mut self) {
        self.index += 1;
    }

    /// Goes to the step that follows when the condition at the current one does not hold: the closing handshake at the end,
    /// where the script has one and the connection `opened`, or else the end.
    pub fn skip(&mut self, steps: &[Step], opened: bool) {
        let last = steps.len().saturating_sub(1);
        self.index = match steps.last() {
            Some(Step::Close) if self.index < last && opened => last,
            _ => steps.len(),
        };
    }

    /// The step that is to bring about what the current one waits for: the first of the `send` steps since the last step that
    /// waited, or else a `close` itself. What happened before its first octets went out cannot be its doing.
    pub fn cause(self, steps: &[Step]) -> Option<usize> {
        let before = &steps[..self.index.min(steps.len())];
        // What answers a Close goes out for the target's sake: it may have ended by then.
        let goes_on = |step: &Step| !step.waits() && *step != Step::Answer;
        let since_wait = before.iter().enumerate().rev().take_while(|(_, step)| goes_on(step));
        let first_send = since_wait.filter(|(_, step)| matches!(step, Step::Send(_))).last();
        let closes = matches!(self.step(steps), Some(Step::Close)).then_some(self.index);
        first_send.map(|(index, _)| index).or(closes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::expectation::DeflateMatch;
    use crate::case::script::Write;

    fn at(index: usize) -> Cursor {
        Cursor { index }
    }

    /// Only the closing handshake is left of a script whose condition does not hold, and nothing where the connection did not
    /// open: a Close would go out on a connection that the server refused.
    #[test]
    fn what_is_skipped_ends_with_the_closing_handshake() {
        let condition = Step::IfDeflate(DeflateMatch::agreed());
        let steps = [Step::Open, condition.clone(), Step::Send(Write::default()), Step::Close];
        let skipped = |steps: &[Step], opened| {
            let mut cursor = at(1);
            cursor.skip(steps, opened);
            cursor.index()
        };
        assert_eq!(skipped(&steps, true), 3);
        assert_eq!(skipped(&steps, false), 4);
        assert_eq!(skipped(&steps[..3], true), 3);
    }

    /// An end of the connection before the first of the `send` steps is not what they brought about.
    #[test]
    fn the_first_send_since_the_last_wait_is_the_cause() {
        let send = Step::Send(Write::default());
        let steps =
            [Step::Open, send.clone(), Step::Reset, send, Step::Alive { evidence: false }, Step::Close];
        assert_eq!(at(0).cause(&steps), None);
        assert_eq!(at(4).cause(&steps), Some(1));
        assert_eq!(at(5).cause(&steps), Some(5));
        assert_eq!(at(6).cause(&steps), None);
    }
}
