//! The page: self-contained, safe against what it shows, small, and nothing in it goes missing.
//! How it looks and whether a keyboard reaches everything is `ci/check-html`.

use super::fixture::{deviating, diagnosed, every_verdict, pass, run_of};
use wsgauntlet::report::stored::{Gate, StoredField};
use wsgauntlet::report::{html, json};
use wsgauntlet_suite::oracle::VerdictKind::{Fail, Lenient};

/// Writes pages for a browser where WSGAUNTLET_PAGES names a folder.
fn keep(name: &str, page: &str, runs: &[&wsgauntlet::report::StoredRun]) {
    if let Some(folder) = std::env::var_os("WSGAUNTLET_PAGES") {
        let folder = std::path::PathBuf::from(folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join(format!("{name}.html")), page).expect("a page");
        for (index, run) in runs.iter().enumerate() {
            std::fs::write(folder.join(format!("{name}-{index}.json")), json::render(run)).expect("a run");
        }
    }
}

#[test]
fn it_needs_nothing_from_outside() {
    let run = every_verdict();
    let page = html::render(std::slice::from_ref(&run));
    for outside in ["src=", "<link", "@import", "url(", "http://", "https://"] {
        assert!(!page.contains(outside), "{outside}");
    }
    for shown in ["Close 1002, then the end", "RFC 6455 §5.1 MUST", "masking/direction/zero", "echo &amp; co"]
    {
        assert!(page.contains(shown), "{shown}");
    }
    keep("every-verdict", &page, &[&run]);
}

/// What a target sends is text, wherever it stands.
#[test]
fn what_a_target_sends_is_escaped() {
    let mut run = every_verdict();
    let evil = "</script><script>alert(1)</script><!--";
    run.target.name = evil.to_owned();
    run.target.remarks.push(evil.to_owned());
    for instance in &mut run.instances {
        instance.transcript.push(format!("< text  {evil}"));
        if let Some(failure) = &mut instance.failure {
            failure.observed = evil.to_owned();
        }
    }
    let page = html::render(&[run]);
    assert_eq!(page.matches("<script").count(), 2);
    assert!(!page.contains("<!--") && !page.contains("alert(1)</script"));
}

/// 2,000 instances, all of them failing in their own way, stay below 5 MB.
#[test]
fn two_thousand_failures_are_small() {
    let mut instances = Vec::new();
    for index in 0..2000u32 {
        let mut instance = deviating(
            Fail,
            &format!("masking/direction/case-{}", index % 400),
            &format!("[len={index}]"),
            (index % 251) as u8,
        );
        for line in 0..20 {
            let octets = format!(
                "< text  81 0{} | {index:08x} {line:08x} 61 62 63 64 65 66 67 68 69  9 octets, \"abcdefghi\"",
                line % 8
            );
            instance.transcript.push(octets.clone());
            instance.reference_transcript.push(octets);
        }
        instances.push(instance);
    }
    let run = run_of(instances);
    let page = html::render(std::slice::from_ref(&run));
    assert!(page.len() < 5_000_000, "{} octets", page.len());
    keep("large", &page, &[]);
}

/// Several runs make the matrix; a case that a run has not leaves its cell empty.
#[test]
fn several_runs_make_the_matrix() {
    let mut one =
        run_of(vec![pass("a/b/c", "[n=1]"), deviating(Fail, "a/b/c", "[n=2]", 1), pass("a/b/d", "")]);
    one.target.name = "one".to_owned();
    let mut two =
        run_of(vec![pass("a/b/c", "[n=1]"), pass("a/b/c", "[n=2]"), deviating(Lenient, "a/b/e", "", 2)]);
    two.target.name = "two".to_owned();
    let page = html::render(&[one.clone(), two.clone()]);
    let matrix = &page[page.find("<table class=\"matrix sortable\" id=\"case-matrix\"").expect("a matrix")..];
    let matrix = &matrix[..matrix.find("</table>").expect("its end")];
    insta::assert_snapshot!(matrix);
    for link in ["href=\"#overview\"", "href=\"#run-1\"", "href=\"#matrix\"", "href=\"#instances\""] {
        assert!(page.contains(link), "{link}");
    }
    keep("matrix", &html::render(&[one, two, every_verdict()]), &[]);
}

