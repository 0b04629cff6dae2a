//! Which instances mean the same over HTTP/2.

use crate::case::head_edit::{HeadEdit, NameCase};
use crate::case::script::Opening;
use crate::case::{Cut, Instance};
use wsgauntlet_wire::Role;

/// Fields that an extended CONNECT has as an upgrade has them, RFC 8441 §5.
const CARRIED: [&[u8]; 2] = [b"sec-websocket-extensions", b"sec-websocket-protocol"];

/// The area of cases about the opening handshake of HTTP/1.1.
const OPENINGS: &str = "opening";

/// Whether an instance means the same over HTTP/2: it is about what follows the opening, or about what both openings negotiate.
pub fn carries(instance: &Instance) -> bool {
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
