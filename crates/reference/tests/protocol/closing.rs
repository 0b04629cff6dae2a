use super::run::{Run, sent_to};
use wsgauntlet_reference::{Event, Misuse};
use wsgauntlet_wire::close::ClosePayload;
use wsgauntlet_wire::{CloseCode, Frame, Opcode, Role};

fn close(payload: impl Into<Vec<u8>>) -> Frame {
    Frame::new(Opcode::Close, payload)
}

/// §5.5.1: a Close frame is answered with its code; the server ends TCP, the client waits for it.
#[test]
fn close_frames_are_answered() {
    let reason = ClosePayload::encode(CloseCode(4999), "κ".as_bytes());
    let table = [
        (Vec::new(), Vec::new()),
        (vec![0x03, 0xe8], vec![0x03, 0xe8]),
        (reason, vec![0x13, 0x87]),
        ([&[0x03, 0xf6][..], &[b'x'; 123]].concat(), vec![0x03, 0xf6]),
    ];
    for (payload, reply) in table {
        let mut server = Run::open(Role::Server);
        server.receive(&sent_to(Role::Server, close(payload.clone())));
        assert_eq!(server.frames(), [(0x88, reply.clone())]);
        assert!(server.is_closed());
        assert!(matches!(server.output.events[..], [Event::Closing { .. }, Event::Ended]));

        let mut client = Run::open(Role::Client);
        client.receive(&sent_to(Role::Client, close(payload)));
        assert_eq!(client.frames(), [(0x88, reply)]);
        assert!(client.output.ends.is_empty() && !client.endpoint.is_ended());
        client.receive_eof();
        assert!(client.is_closed());
    }
}

/// §7.1.1: a client whose server does not end TCP in time ends it itself.
#[test]
fn a_client_does_not_wait_for_ever() {
    let mut run = Run::open(Role::Client);
    run.receive(&sent_to(Role::Client, close("")));
    run.receive(&sent_to(Role::Client, Frame::new(Opcode::Ping, "late")));
    assert_eq!(run.frames().len(), 1, "nothing is read after a Close");
    run.wait();
    assert!(run.is_closed());
    assert!(run.endpoint.poll_timeout().is_none());
}

#[test]
fn our_own_close_awaits_the_answer() {
    for role in [Role::Client, Role::Server] {
        let mut run = Run::open(role);
        run.endpoint.endpoint().close(Some(CloseCode::NORMAL), "bye").expect("open");
        let endpoint = run.endpoint.endpoint();
        assert_eq!(endpoint.close(None, ""), Err(Misuse::NotOpen));
        assert_eq!(endpoint.ping(b""), Err(Misuse::NotOpen));
        // Data and pings may arrive until the peer's Close; §5.5.2 answers pings until then.
        run.receive(&sent_to(role, Frame::new(Opcode::Text, "on its way")));
        run.receive(&sent_to(role, Frame::new(Opcode::Ping, "p")));
        run.receive(&sent_to(role, close(vec![0x03, 0xe8])));
        assert_eq!(run.frames(), [(0x88, b"\x03\xe8bye".to_vec()), (0x8a, b"p".to_vec())]);
        assert_eq!(run.is_closed(), role == Role::Server);
        if role == Role::Client {
            run.wait();
        }
        assert!(run.is_closed());
    }
}

#[test]
fn a_close_that_is_not_answered_times_out() {
    for role in [Role::Client, Role::Server] {
        let mut run = Run::open(role);
        run.endpoint.endpoint().close(None, "").expect("open");
        run.wait();
        assert_eq!(run.frames(), [(0x88, Vec::new())]);
        assert!(run.is_closed());
    }
}

#[test]
fn a_failure_after_our_close_sends_no_second_one() {
    let mut run = Run::open(Role::Server);
    run.endpoint.endpoint().close(None, "").expect("open");
    run.receive(&[0xff]);
    assert_eq!(run.frames(), [(0x88, Vec::new())]);
    assert!(run.is_closed());
}

#[test]
fn the_end_of_tcp_ends_without_a_close() {
    for role in [Role::Client, Role::Server] {
        let mut run = Run::open(role);
        run.receive(&sent_to(role, Frame::new(Opcode::Text, "cut").fin(false))[..4]);
        run.receive_eof();
        assert!(run.output.octets.is_empty() && run.is_closed());
        assert_eq!(run.output.events, [Event::Ended]);

        let mut run = Run::open(role);
        run.endpoint.receive_reset(run.now);
        assert!(run.endpoint.is_ended());
        assert_eq!(run.endpoint.poll_transmit(run.now), None);
        assert_eq!(run.endpoint.poll_event(), Some(Event::Ended));
    }
}

#[test]
fn misuse_is_refused() {
    let mut run = Run::open(Role::Client);
    let endpoint = run.endpoint.endpoint();
    assert_eq!(endpoint.ping(&[0; 126]), Err(Misuse::ControlTooLong));
    assert_eq!(endpoint.close(Some(CloseCode(1006)), ""), Err(Misuse::CloseCode));
    assert_eq!(endpoint.close(None, "why"), Err(Misuse::ReasonWithoutCode));
    endpoint.close(Some(CloseCode::NORMAL), &"κ".repeat(100)).expect("cut to fit");
    run.receive(b"");
    assert_eq!(run.frames()[0].1.len(), 2 + 122, "cut between characters");
}
