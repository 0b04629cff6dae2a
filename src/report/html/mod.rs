//! `index.html`: one file without outside resources, for a person in a browser, on a phone or on
//! paper. Several runs make matrices of implementations, defects and cases, and several runs of one target a trend. `view` says what
//! is shown, `beside` aligns two transcripts, `page.html` and what it includes lay it out; `script.js` sorts and filters, and unfolds
//! instances from the data at the page's end, so that thousands of them open at once.

mod beside;
mod view;

use super::stored::StoredRun;
use minijinja::Environment;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;

/// The page, and the parts that it includes.
const TEMPLATES: [(&str, &str); 5] = [
    ("page.html", include_str!("page.html")),
    ("run.html", include_str!("run.html")),
    ("standing.html", include_str!("standing.html")),
    ("transcript.html", include_str!("transcript.html")),
    ("trend.html", include_str!("trend.html")),
];

/// The page about these runs.
pub fn render(runs: &[StoredRun]) -> String {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.expect("the usual delimiters are distinct"));
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).expect("the embedded templates are well-formed");
    }
    let template = environment.get_template("page.html").expect("it was just added");
    template.render(Serde(view::page(runs))).expect("the view has what the template names")
}
