//! Lawful variants of the reference: behaviour that differs from it and that the RFCs allow, each
//! with the words that allow it. A suite that judges one of them a failure raises a false alarm.

use super::roles::Roles;
use std::fmt;
use std::str::FromStr;

/// What is known of a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VariantInfo {
    /// The variant itself.
    pub variant: Variant,
    /// In kebab-case, unique, and not the name of a quirk.
    pub name: &'static str,
    /// The roles in which it shows.
    pub roles: Roles,
    /// The document and section of the quote.
    pub section: &'static str,
    /// The sentence that allows it.
    pub quote: &'static str,
    /// One sentence about the endpoint.
    pub description: &'static str,
}

/// A name that no variant has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no variant is named {0:?}")]
pub struct UnknownVariant(pub String);

/// `/// Description.`, then `Variant "name" Roles "section" "quote",`.
macro_rules! variants {
    ($(
        #[doc = $description:literal]
        $variant:ident $name:literal $roles:ident $section:literal $quote:literal,
    )+) => {
        /// One lawful difference from the reference.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Variant {
            $(#[doc = $description] $variant,)+
        }

        impl Variant {
            const ALL: &'static [Variant] = &[$(Variant::$variant),+];

            /// Every variant, in the order of its place in a connection.
            pub fn all() -> impl Iterator<Item = Variant> {
                Variant::ALL.iter().copied()
            }

            /// What is known of it.
            pub fn info(self) -> VariantInfo {
                match self {
                    $(Variant::$variant => VariantInfo {
                        variant: self,
                        name: $name,
                        roles: Roles::$roles,
                        section: $section,
                        quote: $quote,
                        description: $description.trim_ascii(),
                    },)+
                }
            }
        }
    };
}

