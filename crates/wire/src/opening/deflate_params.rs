//! The parameters of permessage-deflate in offers and responses, RFC 7692 §7.1.

use super::extension::{self, Extension};
use super::head::Fields;
use crate::Role;
use crate::deflate::{Settings, WindowBits};

/// The registered name, RFC 7692 §7.
pub const NAME: &str = "permessage-deflate";

/// The window bits that no parameter limits: 32,768 octets.
pub const WINDOW_BITS_MAX: u8 = 15;

/// What a server agreed to, in the response: the "agreed parameters".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DeflateParams {
    /// The server compresses each message by itself, §7.1.1.1.
    pub server_no_context_takeover: bool,
    /// The client compresses each message by itself, §7.1.1.2.
    pub client_no_context_takeover: bool,
    /// 8 to 15.
    pub server_max_window_bits: Option<u8>,
    /// 8 to 15.
    pub client_max_window_bits: Option<u8>,
}

/// What a client offered. `client_max_window_bits`: absent, without a value, or a hint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DeflateOffer {
    /// The client asks the server to compress each message by itself, §7.1.1.1.
    pub server_no_context_takeover: bool,
    /// The client announces that it compresses each message by itself, §7.1.1.2.
    pub client_no_context_takeover: bool,
    /// The largest window that the server may use, 8 to 15, §7.1.2.1.
    pub server_max_window_bits: Option<u8>,
    /// `Some(None)`: the server may limit the client's window. `Some(Some(bits))`: and the client will use no larger one, 8 to 15,
    /// §7.1.2.2.
    pub client_max_window_bits: Option<Option<u8>>,
}

/// Why an offer is declined, or a response fails the connection, RFC 7692 §7.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeflateParamError {
    /// A name that §7.1 does not define.
    #[error("unknown parameter {0:?}")]
    Unknown(String),
    /// A name that stands more than once.
    #[error("parameter {0:?} twice")]
    Twice(String),
    /// A value where none may be, none where one must be, or one out of bounds.
    #[error("parameter {0:?} has an invalid value")]
    InvalidValue(String),
    /// A response that the offer does not allow.
    #[error("{0:?} does not answer what was offered")]
    NotOffered(&'static str),
}

impl DeflateOffer {
    /// Reads the parameters of an element that a client sent. The name of the extension is not looked at.
    ///
    /// # Errors
    ///
    /// Parameters that are unknown, repeated, or have an invalid value: a server declines the offer, §7.1.
    pub fn parse(extension: &Extension) -> Result<DeflateOffer, DeflateParamError> {
        let mut offer = DeflateOffer::default();
        for (name, value) in unique_params(extension)? {
            match (name, value) {
                ("server_no_context_takeover", None) => offer.server_no_context_takeover = true,
                ("client_no_context_takeover", None) => offer.client_no_context_takeover = true,
                ("server_max_window_bits", Some(value)) => {
                    offer.server_max_window_bits = Some(window_bits(name, value)?);
                }
                ("client_max_window_bits", None) => offer.client_max_window_bits = Some(None),
                ("client_max_window_bits", Some(value)) => {
                    offer.client_max_window_bits = Some(Some(window_bits(name, value)?));
                }
                _ => return Err(mistake(name)),
            }
        }
        Ok(offer)
    }

    /// The list element that offers this: the name of the extension and the parameters.
    pub fn to_element(&self) -> String {
        let mut element = NAME.to_owned();
        if self.server_no_context_takeover {
            element.push_str("; server_no_context_takeover");
        }
        if self.client_no_context_takeover {
            element.push_str("; client_no_context_takeover");
        }
        if let Some(bits) = self.server_max_window_bits {
            element.push_str(&format!("; server_max_window_bits={bits}"));
        }
        match self.client_max_window_bits {
            Some(Some(bits)) => element.push_str(&format!("; client_max_window_bits={bits}")),
            Some(None) => element.push_str("; client_max_window_bits"),
            None => {}
        }
        element
    }
}

