//! What quirks do in the opening handshake.

use crate::behavior::{Opening, OpeningAnswer, Refusing, Strict};
use crate::event::Transmit;
use crate::quirk::catalogue::{
    DeflateNegotiation, HeadReading, Mortal, OpeningFlow, RefusalSent, RequestCheck, RequestRefusal,
    RequestSent, ResponseCheck, ResponseSent, Whole,
};
use crate::quirk::faulty::Faulty;
use crate::quirk::refusal_sent::Refused;
use crate::refusal::Refusal;
use crate::response_error::ResponseError;
use std::borrow::Cow;
use std::time::Duration;
use wsgauntlet_wire::opening::deflate_params::{DeflateParamError, NAME};
use wsgauntlet_wire::opening::head::HeadDraft;
use wsgauntlet_wire::opening::{DeflateOffer, DeflateParams, Extension, RequestHead, ResponseHead};
use wsgauntlet_wire::{CloseCode, Frame, Opcode, Role};

/// How late a server answers.
const LATE: Duration = Duration::from_secs(30);

impl Opening for Faulty {
    fn takes_head_octets(&mut self, octets: &[u8]) -> bool {
        octets.is_ascii() || !self.has(OpeningFlow::HangsBeyondAscii)
    }

    fn awaits_rest_of_head(&mut self) -> bool {
        !self.has(OpeningFlow::NeedsHeadInOneSegment)
    }

