//! Opening heads of a lane, which are those of HTTP/1.1, and the fields of an extended CONNECT, RFC 8441 §4 and §5.

use wsgauntlet_wire::hpack::Field;
use wsgauntlet_wire::opening::head::HeadDraft;
use wsgauntlet_wire::opening::{RequestHead, key};

/// Fields of an upgrade that an extended CONNECT does not have. RFC 8441 §5: "The Upgrade and Connection header fields are
/// not used", and the key and the accept value neither; `Host` becomes `:authority`.
const OF_UPGRADES: [&str; 5] = ["host", "upgrade", "connection", "sec-websocket-key", "sec-websocket-accept"];

/// What is kept of a request until its response comes.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// The accept value that the lane's request asks for.
    accept: String,
}

impl Asked {
    pub(super) fn new(request: &RequestHead) -> Asked {
        let key = request.fields.values("Sec-WebSocket-Key").next().unwrap_or_default();
        Asked { accept: key::accept(key) }
    }
}

/// The fields of the extended CONNECT that asks for the same as the lane's request.
pub(super) fn connect(request: &RequestHead, scheme: &str) -> Vec<Field> {
    let authority = request.fields.values("Host").next().unwrap_or_default();
    let mut fields = vec![
        Field::new(":method", "CONNECT"),
        Field::new(":protocol", "websocket"),
        Field::new(":scheme", scheme),
        Field::new(":path", request.target.as_bytes()),
        Field::new(":authority", authority),
    ];
    for field in &request.fields.0 {
        let name = field.name.to_ascii_lowercase();
        if !OF_UPGRADES.contains(&name.as_str()) {
            fields.push(Field::new(name, field.value.clone()));
        }
    }
    fields
}

/// The status of a response; `None` if its pseudo-header fields are not exactly one `:status` of three digits, RFC 9113 §8.3.2.
pub(super) fn status(fields: &[Field]) -> Option<u16> {
    let mut pseudo = fields.iter().filter(|field| field.is_pseudo());
    let (only, None) = (pseudo.next()?, pseudo.next()) else { return None };
    let digits = only.value.len() == 3 && only.value.iter().all(u8::is_ascii_digit);
    if only.name != b":status" || !digits {
        return None;
    }
    std::str::from_utf8(&only.value).ok()?.parse().ok()
}

/// The response of the lane. RFC 8441 §5: a 2xx takes the place of a 101.
pub(super) fn response(status: u16, fields: &[Field], asked: &Asked) -> Vec<u8> {
    let opens = (200..300).contains(&status);
    let mut draft = match opens {
        true => {
            let mut draft = HeadDraft::new("HTTP/1.1 101 Switching Protocols");
            draft
                .field("Upgrade", "websocket")
                .field("Connection", "Upgrade")
                .field("Sec-WebSocket-Accept", asked.accept.as_bytes());
            draft
        }
        false => HeadDraft::new(format!("HTTP/1.1 {status} ")),
    };
    for field in fields.iter().filter(|field| !field.is_pseudo()) {
        let is_of_upgrade = OF_UPGRADES.iter().any(|name| name.as_bytes() == field.name);
        if !(opens && is_of_upgrade) {
            draft.field(field.name.clone(), field.value.clone());
        }
    }
    draft.to_octets()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wsgauntlet_wire::opening::ResponseHead;

    /// RFC 8441 §5.1's figure: what an upgrade asks for, as a CONNECT.
    #[test]
    fn an_upgrade_becomes_a_connect() {
        let octets = b"GET /chat?a=b HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nOrigin: http://www.example.com\r\n\r\n";
        let (request, _) = RequestHead::parse(octets).expect("a head").expect("a whole one");
        let fields = connect(&request, "https");
        let shown: Vec<String> = fields
            .iter()
            .map(|field| {
                format!(
                    "{} = {}",
                    String::from_utf8_lossy(&field.name),
                    String::from_utf8_lossy(&field.value)
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ":method = CONNECT",
                ":protocol = websocket",
                ":scheme = https",
                ":path = /chat?a=b",
                ":authority = server.example.com",
                "sec-websocket-version = 13",
                "origin = http://www.example.com",
            ]
        );
    }

    /// A 2xx opens the lane, and says nothing that an upgrade would not; anything else stays what it is.
    #[test]
    fn a_2xx_is_a_101_of_the_lane() {
        let asked = Asked { accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_owned() };
        let given = [Field::new(":status", "200"), Field::new("sec-websocket-protocol", "chat")];
        let octets = response(status(&given).expect("a status"), &given, &asked);
        let (head, _) = ResponseHead::parse(&octets).expect("a head").expect("a whole one");
        assert_eq!(head.status, 101);
        assert_eq!(head.fields.single("Sec-WebSocket-Accept"), Some(asked.accept.as_bytes()));
        assert_eq!(head.fields.single("Sec-WebSocket-Protocol"), Some(&b"chat"[..]));
        let refused = [Field::new(":status", "403"), Field::new("connection", "x")];
        let octets = response(status(&refused).expect("a status"), &refused, &asked);
        let (head, _) = ResponseHead::parse(&octets).expect("a head").expect("a whole one");
        assert_eq!((head.status, head.fields.single("connection")), (403, Some(&b"x"[..])));
        for wrong in [vec![], vec![Field::new(":status", "20")], [given.clone(), given].concat()] {
            assert_eq!(status(&wrong), None);
        }
    }
}