/// A field that each server words in its own way is no difference, even where one side has none.
#[test]
fn fields_that_mean_nothing_are_not_marked() {
    let mut instance = deviating(Fail, "a/b/c", "", 1);
    instance.transcript.insert(2, "< Server: other/1.0".to_owned());
    let page = html::render(&[run_of(vec![instance])]);
    assert!(page.contains("<td>&lt; Server: other&#x2f;1.0</td>"));
    assert!(page.contains("<mark>- silence until the deadline, 2000 ms</mark>"));
}

/// A card of a defect has the transcript of its smallest instance and the commands that show it again. Without a baseline there is no
/// gate, and so none that fails.
#[test]
fn defects_are_cards() {
    let mut run = diagnosed(run_of(vec![deviating(Fail, "masking/direction/wrong", "[len=5]", 1)]));
    let defects = run.defects.as_mut().expect("a defect");
    defects[0].smallest = run.instances[0].id.clone();
    run.gate = Some(Gate { status: 1, ..Gate::default() });
    let page = html::render(&[run]);
    let card = &page[page.find("id=\"defect-0-0\"").expect("a card")..];
    let card = &card[..card.find("</section>").expect("its end")];
    for shown in
        ["Close 1002, then the end", "<mark>- silence until the deadline, 2000 ms</mark>", "--as python"]
    {
        assert!(card.contains(shown), "{shown}");
    }
    assert!(
        !card.contains("<h3>Causes</h3>") && !card.contains("Deviations of no known defect"),
        "shown twice"
    );
    assert!(page.contains("exit status 1") && !page.contains("card gate-shut"));
}

/// Failures stand before what binds nobody; what passed is only in the data of the script.
#[test]
fn the_worst_stands_first() {
    let page = html::render(&[every_verdict()]);
    let place = |text: &str| page.find(&format!("<li data-v=\"{text}\"")).unwrap_or_else(|| panic!("{text}"));
    assert!(
        place("fail") < place("error")
            && place("error") < place("lenient")
            && place("lenient") < place("info")
    );
    assert!(!page.contains("<li data-v=\"pass\""));
    assert!(page.contains("[0,\"MUST\",\"control/ping/simple\"]"), "what passed can be listed");
}

/// The audited implementations are drawn beside the target.
#[test]
fn the_standing_is_a_picture() {
    let mut run = diagnosed(every_verdict());
    let field = StoredField {
        date: "November 2026".to_owned(),
        failing: 50,
        others: vec![(50, 10), (50, 90), (50, 90)],
        ..StoredField::default()
    };
    run.grades.as_mut().expect("grades").field = Some(field);
    let page = html::render(&[run]);
    assert_eq!(page.matches("<circle class=\"worse\"").count(), 2);
    assert_eq!(page.matches("<circle class=\"better\"").count(), 1);
    keep("standing", &page, &[]);
}

/// Runs of one target are a trend in the order of their times, and tell which defects are new. A run that was not diagnosed has a dash
/// in the matrix of defects, and not an empty cell.
#[test]
fn runs_of_one_target_are_a_trend() {
    let run = || {
        run_of(vec![deviating(Fail, "masking/direction/wrong", "", 1), pass("masking/direction/right", "")])
    };
    let mut later = diagnosed(run());
    later.started = Some("2026-05-17T10:00:00Z".to_owned());
    let mut earlier = diagnosed(run());
    earlier.defects = Some(Vec::new());
    earlier.started = Some("2026-05-16T10:00:00Z".to_owned());
    let mut unknown = run();
    unknown.target.name = "unknown".to_owned();
    let page = html::render(&[later, earlier, unknown]);
    let trend = &page[page.find("id=\"trend-1\"").expect("a trend")..];
    let trend = &trend[..trend.find("</section>").expect("its end")];
    assert!(trend.find("2026-05-16 10:00") < trend.find("2026-05-17 10:00"), "{trend}");
    assert!(trend.contains("<h3>2026-05-17 10:00</h3>"));
    assert!(trend.contains("<strong>new</strong> Does not check that client frames are masked"));
    let matrix = &page[page.find("id=\"defect-matrix\"").expect("a matrix")..];
    let row = &matrix[matrix.find("<tbody>").expect("rows")..matrix.find("</tbody>").expect("their end")];
    assert!(row.contains("<a href=\"#defect-0-0\">1</a></td><td></td><td>–</td></tr>"), "{row}");
    keep("trend", &page, &[]);
}