    fn head<'h>(&mut self, octets: &'h [u8]) -> Cow<'h, [u8]> {
        let misread = |head: Cow<'h, [u8]>, fault: HeadReading| Cow::Owned(fault.misread(&head));
        self.request = octets.to_vec();
        self.all().fold(Cow::Borrowed(octets), misread)
    }

    fn keeps_octets_after_head(&mut self) -> bool {
        !self.has(OpeningFlow::LosesOctetsAfterHead)
    }

    fn extension_offers(&mut self, offers: String) -> String {
        // Each by its name: a client offers in every request, and most quirks of the area are about answers.
        let adding = DeflateNegotiation::ADDING.iter().filter(|fault| self.has(**fault));
        adding.fold(offers, |offers, fault| offers + fault.added_offers())
    }

    fn request(&mut self, draft: &mut HeadDraft, target: &str, host: &str, key: &str) {
        for fault in self.all::<RequestSent>() {
            fault.distort(draft, target, host, key);
        }
    }

    fn frame_before_response(&mut self) -> Option<Frame> {
        self.has(OpeningFlow::SendsBeforeResponse).then(|| Frame::new(Opcode::Ping, "early"))
    }

    fn skips_interim_responses(&mut self) -> bool {
        !self.has(ResponseCheck::RefusesInterim)
    }

    fn overlooks_response_error(
        &mut self,
        error: &ResponseError,
        head: &ResponseHead,
        accept: &str,
        offered_subprotocols: &[String],
    ) -> bool {
        self.all().any(|fault: ResponseCheck| fault.overlooks(error, head, accept, offered_subprotocols))
    }

    fn refuses_response(&mut self, head: &ResponseHead) -> bool {
        self.all().any(|fault: ResponseCheck| fault.refuses(head))
    }

    fn deflate_agreed(
        &mut self,
        extension: &Extension,
        offers: &[DeflateOffer],
        checked: Result<DeflateParams, DeflateParamError>,
    ) -> Result<DeflateParams, DeflateParamError> {
        let mut faults = self.all::<DeflateNegotiation>();
        match checked {
            Ok(params) if faults.any(|fault| fault.refuses_answer(&params, offers)) => {
                Err(DeflateParamError::Unknown("any".to_owned()))
            }
            Ok(params) => Ok(params),
            Err(error) => faults.find_map(|fault| fault.misread_answer(extension, &error)).ok_or(error),
        }
    }

    fn skips_empty_lines(&mut self) -> bool {
        !self.has(RequestRefusal::EmptyLineBefore)
    }

    fn answers_at_end_of_head(&mut self) -> bool {
        !self.has(OpeningFlow::AnswersOnNextOctet)
    }

    fn answers_before_end_of_head(&mut self) -> bool {
        self.has(OpeningFlow::AnswersEarly)
    }

    fn overlooks_refusal(&mut self, refusal: &Refusal, head: &RequestHead) -> bool {
        self.all().any(|fault: RequestCheck| fault.overlooks(refusal, head))
    }

    fn refuses_request(&mut self, head: &RequestHead, offered: &[Extension]) -> Option<Refusal> {
        let declines = offered.iter().any(|offer| offer.name == NAME && self.deflate_offer(offer).is_none());
        let (fault, refusal) = self
            .all()
            .find_map(|fault: RequestRefusal| Some((fault, fault.refuses(head, offered, declines)?)))?;
        self.internal_error = fault.is_internal_error();
        Some(refusal)
    }

    fn deflate_offer(&mut self, offer: &Extension) -> Option<DeflateOffer> {
        let misread = |fault: DeflateNegotiation| fault.misread_offer(offer);
        Strict.deflate_offer(offer).or_else(|| self.all().find_map(misread))
    }

    fn deflate_answer(&mut self, offered: bool, agreed: Option<DeflateParams>) -> Option<String> {
        let Some(params) = agreed else {
            let unoffered = !offered && self.has(DeflateNegotiation::AnswerUnoffered);
            return unoffered.then(|| DeflateParams::default().to_element());
        };
        let lawful = Strict.deflate_answer(offered, agreed);
        let mut answers = self.all().map(|fault: DeflateNegotiation| fault.answer(params));
        answers.find(|answer| *answer != lawful).unwrap_or(lawful)
    }

    fn response(&mut self, draft: &mut HeadDraft, head: &RequestHead, octets: &[u8], offered: &[Extension]) {
        for fault in self.all::<ResponseSent>() {
            fault.distort(draft, head, octets, offered);
        }
    }

    fn responses(&mut self, interim: &[u8], response: &[u8]) -> Vec<u8> {
        let lawful = Strict.responses(interim, response);
        let mut responses = self.all().map(|fault: ResponseSent| fault.assemble(interim, response));
        responses.find(|responses| *responses != lawful).unwrap_or(lawful)
    }

    fn refusing_response(&mut self, draft: &mut HeadDraft, refusal: &Refusal) {
        let faults = self.all::<RefusalSent>();
        let refused = Refused { refusal, octets: &self.request };
        faults.for_each(|fault| fault.distort(draft, refused));
        if self.internal_error {
            draft.start_line = b"HTTP/1.1 500 Internal Server Error".to_vec();
        }
    }

    fn answer(&mut self) -> OpeningAnswer {
        if self.has(OpeningFlow::NeverAnswers) {
            OpeningAnswer::Never
        } else if self.has(Whole::ClosesTcpAtOnce) {
            OpeningAnswer::CloseTcp
        } else if self.has(OpeningFlow::AnswersLate) {
            OpeningAnswer::Respond(LATE)
        } else {
            Strict.answer()
        }
    }

    fn refuse(&mut self, refusal: &Refusal, response: Vec<u8>) -> Refusing {
        let mut mortals = self.all::<Mortal>();
        if let Some(mortal) = mortals.find(|mortal| mortal.dies_of_request(refusal)) {
            return Refusing::Die(mortal.demise());
        }
        let faults = self.all::<RefusalSent>();
        let lawful = Strict.refuse(refusal, response.clone());
        let refused = Refused { refusal, octets: &self.request };
        let mut instead = faults.map(|fault| fault.refuse(refused, response.clone()));
        instead.find(|refusing| *refusing != lawful).unwrap_or(lawful)
    }

    fn close_when_open(&mut self, deflate: Option<&DeflateParams>) -> Option<CloseCode> {
        (deflate.is_none() && self.has(OpeningFlow::NeedsDeflate)).then_some(CloseCode(1010))
    }

    fn transmit_when_open(&mut self, role: Role) -> Vec<Transmit> {
        self.all().flat_map(|fault: Whole| fault.opened(role)).collect()
    }
}
