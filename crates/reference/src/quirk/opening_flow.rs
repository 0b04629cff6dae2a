//! An opening handshake whose octets are read or sent at the wrong time. `hooks` says what each quirk does.

use super::table::quirks;

quirks! {
    /// What goes wrong around the heads.
    pub enum OpeningFlow {
        /// Loses what arrives in one segment with the end of the peer's head.
        LosesOctetsAfterHead "loses-octets-after-head" Both ["rfc6455/4.2.2/data-right-after-response", "rfc6455/6.2/incoming-parsed-as-frames"],
        /// Wants the peer's head in one segment.
        NeedsHeadInOneSegment "needs-head-in-one-segment" Both ["rfc6455/4.2.2/valid-opening-accepted", "rfc6455/4.1/response-validated"],
        /// Answers a request as soon as it has all fields that it needs, before its end.
        AnswersEarly "answers-before-request-ends" Server ["rfc6455/4.2.1/malformed-opening-refused", "rfc6455/6.2/incoming-parsed-as-frames"],
        /// Answers a request only when another octet comes after it.
        AnswersOnNextOctet "answers-on-next-octet" Server ["rfc6455/4.2.2/valid-opening-accepted"],
        /// Answers no request.
        NeverAnswers "never-answers-opening" Server ["rfc6455/4.2.2/valid-opening-accepted", "rfc6455/4.2.1/malformed-opening-refused"],
        /// Answers no request for 30 seconds.
        AnswersLate "answers-opening-late" Server ["rfc6455/4.2.2/valid-opening-accepted"],
        /// Sends a ping right after its request.
        SendsBeforeResponse "sends-before-response" Client ["rfc6455/4.1/no-data-before-response"],
        /// Keeps TCP open after a response that fails the connection.
        HangsOnFailure "hangs-on-failed-opening" Client ["rfc6455/7.1.7/client-fail-closes", "rfc6455/4.1/response-validated"],
        /// Sends a Close frame when the response fails the connection.
        CloseFrameOnFailure "close-frame-on-failed-opening" Client ["rfc6455/6.1/send-only-when-open"],
        /// Closes with 1010, and lists no extension, where permessage-deflate is not agreed to.
        NeedsDeflate "needs-deflate-without-naming-it" Client ["rfc6455/7.4.1/1010-lists-extensions"],
        /// Sends a second request when the response fails the connection.
        RequestsAgain "requests-again-on-failed-opening" Client ["rfc6455/7.1.7/client-fail-closes", "rfc6455/4.1/response-validated"],
        /// Does nothing more once the peer's head holds an octet above 127.
        HangsBeyondAscii "hangs-on-head-beyond-ascii" Both ["rfc6455/4.2.1/unknown-header-fields-ignored", "rfc6455/4.1/response-validated", "rfc6455/7.1.7/client-fail-closes"],
    }
}
