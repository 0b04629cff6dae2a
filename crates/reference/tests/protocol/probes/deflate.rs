//! Compressed messages under each set of parameters.

use super::frames::{first, octets};
use super::{Probe, Script, Step, open, play, probe};
use wsgauntlet_wire::deflate::{Compressor, Encoder, Finality, Kind, Settings, Shape};
use wsgauntlet_wire::{Frame, Role};

pub fn probes(role: Role) -> Vec<Probe> {
    let mut probes = Vec::new();
    let params = [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        "permessage-deflate; server_max_window_bits=8; client_max_window_bits=8",
        "permessage-deflate; server_max_window_bits=9; client_max_window_bits=15",
        "permessage-deflate; server_max_window_bits=15; client_max_window_bits=9",
        "permessage-deflate; server_no_context_takeover",
        "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; Server_Max_Window_Bits=9",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "foo; a=b, permessage-deflate",
    ];
    for params in params {
        let line = format!("Sec-WebSocket-Extensions: {params}\r\n");
        for script in scripts(role) {
            let line = line.clone();
            probes.push(probe(move |run| {
                open(run, &line);
                play(run, &script);
            }));
        }
    }
    probes
}

fn scripts(role: Role) -> Vec<Script> {
    let text: String = (0..400).map(|i| format!("{} κόσμε ", i * 7 % 90)).collect();
    let noise: Vec<u8> = (0..33_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let far = [&noise[..32_768], &noise[..300]].concat();
    let mut compressor = Compressor::new(Settings::default());
    let hello = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
    let shaped = |shape: Shape| Encoder::new(Settings::default()).message(text.as_bytes(), &shape).encode();
    let kinds = [Kind::Stored, Kind::Fixed, Kind::Dynamic];
    let mut lists: Vec<Vec<Frame>> = vec![
        vec![
            first(0xc1, &compressor.compress_message(text.as_bytes())),
            first(0xc1, &compressor.compress_message(text.as_bytes())),
            first(0x81, b"plain"),
            first(0xc1, &compressor.compress_message(text.as_bytes())),
            first(0x89, b"ping"),
        ],
        vec![first(0x41, &hello[..3]), first(0x89, b"p"), first(0x80, &hello[3..])],
        vec![first(0x41, &hello[..3]), first(0xc0, &hello[3..])],
        vec![first(0xc9, b"p")],
        vec![first(0xc1, b"\x00"), first(0x82, b""), first(0x81, b"")],
        vec![first(0xc1, hello), first(0x81, hello), first(0x82, hello), first(0x82, b"bin")],
        vec![first(0xc1, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), first(0xc1, hello)],
        vec![first(0xc2, &hello[..4]), first(0x89, b"p")],
        vec![first(0xc2, b"\xf2\x48\xcd\x07"), first(0x89, b"p")],
        vec![first(0xc2, b"\x07"), first(0x89, b"p")],
        vec![first(0xc2, &Compressor::new(Settings::default()).compress_message(&vec![0; 200_001]))],
        vec![first(0xc1, &Compressor::new(Settings::default()).compress_message(b"\xff\xff\xff"))],
        vec![first(0xc2, &Encoder::new(Settings::default()).compress_message(&far))],
        vec![first(0x82, &far), first(0x82, &text.as_bytes().repeat(2))],
        vec![first(0x81, text.as_bytes()), first(0x81, text.as_bytes())],
    ];
    for kind in kinds {
        lists.push(vec![first(0xc1, &shaped(Shape { kind, ..Shape::default() }))]);
    }
    lists.push(vec![first(0xc1, &shaped(Shape { block_len_max: 100, ..Shape::default() }))]);
    let every = Shape { finality: Finality::EveryBlock, block_len_max: 100, ..Shape::default() };
    lists.push(vec![first(0xc1, &shaped(every)), first(0x89, b"p")]);
    lists.push(vec![first(0xc1, &shaped(Shape { finality: Finality::LastBlock, ..Shape::default() }))]);
    lists
        .into_iter()
        .map(|list| list.into_iter().map(|frame| Step::Receive(octets(role, frame))).collect())
        .collect()
}
