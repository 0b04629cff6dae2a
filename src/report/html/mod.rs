//! `index.html`: one file without outside resources, for a person in a browser, on a phone or on
//! paper. Several runs make the matrix of implementations and cases. `view` says what is shown,
//! `beside` aligns two transcripts, `page.html` lays it out; `script.js` filters, and unfolds
//! instances from the data at the page's end, so that thousands of them open at once.

mod beside;
mod view;

use super::stored::StoredRun;
use minijinja::Environment;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;

/// One page about all runs, which needs no other file.
pub fn render(runs: &[StoredRun]) -> String {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the usual delimiters are distinct"));
    environment
        .add_template("page.html", include_str!("page.html"))
        .expect("the embedded template is well-formed");
    let template = environment.get_template("page.html").expect("it was just added");
    template.render(Serde(view::page(runs))).expect("the view has what the template names")
}