impl DeflateParams {
    /// Reads the parameters of an element that a server sent. The name of the extension is not looked at.
    ///
    /// # Errors
    ///
    /// Parameters that are unknown, repeated, or have an invalid value: a client fails the connection, §7.1.
    pub fn parse(extension: &Extension) -> Result<DeflateParams, DeflateParamError> {
        let mut params = DeflateParams::default();
        for (name, value) in unique_params(extension)? {
            match (name, value) {
                ("server_no_context_takeover", None) => params.server_no_context_takeover = true,
                ("client_no_context_takeover", None) => params.client_no_context_takeover = true,
                ("server_max_window_bits", Some(value)) => {
                    params.server_max_window_bits = Some(window_bits(name, value)?);
                }
                ("client_max_window_bits", Some(value)) => {
                    params.client_max_window_bits = Some(window_bits(name, value)?);
                }
                _ => return Err(mistake(name)),
            }
        }
        Ok(params)
    }

    /// Whether this response answers `offer`, RFC 7692 §7.1.
    ///
    /// # Errors
    ///
    /// The first parameter that the offer does not allow, or whose absence it does not allow.
    pub fn answers(&self, offer: &DeflateOffer) -> Result<(), DeflateParamError> {
        // §7.1.1.1: accepted "by including the parameter in the response".
        if offer.server_no_context_takeover && !self.server_no_context_takeover {
            return Err(DeflateParamError::NotOffered("server_no_context_takeover"));
        }
        // §7.1.2.1: "with the same or smaller value as the offer".
        if let Some(offered) = offer.server_max_window_bits
            && self.server_max_window_bits.is_none_or(|agreed| agreed > offered)
        {
            return Err(DeflateParamError::NotOffered("server_max_window_bits"));
        }
        // §7.1.2.2: without the parameter in the offer, the response "MUST NOT include" it.
        if self.client_max_window_bits.is_some() && offer.client_max_window_bits.is_none() {
            return Err(DeflateParamError::NotOffered("client_max_window_bits"));
        }
        Ok(())
    }

    /// What the fields of a 101 agree to; `None` without the extension. Parameters that cannot be read count as absent: judges say
    /// what is wrong with them.
    pub fn agreed_in(fields: &Fields) -> Option<DeflateParams> {
        let lines: Vec<&[u8]> = fields.values("Sec-WebSocket-Extensions").collect();
        let extensions = extension::parse(&lines.join(&b", "[..])).ok()?;
        let agreed = extensions.iter().find(|extension| extension.name == NAME)?;
        Some(DeflateParams::parse(agreed).unwrap_or_default())
    }

    /// What the offers in the fields of a request ask for, all of them together; `None` without one.
    pub fn offered_in(fields: &Fields) -> Option<DeflateParams> {
        let lines: Vec<&[u8]> = fields.values("Sec-WebSocket-Extensions").collect();
        let extensions = extension::parse(&lines.join(&b", "[..])).ok()?;
        let offers: Vec<DeflateOffer> = extensions
            .iter()
            .filter(|extension| extension.name == NAME)
            .filter_map(|extension| DeflateOffer::parse(extension).ok())
            .collect();
        let client_bits =
            |offer: &DeflateOffer| offer.client_max_window_bits.map(|b| b.unwrap_or(WINDOW_BITS_MAX));
        (!offers.is_empty()).then(|| DeflateParams {
            server_no_context_takeover: offers.iter().any(|offer| offer.server_no_context_takeover),
            client_no_context_takeover: offers.iter().any(|offer| offer.client_no_context_takeover),
            server_max_window_bits: offers.iter().filter_map(|offer| offer.server_max_window_bits).max(),
            client_max_window_bits: offers.iter().filter_map(client_bits).max(),
        })
    }

    /// What was agreed about the messages that `sender` sends, for whoever compresses them.
    pub fn settings(&self, sender: Role) -> Settings {
        let (bits, no_context_takeover) = match sender {
            Role::Server => (self.server_max_window_bits, self.server_no_context_takeover),
            Role::Client => (self.client_max_window_bits, self.client_no_context_takeover),
        };
        Settings {
            window_bits: bits.and_then(WindowBits::new).unwrap_or(WindowBits::MAX),
            context_takeover: !no_context_takeover,
        }
    }

