//! Instances over another transport than HTTP/1.1.

use super::head_edit::{HeadEdit, NameCase};
use super::script::Opening;
use super::{Cut, Instance, Need};
use crate::transport::Transport;
use wsgauntlet_wire::Role;

/// Fields that an extended CONNECT has as an upgrade has them, RFC 8441 §5.
const CARRIED: [&[u8]; 2] = [b"sec-websocket-extensions", b"sec-websocket-protocol"];

/// The area of cases about the opening handshake of HTTP/1.1.
const OPENINGS: &str = "opening";

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

/// Whether an instance means the same over HTTP/2: it is about what follows the opening, or about what both openings negotiate.
fn carries(instance: &Instance) -> bool {
    instance.role == Role::Server && instance.id.area() != OPENINGS && is_carried(&instance.script.opening)
}

fn is_carried(opening: &Opening) -> bool {
    let Opening {
        request,
        response: _,
        deflate: _,
        ignore_hint: _,
        cut,
        coalesced,
        segments,
        stop_after,
        address,
    } = opening;
    let is_whole = *cut == Cut::Whole && !*coalesced && *segments == 0 && stop_after.is_none();
    is_whole && address.is_none() && is_carried_edit(request)
}

/// Whether an edit only changes fields that both have.
fn is_carried_edit(edit: &HeadEdit) -> bool {
    let HeadEdit {
        raw,
        start_line,
        method,
        target,
        version,
        status,
        reason,
        set,
        remove,
        first,
        add,
        name_case,
        line_break,
        body,
    } = edit;
    let of_http_1 = [raw, start_line, method, target, version, status, reason, line_break];
    let is_carried = |name: &[u8]| CARRIED.iter().any(|carried| name.eq_ignore_ascii_case(carried));
    let name_of = |line: &[u8]| line.iter().position(|octet| *octet == b':').map(|end| line[..end].to_vec());
    of_http_1.iter().all(|part| part.is_none())
        && set.iter().all(|(name, _)| is_carried(name))
        && remove.iter().all(|name| is_carried(name))
        && first.is_empty()
        && add.iter().all(|line| name_of(line).is_some_and(|name| is_carried(&name)))
        && *name_case == NameCase::AsIs
        && body.is_empty()
}