variants! {
    /// Writes the names of header fields in lower case.
    FieldNamesLowercase "header-names-lowercase" Both "RFC 6455 §4.1"
        "all header field names in both HTTP requests and HTTP responses are case-insensitive",
    /// Writes the header fields in the other order.
    FieldsReversed "headers-reversed" Both "RFC 6455 §4.2.1"
        "the order of the header fields is not important",
    /// Writes "WebSocket" and "upgrade" for "websocket" and "Upgrade".
    FieldValuesInOtherCase "header-values-in-other-case" Both "RFC 6455 §4.2.1"
        "treated as an ASCII case-insensitive value",
    /// Writes "keep-alive, Upgrade" in Connection.
    ConnectionList "connection-list" Both "RFC 6455 §4.1"
        "doesn't contain a token that is an ASCII case-insensitive match for the value \"Upgrade\"",
    /// Writes header fields that nobody needs.
    FieldsAdded "headers-added" Both "RFC 6455 §4.1"
        "The request MAY include any other header fields",
    /// Writes no space, or many, around the values of header fields.
    FieldsSpaced "headers-spaced" Both "RFC 9112 §5.1"
        "A field line value might be preceded and/or followed by optional whitespace (OWS)",
    /// Sends an Origin.
    OriginSent "origin-sent" Client "RFC 6455 §4.1"
        "the request MAY include this header field if the semantics of that client match the use-case described here for browser clients",
    /// Follows up to five redirections.
    RedirectsFollowed "redirects-followed" Client "RFC 9110 §15.4"
        "the user agent MAY automatically redirect its request to the URI referenced by the Location field value",
    /// Sends the request target in absolute form.
    AbsoluteTarget "absolute-target" Client "RFC 6455 §4.1"
        "be an absolute http/https URI",
    /// Offers each subprotocol in a line of its own.
    SubprotocolLines "subprotocols-on-lines" Client "RFC 6455 §11.3.4"
        "The |Sec-WebSocket-Protocol| header field MAY appear multiple times in an HTTP request",
    /// Writes another reason phrase after 101.
    ReasonOther "reason-other" Server "RFC 9112 §4"
        "A client SHOULD ignore the reason-phrase content",
    /// Writes no reason phrase after 101.
    ReasonEmpty "reason-empty" Server "RFC 9112 §4"
        "status-line = HTTP-version SP status-code SP [ reason-phrase ]",
    /// Refuses with 400 whatever the reason is.
    RefusesWith400 "refuses-with-400" Server "RFC 6455 §4.2.1"
        "return an HTTP response with an appropriate error code (such as 400 Bad Request)",
    /// Refuses with 403 where HTTP does not ask for 400.
    RefusesWith403 "refuses-with-403" Server "RFC 6455 §4.2.2"
        "it MUST return an appropriate HTTP error code (e.g., 403 Forbidden)",
    /// Refuses without a body in the response.
    RefusesWithoutBody "refuses-without-body" Server "RFC 9110 §15.5"
        "Except when responding to a HEAD request, the server SHOULD send a representation containing an explanation of the error situation",
    /// Keeps the connection for another request after a refusal.
    RefusalKeepsConnection "refusal-keeps-connection" Server "RFC 9112 §9.3"
        "HTTP/1.1 defaults to the use of \"persistent connections\"",
    /// Selects no subprotocol.
    SubprotocolIgnored "subprotocol-ignored" Server "RFC 6455 §4.2.2"
        "if the server does not wish to agree to one of the suggested subprotocols, it MUST NOT send back a |Sec-WebSocket-Protocol| header field in its response",
    /// Selects the last of the offered subprotocols that it knows.
    SubprotocolLast "subprotocol-last" Server "RFC 6455 §4.2.2"
        "by selecting one of the values from the |Sec-WebSocket-Protocol| field that the server is willing to use for this connection (if any)",
    /// Declines permessage-deflate.
    DeflateDeclined "deflate-declined" Server "RFC 6455 §9"
        "WebSocket servers MAY accept some or all extensions requested by the client",
    /// Does not take over its compression context, and says so unasked.
    ServerContextDropped "server-no-context-takeover" Server "RFC 7692 §7.1.1.1"
        "A server MAY include the \"server_no_context_takeover\" extension parameter in an extension negotiation response even if the extension negotiation offer being accepted by the extension negotiation response didn't include the \"server_no_context_takeover\" extension parameter",
    /// Tells the client not to take over its compression context.
    ClientContextRefused "client-no-context-takeover" Server "RFC 7692 §7.1.1.2"
        "A server MAY include the \"client_no_context_takeover\" extension parameter in an extension negotiation response",
    /// Limits its own window to 1024 octets, and says so unasked.
    ServerWindowLimited "server-window-limited" Server "RFC 7692 §7.1.2.1"
        "A server MAY include the \"server_max_window_bits\" extension parameter in an extension negotiation response even if the extension negotiation offer being accepted by the response didn't include the \"server_max_window_bits\" extension parameter",
    /// Limits the client's window to 1024 octets where the client lets it.
    ClientWindowLimited "client-window-limited" Server "RFC 7692 §7.1.2.2"
        "the server MAY include the \"client_max_window_bits\" extension parameter in the corresponding extension negotiation response to the offer",
    /// Does not answer the hint of client_max_window_bits.
    ClientWindowHintIgnored "client-window-hint-ignored" Server "RFC 7692 §7.1.2.2"
        "the server MAY include the \"client_max_window_bits\" extension parameter in the corresponding extension negotiation response to the offer",
    /// Answers a hint of client_max_window_bits with 15.
    ClientWindowHintExceeded "client-window-hint-exceeded" Server "RFC 7692 §7.1.2.2"
        "the server may either ignore this value or use this value to avoid allocating an unnecessarily big LZ77 sliding window",
    /// Does not answer the hint of client_no_context_takeover.
    ClientContextHintIgnored "client-context-hint-ignored" Server "RFC 7692 §7.1.1.2"
        "If the received extension negotiation offer includes the \"client_no_context_takeover\" extension parameter, the server may either ignore the parameter or use the parameter",
    /// Offers client_max_window_bits with a value.
    OffersWindowHint "offers-client-window-hint" Client "RFC 7692 §7.1.2.2"
        "optionally, a hint by attaching a value to the parameter",
    /// Offers permessage-deflate without a parameter.
    OffersPlainDeflate "offers-plain-deflate" Client "RFC 7692 §7.1.2.2"
        "A client MAY include the \"client_max_window_bits\" extension parameter in an extension negotiation offer",
    /// Sends no 100 before 101 where no content is expected.
    ContinueOmitted "no-100-before-101" Server "RFC 9110 §10.1.1"
        "A server MAY omit sending a 100 (Continue) response if it has already received some or all of the content for the corresponding request, or if the framing indicates that there is no content",
    /// Compresses no message though permessage-deflate is agreed.
    Uncompressed "deflate-unused" Both "RFC 7692 §6.1"
        "An endpoint MUST use the following algorithm to send a message in the form of an uncompressed message",
    /// Compresses in stored blocks.
    DeflateStored "deflate-stored" Both "RFC 7692 §7.2.1"
        "An endpoint MAY use DEFLATE blocks of any type",
    /// Compresses in many small blocks with fixed codes.
    DeflateManyBlocks "deflate-many-blocks" Both "RFC 7692 §7.2.1"
        "An endpoint MAY use multiple DEFLATE blocks to compress one message",
    /// Sets BFINAL in the last block of each message.
    DeflateBfinal "deflate-bfinal" Both "RFC 7692 §7.2.1"
        "An endpoint MAY use both DEFLATE blocks with the \"BFINAL\" bit set to 0 and DEFLATE blocks with the \"BFINAL\" bit set to 1",
    /// Takes over no context though it may.
    DeflateContextUnused "deflate-context-unused" Both "RFC 7692 §7.2.1"
        "MAY take over the LZ77 sliding window used to build the last compressed message",
    /// Uses a window of 512 octets though it may use more.
    DeflateSmallWindow "deflate-small-window" Both "RFC 7692 §7.2.1"
        "MAY use an LZ77 sliding window with any size to compress messages to send as long as the size conforms to the \"agreed parameters\"",
    /// Judges a header when all its octets are there.
    HeaderJudgedWhole "header-judged-whole" Both "RFC 6455 §2"
        "Conformance requirements phrased as algorithms or specific steps MAY be implemented in any manner, so long as the end result is equivalent",
    /// Judges a frame when all its payload is there.
    FrameJudgedWhole "frame-judged-whole" Both "RFC 6455 §6.2"
        "If a control frame (Section 5.5) is received, the frame MUST be handled as defined by Section 5.5",
    /// Judges text when its message is whole.
    TextJudgedWhole "text-judged-whole" Both "RFC 6455 §5.6"
        "the whole message MUST contain valid UTF-8",
    /// Sends messages in three fragments.
    Fragments "fragments-sent" Both "RFC 6455 §5.4"
        "A sender MAY create fragments of any size for non-control messages",
    /// Sends messages with empty fragments before, between and behind their fragments.
    EmptyFragments "empty-fragments-sent" Both "RFC 6455 §5.4"
        "A sender MAY create fragments of any size for non-control messages",
    /// Sends messages in two fragments with a ping between them.
    PingAmidFragments "ping-amid-fragments-sent" Both "RFC 6455 §5.4"
        "Control frames (see Section 5.5) MAY be injected in the middle of a fragmented message",
    /// Sends a ping before each message.
    PingBeforeMessage "ping-before-message" Both "RFC 6455 §5.5.2"
        "An endpoint MAY send a Ping frame any time after the connection is established and before the connection is closed",
    /// Sends a pong that nobody asked for after each message.
    PongUnsolicited "pong-unsolicited" Both "RFC 6455 §5.5.3"
        "A Pong frame MAY be sent unsolicited",
    /// Sends a pong without payload, that nobody asked for, before each message.
    PongEmptyUnsolicited "empty-pong-unsolicited" Both "RFC 6455 §5.5.3"
        "A Pong frame MAY be sent unsolicited",
    /// Answers only the newest of the pings that arrived together.
    PongForNewest "pong-for-newest" Both "RFC 6455 §5.5.3"
        "the endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame",
    /// Transmits each frame on its own.
    WritesSingly "writes-singly" Both "RFC 6455 §2.1"
        "the implementation MAY delay the actual transmission arbitrarily",
    /// Transmits in pieces that know nothing of frames.
    WritesInPieces "writes-in-pieces" Both "RFC 6455 §5.4"
        "in absence of extensions, senders and receivers must not depend on the presence of specific frame boundaries",
    /// Transmits 20 milliseconds later.
    WritesLate "writes-late" Both "RFC 6455 §2.1"
        "the implementation MAY delay the actual transmission arbitrarily, e.g., buffering data so as to send fewer IP packets",
    /// Answers every Close frame with 1000.
    CloseReplyNormal "close-reply-1000" Both "RFC 6455 §5.5.1"
        "the endpoint typically echos the status code it received",
    /// Answers every Close frame with 1001.
    CloseReplyGoingAway "close-reply-1001" Both "RFC 6455 §7.4.1"
        "Endpoints MAY use the following pre-defined status codes when sending a Close frame",
    /// Answers every Close frame with 1011.
    CloseReplyInternalError "close-reply-1011" Both "RFC 6455 §7.4.1"
        "Endpoints MAY use the following pre-defined status codes when sending a Close frame",
    /// Answers every Close frame with a code for private use.
    CloseReplyPrivate "close-reply-4000" Both "RFC 6455 §7.4.2"
        "Status codes in the range 4000-4999 are reserved for private use",
    /// Answers every Close frame with 1002.
    CloseReplyProtocolError "close-reply-1002" Both "RFC 6455 §5.5.1"
        "the endpoint typically echos the status code it received",
    /// Answers every Close frame with an empty one.
    CloseReplyEmpty "close-reply-empty" Both "RFC 6455 §5.5.1"
        "The Close frame MAY contain a body",
    /// Answers a Close frame with its code and its reason.
    CloseReplyReasonEchoed "close-reply-echoes-reason" Both "RFC 6455 §5.5.1"
        "Following the 2-byte integer, the body MAY contain UTF-8-encoded data with value /reason/",
    /// Answers every Close frame with a reason of its own.
    CloseReplyReason "close-reply-with-reason" Both "RFC 6455 §5.5.1"
        "Following the 2-byte integer, the body MAY contain UTF-8-encoded data with value /reason/",
    /// Ends TCP as soon as both Close frames were sent.
    ClientClosesTcp "client-closes-tcp" Client "RFC 6455 §5.5.1"
        "MAY close the connection at any time after sending and receiving a Close message",
    /// Lets its application close with 1000 and with 3000 to 4999 only, as browsers do.
    OwnCodesOnly "own-close-1000-and-3000-4999" Both "RFC 6455 §7.4.2"
        "Status codes in the range 3000-3999 are reserved for use by libraries, frameworks, and applications.",
    /// Ends TCP right after a Close frame that its application asked for.
    EndsTcpWithClose "own-close-ends-tcp" Server "RFC 6455 §7.3"
        "Servers MAY close the WebSocket connection whenever desired.",
    /// Names the violation in the Close frame that fails the connection.
    FailsWithReason "fails-with-reason" Both "RFC 6455 §7.4"
        "an endpoint MAY indicate a reason for closure",
}

impl FromStr for Variant {
    type Err = UnknownVariant;

    fn from_str(name: &str) -> Result<Variant, UnknownVariant> {
        Variant::all()
            .find(|variant| variant.info().name == name)
            .ok_or_else(|| UnknownVariant(name.to_owned()))
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info().name)
    }
}
