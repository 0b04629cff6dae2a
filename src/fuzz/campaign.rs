//! What is played next: made anew, or of what showed new behaviour. Sans-io: the same seed and the same answers give the
//! same sessions.

use super::generate;
use super::mutate;
use super::rng::Rng;
use super::session::Session;
use std::collections::HashSet;
use std::sync::Arc;
use wsgauntlet_wire::Role;

/// The most sessions that are kept.
const KEPT_MAX: usize = 4096;

/// The most signatures that are remembered.
const SIGNATURES_MAX: usize = 1 << 20;

/// The sessions of one run.
#[derive(Debug)]
pub struct Campaign {
    seed: u64,
    role: Role,
    index: u64,
    kept: Vec<Arc<Session>>,
    signatures: HashSet<u64>,
}

impl Campaign {
    /// Against a target in `role`, beginning with `seeds`.
    pub fn new(seed: u64, role: Role, seeds: Vec<Session>) -> Campaign {
        Campaign {
            seed,
            role,
            index: 0,
            kept: seeds.into_iter().map(Arc::new).collect(),
            signatures: HashSet::new(),
        }
    }

    /// The next session, and its number.
    pub fn next_session(&mut self) -> (u64, Arc<Session>) {
        let index = self.index;
        self.index += 1;
        let mut rng = Rng::numbered(self.seed, index);
        let session = if self.kept.len() < 2 || !rng.once_in(3) {
            generate::session(&mut rng, self.role)
        } else {
            let (one, other) = (rng.below(self.kept.len()), rng.below(self.kept.len()));
            mutate::mutate(&mut rng, &self.kept[one], &self.kept[other])
        };
        (index, Arc::new(session))
    }

    /// Tells what a session looked like. True: nothing looked like that before, so that it is kept.
    pub fn report(&mut self, session: &Arc<Session>, signature: u64) -> bool {
        if self.signatures.len() >= SIGNATURES_MAX || !self.signatures.insert(signature) {
            return false;
        }
        if self.kept.len() < KEPT_MAX {
            self.kept.push(session.clone());
        } else {
            let at = Rng::numbered(self.seed, signature).below(KEPT_MAX);
            self.kept[at] = session.clone();
        }
        true
    }

    /// How many sessions are kept to be mutated.
    pub fn kept(&self) -> usize {
        self.kept.len()
    }

    /// How many behaviours were seen.
    pub fn signatures(&self) -> usize {
        self.signatures.len()
    }

    /// The seed that every choice is drawn from.
    pub fn seed(&self) -> u64 {
        self.seed
    }
}
