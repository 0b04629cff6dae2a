//! `Sec-WebSocket-Extensions`, RFC 6455 §9.1:
//! `extension-list = 1#extension`, `extension = token *( ";" token [ "=" (token | quoted-string) ] )`.

use super::token::{is_token, is_token_octet, trim};

/// One element of the list, and its parameters in their order. A quoted value is unescaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// A token, in the letter case in which it was sent.
    pub name: String,
    /// Each parameter's name and, behind `=`, its value.
    pub params: Vec<(String, Option<String>)>,
}

impl Extension {
    /// The list element that names this extension and its parameters, without quotes: `name; param=value`.
    pub fn to_element(&self) -> String {
        let mut element = self.name.clone();
        for (name, value) in &self.params {
            element.push_str("; ");
            element.push_str(name);
            if let Some(value) = value {
                element.push('=');
                element.push_str(value);
            }
        }
        element
    }
}

/// Where a value departs from the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtensionError {
    /// Nothing but commas and whitespace.
    #[error("the list has no element")]
    Empty,
    /// A name with octets that tokens do not have, or without any.
    #[error("an extension or parameter name is not a token")]
    NameNotToken,
    /// A value with octets that tokens do not have, or without any, after unquoting.
    #[error("a parameter value is not a token")]
    ValueNotToken,
    /// The field value ends within a quoted string.
    #[error("a quoted value has no end")]
    QuoteOpen,
    /// Something other than spaces stands between a quoted string and the next separator.
    #[error("octets follow a quoted value")]
    AfterQuote,
}

/// The extensions of one field value. Empty list elements are ignored, RFC 9110 §5.6.1.2.
///
/// # Errors
///
/// The first departure from the grammar. No part of such a value is used.
pub fn parse(value: &[u8]) -> Result<Vec<Extension>, ExtensionError> {
    let elements = split_unquoted(value, b',')?;
    let mut extensions = Vec::new();
    for element in elements.into_iter().map(trim).filter(|element| !element.is_empty()) {
        extensions.push(parse_one(element)?);
    }
    if extensions.is_empty() { Err(ExtensionError::Empty) } else { Ok(extensions) }
}

fn parse_one(element: &[u8]) -> Result<Extension, ExtensionError> {
    let parts = split_unquoted(element, b';')?;
    let mut parts = parts.into_iter().map(trim);
    let name = token(parts.next().unwrap_or_default())?;
    let params = parts.map(parse_param).collect::<Result<Vec<_>, _>>()?;
    Ok(Extension { name, params })
}

fn parse_param(part: &[u8]) -> Result<(String, Option<String>), ExtensionError> {
    let Some(equals) = part.iter().position(|octet| *octet == b'=') else {
        return Ok((token(part)?, None));
    };
    let name = token(trim(&part[..equals]))?;
    let value = trim(&part[equals + 1..]);
    let value = match value.split_first() {
        Some((b'"', quoted)) => unquote(quoted)?,
        _ => value.to_vec(),
    };
    // §9.1: "the value after quoted-string unescaping MUST conform to the 'token' ABNF."
    if !is_token(&value) {
        return Err(ExtensionError::ValueNotToken);
    }
    Ok((name, Some(String::from_utf8_lossy(&value).into_owned())))
}

fn token(octets: &[u8]) -> Result<String, ExtensionError> {
    if is_token(octets) {
        Ok(octets.iter().map(|octet| char::from(*octet)).collect())
    } else {
        Err(ExtensionError::NameNotToken)
    }
}

/// `quoted` is what follows the opening quote.
fn unquote(quoted: &[u8]) -> Result<Vec<u8>, ExtensionError> {
    let mut value = Vec::new();
    let mut octets = quoted.iter();
    loop {
        match octets.next().ok_or(ExtensionError::QuoteOpen)? {
            b'"' => break,
            b'\\' => value.push(*octets.next().ok_or(ExtensionError::QuoteOpen)?),
            octet => value.push(*octet),
        }
    }
    if octets.as_slice().iter().any(|octet| is_token_octet(*octet) || *octet != b' ') {
        return Err(ExtensionError::AfterQuote);
    }
    Ok(value)
}

/// Splits at `separator` outside quoted strings.
fn split_unquoted(value: &[u8], separator: u8) -> Result<Vec<&[u8]>, ExtensionError> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (index, octet) in value.iter().enumerate() {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            octet if *octet == separator && !quoted => {
                parts.push(&value[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    if quoted {
        return Err(ExtensionError::QuoteOpen);
    }
    parts.push(&value[start..]);
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(value: &str) -> Result<String, ExtensionError> {
        Ok(parse(value.as_bytes())?
            .into_iter()
            .map(|extension| {
                let params = extension.params.into_iter();
                let params = params.map(|(n, v)| format!("{n}={}", v.unwrap_or_default()));
                format!("{}[{}]", extension.name, params.collect::<Vec<_>>().join(" "))
            })
            .collect::<Vec<_>>()
            .join(" "))
    }

    #[test]
    fn lists_of_section_9_1() {
        assert_eq!(shape("foo"), Ok("foo[]".into()));
        assert_eq!(shape("foo; bar; baz=2"), Ok("foo[bar= baz=2]".into()));
        assert_eq!(shape("a; x=\"1\\0\" , ,b"), Ok("a[x=10] b[]".into()));
        for (bad, error) in [
            ("", ExtensionError::Empty),
            (" , ", ExtensionError::Empty),
            ("f oo", ExtensionError::NameNotToken),
            ("foo;", ExtensionError::NameNotToken),
            (";a", ExtensionError::NameNotToken),
            ("foo;=1", ExtensionError::NameNotToken),
            ("foo;bar=", ExtensionError::ValueNotToken),
            ("foo;bar=\"\"", ExtensionError::ValueNotToken),
            ("foo;bar=\"a b\"", ExtensionError::ValueNotToken),
            ("foo;bar=\"baz", ExtensionError::QuoteOpen),
            ("foo;bar=\"1\\", ExtensionError::QuoteOpen),
            ("foo;bar=\"a\"b", ExtensionError::AfterQuote),
        ] {
            assert_eq!(shape(bad), Err(error), "{bad:?}");
        }
    }
}
