//! Instances over another transport than HTTP/1.1.

use super::{Instance, Need};
use crate::carrier::carries;
use crate::transcript::Transport;

impl Instance {
    /// The same instance over a transport. One that is about HTTP/1.1 needs it, and is inapplicable over any other.
    #[must_use]
    pub fn over(&self, transport: Transport) -> Instance {
        let mut instance = Instance { id: self.id.over(transport), ..self.clone() };
        if transport != Transport::Http1 && !carries(self) {
            instance.needs.insert(0, Need::Http1);
        }
        instance
    }
}