    /// The list element of a response that agrees to this.
    pub fn to_element(&self) -> String {
        let offer = DeflateOffer {
            server_no_context_takeover: self.server_no_context_takeover,
            client_no_context_takeover: self.client_no_context_takeover,
            server_max_window_bits: self.server_max_window_bits,
            client_max_window_bits: self.client_max_window_bits.map(Some),
        };
        offer.to_element()
    }
}

fn unique_params(extension: &Extension) -> Result<Vec<(&str, Option<&str>)>, DeflateParamError> {
    let mut params: Vec<(&str, Option<&str>)> = Vec::new();
    for (name, value) in &extension.params {
        if params.iter().any(|(seen, _)| seen == name) {
            return Err(DeflateParamError::Twice(name.clone()));
        }
        params.push((name, value.as_deref()));
    }
    Ok(params)
}

fn mistake(name: &str) -> DeflateParamError {
    const KNOWN: [&str; 4] = [
        "server_no_context_takeover",
        "client_no_context_takeover",
        "server_max_window_bits",
        "client_max_window_bits",
    ];
    if KNOWN.contains(&name) {
        DeflateParamError::InvalidValue(name.to_owned())
    } else {
        DeflateParamError::Unknown(name.to_owned())
    }
}

/// §7.1.2.1: "a decimal integer value without leading zeroes between 8 to 15, inclusive".
fn window_bits(name: &str, value: &str) -> Result<u8, DeflateParamError> {
    match value {
        "8" => Ok(8),
        "9" => Ok(9),
        "10" => Ok(10),
        "11" => Ok(11),
        "12" => Ok(12),
        "13" => Ok(13),
        "14" => Ok(14),
        "15" => Ok(15),
        _ => Err(DeflateParamError::InvalidValue(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(value: &str) -> Result<DeflateOffer, DeflateParamError> {
        DeflateOffer::parse(&extension::parse(value.as_bytes()).expect("a list")[0])
    }

    #[test]
    fn offers_of_section_7_1() {
        let all = "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
                   server_max_window_bits=10; client_max_window_bits=8";
        assert_eq!(offer(all).expect("valid").to_element(), all);
        assert_eq!(
            offer("permessage-deflate; client_max_window_bits").expect("valid").client_max_window_bits,
            Some(None)
        );
        assert_eq!(
            offer("permessage-deflate; server_max_window_bits=\"10\"")
                .expect("quoted")
                .server_max_window_bits,
            Some(10)
        );
        for bad in [
            "server_max_window_bits",
            "server_max_window_bits=7",
            "server_max_window_bits=16",
            "server_max_window_bits=08",
            "server_max_window_bits=+9",
            "client_max_window_bits=0",
            "server_no_context_takeover=1",
            "foo",
            "Server_Max_Window_Bits=10",
            "client_max_window_bits; client_max_window_bits=10",
        ] {
            assert!(offer(&format!("permessage-deflate; {bad}")).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_response_must_answer_its_offer() {
        let params = |bits| DeflateParams { server_max_window_bits: bits, ..DeflateParams::default() };
        let ten = offer("permessage-deflate; server_max_window_bits=10").expect("valid");
        assert!(params(Some(10)).answers(&ten).is_ok() && params(Some(9)).answers(&ten).is_ok());
        assert!(params(Some(11)).answers(&ten).is_err() && params(None).answers(&ten).is_err());
        assert!(params(Some(8)).answers(&DeflateOffer::default()).is_ok(), "§7.1.2.1 allows it unasked");
        let hint = DeflateParams { client_max_window_bits: Some(9), ..DeflateParams::default() };
        assert!(hint.answers(&DeflateOffer::default()).is_err());
        assert!(
            hint.answers(&offer("permessage-deflate; client_max_window_bits=8").expect("valid")).is_ok(),
            "a hint"
        );
    }
}
