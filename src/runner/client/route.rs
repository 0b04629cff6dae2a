//! What a connection is for, as its request shows.

use url::form_urlencoded;
use wsgauntlet_wire::opening::RequestHead;

/// A request's purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Any WebSocket connection: the next instance.
    Next,
    /// The play of that number, whose address was given to one client alone.
    Play(u64),
    /// A question of Autobahn's loop.
    Loop(Question),
    /// HTTP without any field of a WebSocket opening: a person, or a browser's page.
    Http,
}

/// The loop of Autobahn's test clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    CaseCount,
    CaseInfo {
        case: CaseRef,
    },
    CaseStatus {
        case: CaseRef,
        agent: String,
    },
    RunCase {
        case: CaseRef,
        agent: String,
    },
    UpdateReports {
        agent: String,
        stop: bool,
    },
    StopServer,
    /// A URL of the loop with something missing or wrong.
    Wrong(String),
}

/// How a case is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CaseRef {
    /// From 1.
    Number(usize),
    /// An id of Autobahn, or ours.
    Id(String),
}

/// The path that begins the address of one play.
pub(super) const PLAY: &str = "/play/";

pub(super) fn route(head: &RequestHead) -> Route {
    let target = resource(&head.target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if !is_opening(head) {
        return Route::Http;
    }
    let (ticket, rest) = ticket(path);
    if let (Some(ticket), "") = (ticket, rest) {
        return Route::Play(ticket);
    }
    match question(rest, query) {
        Some(question) => Route::Loop(question),
        None => Route::Next,
    }
}

/// The resource name of a target. RFC 6455 §4.1: it may be "an absolute http/https URI" as well.
fn resource(target: &str) -> &str {
    let rest = target.strip_prefix("http://").or_else(|| target.strip_prefix("https://"));
    let Some(rest) = rest else { return target };
    rest.find(['/', '?']).map_or("/", |at| &rest[at..])
}

/// The number of a play, and what stands behind it: a loop that was given the address of a play puts its own paths there.
fn ticket(path: &str) -> (Option<u64>, &str) {
    let Some(rest) = path.strip_prefix(PLAY) else { return (None, path) };
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    match rest[..digits].parse() {
        Ok(ticket) => (Some(ticket), &rest[digits..]),
        Err(_) => (None, path),
    }
}

/// Whether it means to open a WebSocket connection, however badly.
fn is_opening(head: &RequestHead) -> bool {
    ["Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version"].iter().any(|name| head.fields.count(name) > 0)
}

fn question(path: &str, query: &str) -> Option<Question> {
    let one = |name: &'static str| one(query, name);
    let question = match path {
        "/getCaseCount" => Ok(Question::CaseCount),
        "/getCaseInfo" => case(query).map(|case| Question::CaseInfo { case }),
        "/getCaseStatus" => case(query)
            .and_then(|case| Ok(Question::CaseStatus { case, agent: needed(one("agent")?, "agent")? })),
        "/runCase" => case(query)
            .and_then(|case| Ok(Question::RunCase { case, agent: needed(one("agent")?, "agent")? })),
        "/updateReports" => one("agent").and_then(|agent| {
            let stop = one("shutdownOnComplete")?
                .is_some_and(|value| matches!(value.to_lowercase().as_str(), "true" | "yes"));
            Ok(Question::UpdateReports { agent: needed(agent, "agent")?, stop })
        }),
        "/stopServer" => Ok(Question::StopServer),
        _ => return None,
    };
    Some(question.unwrap_or_else(Question::Wrong))
}

/// The only value of that name.
fn one(query: &str, name: &str) -> Result<Option<String>, String> {
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
    let first = values.next().map(|(_, value)| value.into_owned());
    match values.next() {
        Some(_) => Err(format!("{name} stands more than once")),
        None => Ok(first),
    }
}

fn needed(value: Option<String>, name: &str) -> Result<String, String> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| format!("{name} is missing"))
}

fn case(query: &str) -> Result<CaseRef, String> {
    match (one(query, "case")?, one(query, "casetuple")?) {
        (Some(number), _) => match number.trim().parse() {
            Ok(number) => Ok(CaseRef::Number(number)),
            Err(_) => Err(format!("{number:?} is no number of a case")),
        },
        (None, Some(id)) => Ok(CaseRef::Id(id.trim().to_owned())),
        (None, None) => Err("case is missing".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routed(target: &str) -> Route {
        let octets = format!("GET {target} HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
        let (head, _) = RequestHead::parse(octets.as_bytes()).expect("a head").expect("complete");
        route(&head)
    }

    #[test]
    fn urls_of_the_loop() {
        let number = |number| CaseRef::Number(number);
        let agent = || "A b".to_owned();
        for (target, expected) in [
            ("/getCaseCount", Question::CaseCount),
            ("/runCase?case=7&agent=A%20b", Question::RunCase { case: number(7), agent: agent() }),
            (
                "/runCase?agent=A+b&casetuple=1.1.1",
                Question::RunCase { case: CaseRef::Id("1.1.1".into()), agent: agent() },
            ),
            ("/getCaseInfo?case=2", Question::CaseInfo { case: number(2) }),
            ("/getCaseStatus?case=2&agent=A%20b", Question::CaseStatus { case: number(2), agent: agent() }),
            ("/updateReports?agent=A%20b", Question::UpdateReports { agent: agent(), stop: false }),
            (
                "/updateReports?agent=A%20b&shutdownOnComplete=True",
                Question::UpdateReports { agent: agent(), stop: true },
            ),
            ("/stopServer", Question::StopServer),
            ("/runCase?case=7", Question::Wrong("agent is missing".into())),
            ("/runCase?agent=A", Question::Wrong("case is missing".into())),
            ("/runCase?case=x&agent=A", Question::Wrong("\"x\" is no number of a case".into())),
            ("/updateReports", Question::Wrong("agent is missing".into())),
            ("/getCaseInfo?case=1&case=2", Question::Wrong("case stands more than once".into())),
        ] {
            assert_eq!(routed(target), Route::Loop(expected), "{target}");
        }
    }

    #[test]
    fn other_addresses() {
        assert_eq!(routed("/"), Route::Next);
        assert_eq!(routed("/runcase?case=1"), Route::Next);
        assert_eq!(routed("/play/12"), Route::Play(12));
        assert_eq!(routed("http://127.0.0.1:9001/play/12"), Route::Play(12));
        assert_eq!(routed("https://a/getCaseCount"), Route::Loop(Question::CaseCount));
        assert_eq!(routed("/play/12/getCaseCount"), Route::Loop(Question::CaseCount));
        assert_eq!(routed("/play/12/x"), Route::Next);
        assert_eq!(routed("http://a?b"), Route::Next);
        assert_eq!(routed("/play/x"), Route::Next);
        let (head, _) =
            RequestHead::parse(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").expect("a head").expect("complete");
        assert_eq!(route(&head), Route::Http);
    }
}
