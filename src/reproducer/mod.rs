//! Reproducers: how a person without wsgauntlet sees a defect again. Each is made of the script of one instance, and of what
//! was observed in a play of it: [`render`] writes a Python program, a curl command, the octets, or a bug report.
//!
//! Pure: no sockets, no clocks. Start reading in `subject`, then `python`. `python/*.py` are the parts that a program is put
//! together from; only those that the script needs are in it.

mod checks;
mod curl;
mod issue;
mod literal;
mod made;
mod opening;
mod outcome;
mod parts;
mod python;
mod raw;
mod steps;
mod subject;

pub use subject::{Deviation, Subject, Tls};

/// In which form a reproducer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A program for Python 3.8 or newer that needs its standard library only. It exits with 1 while the defect is there, with
    /// 0 once it is mended, and with 2 if it cannot tell.
    Python,
    /// A curl command, for what an opening shows.
    Curl,
    /// The octets: a command for `nc`, and a listing with directions.
    Raw,
    /// A bug report in Markdown.
    Issue,
}

/// Why a form cannot express an instance. The text names another form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} cannot be expressed as {form}: {why}; use {instead}")]
pub struct Inexpressible {
    form: &'static str,
    what: String,
    why: String,
    instead: &'static str,
}

/// Writes the reproducer of a play in a form.
///
/// # Errors
///
/// The form cannot express the instance: curl cannot send malformed openings or frames, Python has no server for TLS.
pub fn render(subject: &Subject<'_>, form: Form) -> Result<String, Inexpressible> {
    let failed = |form, instead| {
        move |why: String| Inexpressible { form, what: subject.instance.id.to_string(), why, instead }
    };
    match form {
        Form::Python => python::render(subject).map_err(failed("a Python program", "--as raw")),
        Form::Curl => curl::render(subject).map_err(failed("a curl command", "--as python or --as raw")),
        Form::Raw => Ok(raw::render(subject)),
        Form::Issue => Ok(issue::render(subject)),
    }
}
