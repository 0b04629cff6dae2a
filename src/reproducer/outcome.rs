//! Expectations as the parts of Python know them.

use super::literal;
use wsgauntlet_suite::case::FailCodes;
use wsgauntlet_suite::case::expectation::{
    CloseCodes, DeflateMatch, DeflateParam, DeflateParamMatch, Expectation, HeadMatch, Outcome, StatusMatch,
};
use wsgauntlet_wire::{CloseCode, Opcode, Role};

/// `("expect", text, [outcomes], [tolerated], seconds)`. `used`: the parts that it calls.
pub(crate) fn expect(expectation: &Expectation, role: Role, used: &mut Vec<&'static str>) -> String {
    let is_valid = expectation.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Message { .. }));
    let mut list = |outcomes: &[Outcome]| {
        let calls: Vec<String> = outcomes.iter().map(|outcome| call(outcome, role, is_valid, used)).collect();
        format!("[{}]", calls.join(", "))
    };
    let text = literal::text(&expectation.to_string());
    let outcomes = list(&expectation.outcomes);
    let tolerated = list(&expectation.tolerate);
    let seconds = expectation.within.map(|within| within.as_secs_f64().to_string());
    match (expectation.tolerate.is_empty(), seconds) {
        (true, None) => format!("(\"expect\", {text}, {outcomes})"),
        (false, None) => format!("(\"expect\", {text}, {outcomes}, {tolerated})"),
        (_, Some(seconds)) => format!("(\"expect\", {text}, {outcomes}, {tolerated}, {seconds})"),
    }
}

/// One outcome, as a tuple of its function and the values of it.
fn call(outcome: &Outcome, role: Role, is_valid: bool, used: &mut Vec<&'static str>) -> String {
    let (part, call) = match outcome {
        Outcome::Message { opcode, payload } => {
            let opcode = if *opcode == Opcode::Text { 1 } else { 2 };
            ("message", format!("(message, {opcode}, {})", literal::payload(payload)))
        }
        Outcome::Tasks { tasks, count, size, beside } => {
            let beside = beside.as_ref().map_or("None".to_owned(), literal::payload);
            ("tasks", format!("(tasks, {tasks}, {count}, {size}, {beside})"))
        }
        Outcome::Ping(payload) => ("ping", format!("(ping, {})", literal::payload(payload))),
        Outcome::CloseFrame(codes, reason) => {
            let reason = reason.as_ref().map_or("None".to_owned(), literal::payload);
            ("close-frame", format!("(close_frame, {}, {reason})", close_codes(codes)))
        }
        Outcome::Pong(payload) => ("pong", format!("(pong, {})", literal::payload(payload))),
        Outcome::Close(codes) => ("close", format!("(close, {})", close_codes(codes))),
        Outcome::Fail(codes) => {
            ("fail", format!("(fail, {}, {})", fail_codes(codes), literal::truth(is_valid)))
        }
        Outcome::Greeting(begins) => {
            ("greeting", format!("(greeting, {})", literal::octets(begins.as_bytes())))
        }
        Outcome::End => ("end", "(end,)".to_owned()),
        Outcome::Unanswered => ("unanswered", "(unanswered,)".to_owned()),
        Outcome::Lingers => ("lingers", "(lingers,)".to_owned()),
        Outcome::NoRequest => ("no-request", "(no_request,)".to_owned()),
        Outcome::Open(head) => ("open", format!("(opened, {})", wanted(head, role))),
        Outcome::Refused(status, head) => {
            let part = if role == Role::Server { "refused" } else { "refused-by-client" };
            (part, format!("(refused, {}, {})", statuses(status), wanted(head, role)))
        }
        Outcome::Response(status, head) => {
            ("response", format!("(response, {}, {})", statuses(status), wanted(head, role)))
        }
        Outcome::Silence => ("silence", "(silence,)".to_owned()),
    };
    used.push(part);
    call
}

fn close_codes(codes: &CloseCodes) -> String {
    match codes {
        CloseCodes::Any => "\"any\"".to_owned(),
        CloseCodes::NoFault => "\"no-fault\"".to_owned(),
        CloseCodes::OneOf(codes) => {
            let code = |code: &Option<CloseCode>| code.map_or("None".to_owned(), |code| code.0.to_string());
            format!("[{}]", codes.iter().map(code).collect::<Vec<_>>().join(", "))
        }
    }
}

fn fail_codes(codes: &FailCodes) -> String {
    match codes {
        FailCodes::Any => "\"any\"".to_owned(),
        FailCodes::OneOf(codes) => {
            format!("[{}]", codes.iter().map(|code| code.0.to_string()).collect::<Vec<_>>().join(", "))
        }
    }
}

fn statuses(status: &StatusMatch) -> String {
    let ranges = status.0.iter().map(|range| format!("({}, {})", range.first, range.last));
    format!("[{}]", ranges.collect::<Vec<_>>().join(", "))
}

fn wanted(head: &HeadMatch, role: Role) -> String {
    let mut keys = Vec::new();
    if !head.fields.is_empty() {
        let field = |(name, value): &(String, String)| {
            let name = literal::text(&name.to_ascii_lowercase());
            format!("({name}, {})", literal::octets(value.as_bytes()))
        };
        keys.push(format!("\"fields\": [{}]", head.fields.iter().map(field).collect::<Vec<_>>().join(", ")));
    }
    if !head.absent.is_empty() {
        let names = head.absent.iter().map(|name| literal::text(&name.to_ascii_lowercase()));
        keys.push(format!("\"absent\": [{}]", names.collect::<Vec<_>>().join(", ")));
    }
    if let Some(deflate) = head.deflate.as_ref().filter(|_| role == Role::Server) {
        keys.push(format!("\"deflate\": {}", agreement(deflate)));
    }
    if !head.targets.is_empty() {
        let targets = head.targets.iter().map(|target| literal::octets(target.as_bytes()));
        keys.push(format!("\"targets\": [{}]", targets.collect::<Vec<_>>().join(", ")));
    }
    format!("{{{}}}", keys.join(", "))
}

/// What became of permessage-deflate: `None`, or a list of parameters.
pub(crate) fn agreement(wanted: &DeflateMatch) -> String {
    let DeflateMatch::Agreed(params) = wanted else { return "None".to_owned() };
    let param = |param: &DeflateParamMatch| match param {
        DeflateParamMatch::Absent(param) => format!("(\"{}\", False)", name(*param)),
        DeflateParamMatch::Present(param) => format!("(\"{}\", True)", name(*param)),
        DeflateParamMatch::Value(param, value) => format!("(\"{}\", {value})", name(*param)),
    };
    format!("[{}]", params.iter().map(param).collect::<Vec<_>>().join(", "))
}

fn name(param: DeflateParam) -> &'static str {
    match param {
        DeflateParam::ServerNoContextTakeover => "server_no_context_takeover",
        DeflateParam::ClientNoContextTakeover => "client_no_context_takeover",
        DeflateParam::ServerMaxWindowBits => "server_max_window_bits",
        DeflateParam::ClientMaxWindowBits => "client_max_window_bits",
    }
}
