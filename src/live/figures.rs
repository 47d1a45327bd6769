//! What the feed says of itself: counts and times, nobody and nothing by name.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::store::webhook::count::Counted;

/// Upper bounds of the times that are told apart, in milliseconds.
const BOUNDS: [u64; 11] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000];

/// Counters of one server's feed.
#[derive(Debug, Default)]
pub struct Figures {
    delivered: AtomicU64,
    waited: AtomicU64,
    /// Microseconds, of all that waited.
    waited_for: AtomicU64,
    /// How many waited for longer than one bound and not for longer than the next.
    within: [AtomicU64; BOUNDS.len() + 1],
    sent: AtomicU64,
    failed: AtomicU64,
    dead: AtomicU64,
    /// Events that are committed, and not yet handed to those they concern.
    pub(super) depth: AtomicI64,
}

impl Figures {
    /// Counts an event that was handed to the connection of its reader, with the time since it was there; without one where it
    /// had been missed before.
    pub fn delivered(&self, after: Option<Duration>) {
        self.delivered.fetch_add(1, Relaxed);
        let Some(after) = after else { return };
        self.waited.fetch_add(1, Relaxed);
        let micros = u64::try_from(after.as_micros()).unwrap_or(u64::MAX);
        self.waited_for.fetch_add(micros, Relaxed);
        let place = BOUNDS.iter().position(|bound| micros <= bound * 1000).unwrap_or(BOUNDS.len());
        if let Some(count) = self.within.get(place) {
            count.fetch_add(1, Relaxed);
        }
    }

    /// Counts a message to a webhook that was taken.
    pub(super) fn sent(&self) {
        self.sent.fetch_add(1, Relaxed);
    }

    /// Counts an attempt to send to a webhook that failed, and whether the message was given up.
    pub(super) fn not_sent(&self, is_dead: bool) {
        self.failed.fetch_add(1, Relaxed);
        self.dead.fetch_add(u64::from(is_dead), Relaxed);
    }

    /// The figures as Prometheus reads them, with the listeners there are and the events that are kept.
    pub(super) fn text(&self, listeners: usize, kept: i64) -> String {
        let mut text = String::new();
        let mut one = |name: &str, kind: &str, help: &str, value: &dyn std::fmt::Display| {
            let _ =
                write!(text, "# HELP quorate_{name} {help}\n# TYPE quorate_{name} {kind}\nquorate_{name} {value}\n");
        };
        one("feed_listeners", "gauge", "Subscriptions to the feed that are open here.", &listeners);
        one("feed_delivered_total", "counter", "Events handed to listeners.", &self.delivered.load(Relaxed));
        one("feed_depth", "gauge", "Events committed and not yet handed on here.", &self.depth.load(Relaxed));
        one("feed_events", "gauge", "Events that are kept.", &kept);
        one("webhooks_delivered_total", "counter", "Messages that webhooks took.", &self.sent.load(Relaxed));
        one(
            "webhooks_failed_total",
            "counter",
            "Attempts to send to webhooks that failed.",
            &self.failed.load(Relaxed),
        );
        one("webhooks_dead_total", "counter", "Messages to webhooks that were given up.", &self.dead.load(Relaxed));
        let name = "quorate_feed_lag_seconds";
        let help = "From the commit of an event until it is handed to the connection of its reader.";
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} histogram");
        let mut below = 0;
        for (bound, count) in BOUNDS.iter().zip(&self.within) {
            below += count.load(Relaxed);
            let _ = writeln!(text, "{name}_bucket{{le=\"{}\"}} {below}", Duration::from_millis(*bound).as_secs_f64());
        }
        let all = self.waited.load(Relaxed);
        let seconds = Duration::from_micros(self.waited_for.load(Relaxed)).as_secs_f64();
        let _ = writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {all}\n{name}_sum {seconds}\n{name}_count {all}");
        text
    }
}

/// What there is of webhooks, as Prometheus reads it: the same on every server, as it is read in the database.
pub(super) fn of_webhooks(counted: &[Counted]) -> String {
    let name = "quorate_webhooks";
    let mut text = format!("# HELP {name} Webhooks that stand so, on all servers.\n# TYPE {name} gauge\n");
    for each in counted {
        let _ = writeln!(text, "{name}{{state=\"{}\"}} {}", each.state.word(), each.many);
    }
    let all = |of: fn(&Counted) -> i64| counted.iter().map(of).sum::<i64>();
    for (name, help, value) in [
        ("failing", "Webhooks whose next message was tried in vain, on all servers.", all(|each| each.failing)),
        ("backlog", "Events that active webhooks have still to go through, on all servers.", all(|each| each.behind)),
    ] {
        let _ = writeln!(
            text,
            "# HELP quorate_webhooks_{name} {help}\n# TYPE quorate_webhooks_{name} gauge\nquorate_webhooks_{name} {value}"
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_in_their_buckets() {
        let figures = Figures::default();
        for (millis, many) in [(0, 1), (5, 2), (6, 1), (400, 3), (9000, 1)] {
            for _ in 0..many {
                figures.delivered(Some(Duration::from_millis(millis)));
            }
        }
        figures.delivered(None);
        figures.sent();
        figures.not_sent(false);
        figures.not_sent(true);
        let text = figures.text(3, 12);
        for line in [
            "quorate_feed_listeners 3",
            "quorate_feed_delivered_total 9",
            "quorate_feed_events 12",
            "quorate_webhooks_delivered_total 1",
            "quorate_webhooks_failed_total 2",
            "quorate_webhooks_dead_total 1",
            "quorate_feed_lag_seconds_bucket{le=\"0.001\"} 1",
            "quorate_feed_lag_seconds_bucket{le=\"0.005\"} 3",
            "quorate_feed_lag_seconds_bucket{le=\"0.01\"} 4",
            "quorate_feed_lag_seconds_bucket{le=\"0.5\"} 7",
            "quorate_feed_lag_seconds_bucket{le=\"+Inf\"} 8",
            "quorate_feed_lag_seconds_sum 10.216",
            "quorate_feed_lag_seconds_count 8",
        ] {
            assert!(text.lines().any(|said| said == line), "{line}: {text}");
        }
    }
}
