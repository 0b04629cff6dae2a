//! Parameters put into a case: `"$len"` becomes the value of `len`, with its type; `"$len+1"` the
//! next integer; `"a${len}b"` the text with the value in it.

use toml::Value;

/// The parameters of one instance, by name.
pub type Binding = Vec<(String, Value)>;

/// A parameter that is asked for and not given, or not of a fitting type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No parameter has that name.
    #[error("no parameter is named {0:?}")]
    Unknown(String),
    /// Something is added to a value that is no integer.
    #[error("{0:?}: only integers can be added to")]
    NotAnInteger(String),
}

/// `value` with all places filled. The path of the first mistake is not kept: the text names it.
pub fn fill(value: &Value, binding: &Binding) -> Result<Value, TemplateError> {
    Ok(match value {
        Value::String(text) => fill_text(text, binding)?,
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| fill(item, binding)).collect::<Result<_, _>>()?)
        }
        Value::Table(table) => {
            let mut filled = toml::Table::new();
            for (key, item) in table {
                filled.insert(key.clone(), fill(item, binding)?);
            }
            Value::Table(filled)
        }
        other => other.clone(),
    })
}

fn fill_text(text: &str, binding: &Binding) -> Result<Value, TemplateError> {
    if let Some(name) = text.strip_prefix('$')
        && !name.starts_with(['{', '$'])
    {
        return whole(name, text, binding);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(len) = rest[start..].find('}') else { break };
        out.push_str(&rest[..start]);
        out.push_str(&label(lookup(&rest[start + 2..start + len], binding)?));
        rest = &rest[start + len + 1..];
    }
    out.push_str(rest);
    Ok(Value::String(out))
}

fn whole(name: &str, text: &str, binding: &Binding) -> Result<Value, TemplateError> {
    let Some(sign) = name.rfind(['+', '-']).filter(|at| name[at + 1..].parse::<i64>().is_ok()) else {
        return lookup(name, binding).cloned();
    };
    let value = lookup(&name[..sign], binding)?;
    let offset: i64 = name[sign..].parse().map_err(|_| TemplateError::NotAnInteger(text.to_owned()))?;
    match value {
        Value::Integer(integer) => Ok(Value::Integer(integer + offset)),
        _ => Err(TemplateError::NotAnInteger(text.to_owned())),
    }
}

fn lookup<'a>(name: &str, binding: &'a Binding) -> Result<&'a Value, TemplateError> {
    let found = binding.iter().find(|(bound, _)| bound == name);
    found.map(|(_, value)| value).ok_or_else(|| TemplateError::Unknown(name.to_owned()))
}

/// A value as it stands in ids and texts.
pub fn label(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_keep_their_types() {
        let binding =
            vec![("len".to_owned(), Value::Integer(125)), ("s".to_owned(), Value::String("x".into()))];
        let fill = |text: &str| fill(&Value::String(text.into()), &binding);
        assert_eq!(fill("$len"), Ok(Value::Integer(125)));
        assert_eq!(fill("$len+1"), Ok(Value::Integer(126)));
        assert_eq!(fill("a${len}${s}$"), Ok(Value::String("a125x$".into())));
        assert_eq!(fill("$other"), Err(TemplateError::Unknown("other".into())));
        assert_eq!(fill("$s+1"), Err(TemplateError::NotAnInteger("$s+1".into())));
    }
}
