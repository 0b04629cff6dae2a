//! Values at and about the boundaries of scripts. What is sent in frames and heads comes from `wsgauntlet_wire::boundary`.
//! In each table the simplest value comes first: generators shrink towards it.

/// Numbers of octets after which writes are cut; not 0.
pub const CUTS: &[usize] = &[1, 2, 3, 5, 7, 16];

/// Positions at which a write is cut, in octets: within and about each part of a header, RFC 6455 §5.2.
pub const CUT_POSITIONS: &[usize] = &[1, 0, 2, 3, 4, 6, 8, 10, 13, 14, 15, 125, 126, 127];

/// In how many TCP segments a TLS record leaves; 0: as TCP makes them.
pub const SEGMENTS: &[usize] = &[0, 2, 3, 16];

/// How many times a frame is sent, where it is a flood; 0: once.
pub const FLOODS: &[usize] = &[0, 2, 100];

/// How long a peer waits, in milliseconds.
pub const WAITS_MS: &[u64] = &[0, 1, 100, 500, 5000];

/// Requirements that an expectation may name.
pub const REQUIREMENTS: &[&str] = &["rfc6455/5.1/client-masks", "rfc6455/5.5.2/pong-for-ping"];

/// Addresses that a client has to open.
pub const URLS: &[&str] = &[
    "ws://{host}:{port}/",
    "wss://{host}:{port}/",
    "ws://{host}:{port}/a?b=c",
    "ws://{host}:{port}",
    "ws://{host}/",
    "ws://{host}:{port+65536}/",
    "ws://{host}:{port}/#fragment",
    "http://{host}:{port}/",
    "",
];

/// Where redirections lead.
pub const LOCATIONS: &[&str] =
    &["ws://{here}/", "ws://{other}/", "/elsewhere", "wss://{other}/", "http://{here}/", ""];

/// Names of cases, as `area/suite/case`.
pub const CASES: &[&str] = &["generated/script/any", "framing/masking/any"];

/// Labels of parameters.
pub const LABELS: &[&str] = &["len=0", "len=126", "code=1000"];
