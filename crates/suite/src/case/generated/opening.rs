//! Openings: what is offered, and what is changed of the valid head.

use super::{as_octets, perhaps_text};
use crate::case::address::{Address, Redirect};
use crate::case::boundary::{LOCATIONS, SEGMENTS, URLS};
use crate::case::head_edit::{HeadEdit, NameCase};
use crate::case::payload::PAYLOAD_LEN_MAX;
use crate::case::script::Opening;
use wsgauntlet_wire::boundary::{self, heads};
use wsgauntlet_wire::choices::{Choices, Chosen};
use wsgauntlet_wire::opening::certificate::Certificate;

use wsgauntlet_wire::{chosen_of, generated};

chosen_of! {
    NameCase: AsIs Lower Upper;
}

generated!(Address, HeadEdit, NameCase, Opening, Redirect);

impl Chosen for Opening {
    fn simplest() -> Self {
        Opening::default()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let mut is_odd = *self != Opening::default();
        choices.flag(&mut is_odd, false);
        if !is_odd {
            return;
        }
        let Opening {
            request,
            response,
            deflate,
            ignore_hint,
            cut,
            coalesced,
            segments,
            stop_after,
            address,
        } = self;
        request.choose(choices);
        response.choose(choices);
        deflate.choose(choices);
        choices.flag(ignore_hint, false);
        cut.choose(choices);
        choices.flag(coalesced, false);
        choices.narrow(segments, SEGMENTS, u64::from(u16::MAX));
        let mut stops = stop_after.is_some();
        choices.rarely(&mut stops);
        if stops {
            choices.len(stop_after.get_or_insert_default(), PAYLOAD_LEN_MAX);
        }
        let mut has_address = address.is_some();
        choices.rarely(&mut has_address);
        if has_address {
            address.get_or_insert_with(Address::simplest).choose(choices);
        }
    }
}

impl Chosen for HeadEdit {
    fn simplest() -> Self {
        HeadEdit::default()
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let mut is_edited = *self != HeadEdit::default();
        choices.flag(&mut is_edited, false);
        if !is_edited {
            return;
        }
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
        } = self;
        let names = as_octets(heads::FIELD_NAMES);
        let values = as_octets(&values());
        super::list(set, choices, Default::default, |(name, lines), choices| {
            choices.octets(name, &names);
            super::list(lines, choices, Vec::new, |line, choices| choices.octets(line, &values));
        });
        super::list(remove, choices, Vec::new, |name, choices| choices.octets(name, &names));
        let lines = as_octets(&[heads::LAWFUL_LINES, heads::BAD_LINES].concat());
        for added in [first, add] {
            super::list(added, choices, Vec::new, |line, choices| choices.octets(line, &lines));
        }
        name_case.choose(choices);
        choices.perhaps_octets(method, &as_octets(heads::BAD_METHODS));
        choices.perhaps_octets(target, &as_octets(&[heads::TARGETS, heads::BAD_TARGETS].concat()));
        choices.perhaps_octets(version, &as_octets(heads::BAD_HTTP_VERSIONS));
        choices.perhaps_octets(status, &as_octets(heads::BAD_STATUSES));
        choices.perhaps_octets(reason, &as_octets(heads::REASONS));
        choices.perhaps_octets(line_break, &as_octets(heads::BAD_LINE_BREAKS));
        choices.perhaps_octets(start_line, &as_octets(heads::START_LINES));
        choices.octets(body, boundary::PAYLOADS);
        let mut is_raw = raw.is_some();
        choices.rarely(&mut is_raw);
        if is_raw {
            choices.octets(raw.get_or_insert_default(), &as_octets(heads::START_LINES));
        }
    }
}

/// Values of all fields, right and wrong: as many as one octet of choice can name.
fn values() -> Vec<&'static str> {
    [
        heads::FIELD_VALUES,
        heads::BAD_UPGRADES,
        heads::BAD_CONNECTIONS,
        heads::BAD_VERSIONS,
        heads::BAD_KEYS,
        heads::BAD_ACCEPTS,
        heads::LAWFUL_EXTENSIONS,
        heads::BAD_EXTENSIONS,
        heads::PROTOCOLS,
    ]
    .concat()
}

impl Chosen for Address {
    fn simplest() -> Self {
        Address {
            url: URLS[0].to_owned(),
            name: None,
            listen: None,
            default_port: false,
            certificate: Certificate::Valid,
            may_refuse: false,
            redirect: None,
        }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let Address { url, name, listen, default_port, certificate, may_refuse, redirect } = self;
        choices.text(url, URLS);
        perhaps_text(name, choices, &["localhost", "[::1]"]);
        perhaps_text(listen, choices, &["[::1]", "127.0.0.1"]);
        choices.flag(default_port, false);
        certificate.choose(choices);
        choices.flag(may_refuse, false);
        redirect.choose(choices);
    }
}

impl Chosen for Redirect {
    fn simplest() -> Self {
        Redirect { status: 302, location: LOCATIONS[0].as_bytes().to_vec(), add: Vec::new(), times: 1 }
    }

    fn choose(&mut self, choices: &mut Choices<'_>) {
        let Redirect { status, location, add, times } = self;
        choices.narrow(status, &[302, 301, 303, 307, 308, 300], 999);
        choices.octets(location, &as_octets(LOCATIONS));
        let lines = as_octets(heads::LAWFUL_LINES);
        super::list(add, choices, Vec::new, |line, choices| choices.octets(line, &lines));
        choices.narrow(times, &[1, 2, 20], u64::from(u16::MAX));
    }
}
