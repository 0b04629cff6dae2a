//! What a page in a browser asks of the run.

use super::browser::{self, PageRequest};
use super::handshake::Handshake;
use super::schedule::Task;
use super::state::State;
use super::tasks::page_task;
use serde_json::json;
use tokio::sync::oneshot;

impl State<'_> {
    /// Answers the page.
    pub(super) fn page(&mut self, handshake: Handshake) {
        let request = handshake
            .request
            .as_ref()
            .map_or(PageRequest::Unknown, |head| browser::page_request(&head.method, &head.target));
        match request {
            PageRequest::Page => browser::serve_page(handshake),
            PageRequest::Next => self.next_for_page(handshake),
            PageRequest::Report(ticket) => match self.pages.reports.remove(&ticket) {
                // The play may have given up waiting in this moment.
                Some(play) => drop(play.send(handshake)),
                None => browser::serve_json(handshake, &json!({})),
            },
            PageRequest::Alive => browser::serve_json(handshake, &json!({})),
            PageRequest::Unknown => browser::serve_not_found(handshake),
        }
    }

    fn next_for_page(&mut self, handshake: Handshake) {
        let Some(task) = self.schedule.next() else {
            let over = self.schedule.is_over();
            self.pages.know_the_end |= over;
            return browser::serve_json(
                handshake,
                &if over { json!({ "over": true }) } else { json!({ "wait": true }) },
            );
        };
        let (ticket, target) = self.tickets.draw();
        let doc = match &task {
            Task::Probe(_) => "What the browser can do.",
            Task::Calibrate(instance) | Task::Play { instance, .. } => &instance.doc,
        };
        let next = json!({
            "play": ticket, "target": target, "doc": doc, "total": self.instances.len(), "finished": self.finished,
        });
        // The page may have been reached under another name than ours.
        let host = handshake.request.as_ref().ok().and_then(|head| head.fields.single("Host"));
        let host = host.map_or_else(|| self.host(), |host| String::from_utf8_lossy(host).into_owned());
        let terms = self.terms(&task, Some((host, target)));
        let (connect, connected) = oneshot::channel();
        let (report, reported) = oneshot::channel();
        self.tickets.insert(ticket, connect);
        self.pages.reports.insert(ticket, report);
        self.tasks.spawn(page_task(connected, reported, self.options.wait, task, terms));
        browser::serve_json(handshake, &next);
    }
}
