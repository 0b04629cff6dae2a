//! Captures: every block is whole, every octet is there, and tshark, where there is one, decodes
//! WebSocket in them.

use std::process::Command;
use std::time::Duration;
use wsgauntlet::embedded;
use wsgauntlet::report::pcapng::{Capture, render};
use wsgauntlet::runner::reference::{self, Link};
use wsgauntlet_suite::peer::PlayConfig;
use wsgauntlet_suite::transcript::Transcript;
use wsgauntlet_wire::Role;

fn play(role: Role, name: &str) -> Transcript {
    let instance = embedded::library()
        .instances(role)
        .find(|instance| instance.case.ends_with(name))
        .unwrap_or_else(|| panic!("a case {name}"));
    reference::play(instance, &PlayConfig::new("localhost"), reference::config(role), Link::Direct)
}

fn capture(role: Role) -> Vec<u8> {
    let transcript = play(role, "/ping-between-fragments");
    let began = Duration::from_secs(1_700_000_000);
    render(&[
        Capture { transcript: &transcript, comment: "one".to_owned(), began },
        Capture { transcript: &transcript, comment: "two".to_owned(), began },
    ])
}

/// The lengths at both ends of each block agree, and lead from block to block to the end.
#[test]
fn blocks_are_whole() {
    for role in [Role::Server, Role::Client] {
        let file = capture(role);
        let number = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().expect("four octets"));
        let (mut at, mut kinds) = (0, Vec::new());
        while at < file.len() {
            let len = number(at + 4) as usize;
            assert_eq!((len % 4, number(at + len - 4) as usize), (0, len));
            kinds.push(number(at));
            at += len;
        }
        assert_eq!((kinds[0], kinds[1]), (0x0a0d_0d0a, 1));
        assert!(kinds.len() > 12 && kinds[2..].iter().all(|kind| *kind == 6));
    }
}

/// Wireshark's own eyes.
#[test]
fn tshark_decodes_websocket() {
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("no tshark: skipped");
        return;
    }
    for role in [Role::Server, Role::Client] {
        let path = std::env::temp_dir().join(format!("wsgauntlet-{role}-{}.pcapng", std::process::id()));
        std::fs::write(&path, capture(role)).expect("a file");
        let tshark = |filter: &str| {
            let mut command = Command::new("tshark");
            command.arg("-r").arg(&path).args(["-Y", filter, "-T", "fields", "-e", "websocket.opcode"]);
            let out = command.output().expect("tshark runs");
            assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
            String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let opcodes = tshark("websocket").join(",");
        for opcode in ["9", "10", "8", "1", "0"] {
            assert!(opcodes.split(',').any(|seen| seen == opcode), "{role}: opcode {opcode} in {opcodes}");
        }
        assert!(
            tshark("_ws.malformed || tcp.analysis.flags || tcp.checksum.status == 0").is_empty(),
            "{role}"
        );
        std::fs::remove_file(&path).expect("the file is there");
    }
}
