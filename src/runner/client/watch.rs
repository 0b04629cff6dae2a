//! A browser that was launched, and whether it lives: one that hangs, or has ended, is launched anew.

use super::browser::{Browser, Running};
use super::options::ClientError;
use std::time::{Duration, Instant};

/// A page says each second that it lives. A browser that is not heard for so long hangs, if no play may wait longer.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// So many launches, and no more.
const LAUNCHES_MAX: u32 = 32;

#[derive(Debug)]
pub(super) struct Watched {
    browser: Browser,
    running: Option<Running>,
    launches: u32,
    /// When its page was heard last, since it was launched.
    heard: Option<Instant>,
}

impl Watched {
    pub(super) fn launch(browser: Browser, url: &str) -> Result<Watched, ClientError> {
        let mut watched = Watched { browser, running: None, launches: 0, heard: None };
        watched.launch_again(url)?;
        Ok(watched)
    }

    /// Ends it, whatever it does, and launches another one.
    pub(super) fn launch_again(&mut self, url: &str) -> Result<(), ClientError> {
        self.running = None;
        self.heard = None;
        let launched = self.browser.launch(url, self.launches);
        self.launches += 1;
        let program = || self.browser.program().to_owned();
        self.running =
            Some(launched.map_err(|source| ClientError::CannotStart { program: program(), source })?);
        Ok(())
    }

    pub(super) fn heard(&mut self) {
        self.heard = Some(Instant::now());
    }

    /// Whether it was silent for too long. `play_max`: how long a play may be silent.
    pub(super) fn hangs(&self, play_max: Duration) -> bool {
        let patience = SILENCE_MAX.max(play_max * 2);
        self.launches < LAUNCHES_MAX && self.heard.is_some_and(|heard| heard.elapsed() > patience)
    }

    /// How many times it had to be launched anew.
    pub(super) fn hangs_count(&self) -> usize {
        self.launches.saturating_sub(1) as usize
    }
}
