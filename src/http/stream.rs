//! Answers that go on: how a stream is kept from failing silently, and server-sent events over the same endpoint.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use actix_web::web::Bytes;
use actix_web::{HttpResponse, http::header};
use async_graphql::Response;
use async_graphql::parser::types::OperationType;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::SendTimeoutError;
use tokio::task::AbortHandle;
use tokio::time::{Interval, Sleep, timeout};
use tracing::Instrument as _;
use uuid::Uuid;

use super::seats::Seat;
use super::stop::Stop;
use super::{HttpSettings, answer};
use crate::graphql::code::ErrorCode;

/// How often a silent stream shows that it lives; proxies drop what is silent for half a minute.
pub const BEAT: Duration = Duration::from_secs(12);
/// Answers that may wait for a reader.
const WAITING: usize = 16;
/// How long they may.
const PATIENCE: Duration = Duration::from_secs(5);

/// An answer on its way to who asked, and what is done once its connection has it.
pub struct Leaving {
    response: Response,
    then: Option<Box<dyn FnOnce() + Send>>,
}

impl Leaving {
    /// One of which something is to be noted when it is handed over.
    pub fn noted(response: Response, then: impl FnOnce() + Send + 'static) -> Self {
        Self { response, then: Some(Box::new(then)) }
    }

    /// The answer, and what is to be called once the connection has it.
    pub(super) fn open(self) -> (Response, impl FnOnce()) {
        let Self { response, then } = self;
        (response, move || then.into_iter().for_each(|then| then()))
    }
}

impl From<Response> for Leaving {
    fn from(response: Response) -> Self {
        Self { response, then: None }
    }
}

/// A task that ends with its owner.
pub struct Running(AbortHandle);

impl Running {
    /// Ties a task to the value that is returned.
    pub fn new(task: AbortHandle) -> Self {
        Self(task)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The time one answer of an operation may take; a subscription waits for as long as it likes.
pub fn patience(kind: OperationType, settings: &HttpSettings) -> Option<Duration> {
    (kind != OperationType::Subscription).then(|| Duration::from_secs(settings.timeout_seconds))
}

/// The same answers, but a panic or an answer that takes too long becomes a last answer with an error, so that the
/// client is not left waiting for an operation that is gone.
pub fn guarded(answers: BoxStream<'static, Leaving>, limit: Option<Duration>) -> BoxStream<'static, Leaving> {
    let answers = AssertUnwindSafe(answers).catch_unwind();
    stream::unfold(Some(answers), move |answers| async move {
        let mut answers = answers?;
        let next = match limit {
            None => answers.next().await,
            Some(limit) => match timeout(limit, answers.next()).await {
                Ok(next) => next,
                Err(_) => {
                    return Some((answer::failed(ErrorCode::Timeout, "The operation took too long.").into(), None));
                }
            },
        };
        let Ok(leaving) = next? else {
            tracing::error!("a resolver panicked");
            return Some((answer::failed(ErrorCode::InternalServerError, "Something went wrong here.").into(), None));
        };
        Some((leaving, Some(answers)))
    })
    .boxed()
}

/// The answers of one operation as server-sent events, in the distinct connections mode of graphql-sse.
pub fn events(
    answers: BoxStream<'static, Leaving>,
    ends: Duration,
    stop: Stop,
    id: Uuid,
    seat: Option<Seat>,
) -> HttpResponse {
    let (to, waiting) = mpsc::channel::<(Instant, Leaving)>(WAITING);
    // in a task of its own: a reader that pauses must not leave it holding a database connection
    let slow = Arc::new(AtomicBool::new(false));
    let task = tokio::spawn(forward(answers, to, slow.clone()).in_current_span());
    let state = Events {
        answers: waiting,
        beat: tokio::time::interval(BEAT),
        ends: Box::pin(tokio::time::sleep(ends)),
        stop,
        id,
        over: false,
        slow,
        seat,
        _task: Running::new(task.abort_handle()),
    };
    HttpResponse::Ok()
        .content_type("text/event-stream; charset=utf-8")
        // a proxy that collects the answer would deliver it when it is over
        .insert_header((header::HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(stream::unfold(state, |mut state| async move {
            let text = state.next().await?;
            Some((Ok::<_, actix_web::Error>(Bytes::from(text)), state))
        }))
}

async fn forward(
    mut answers: BoxStream<'static, Leaving>,
    to: mpsc::Sender<(Instant, Leaving)>,
    slow: Arc<AtomicBool>,
) {
    while let Some(leaving) = answers.next().await {
        match to.send_timeout((Instant::now(), leaving), PATIENCE).await {
            Ok(()) => {}
            Err(SendTimeoutError::Timeout(_)) => return slow.store(true, Relaxed),
            Err(SendTimeoutError::Closed(_)) => return,
        }
    }
}

struct Events {
    /// Each with the instant it was made.
    answers: mpsc::Receiver<(Instant, Leaving)>,
    beat: Interval,
    ends: Pin<Box<Sleep>>,
    stop: Stop,
    id: Uuid,
    over: bool,
    /// The reader did not keep up.
    slow: Arc<AtomicBool>,
    seat: Option<Seat>,
    _task: Running,
}

impl Events {
    /// The next event, or a comment that keeps the connection alive.
    async fn next(&mut self) -> Option<String> {
        if self.over {
            return None;
        }
        tokio::select! {
            // an answer and an end may be ready in the same moment: the end goes first
            biased;
            () = &mut self.ends => {
                self.over = true;
                let response = answer::failed(ErrorCode::Unauthenticated, "The token has ended.");
                Some(self.event(&answer::tidy(response, self.id)))
            }
            // no `complete`: the client comes back by itself and reaches the next server
            () = self.stop.asked() => None,
            leaving = self.answers.recv() => {
                let is_old = leaving.as_ref().is_some_and(|(made, _)| made.elapsed() > PATIENCE);
                if is_old || self.slow.load(Relaxed) {
                    self.seat.iter().for_each(Seat::was_slow);
                    // nothing goes out under rights of long ago; no `complete`: the client comes back by itself, and resumes
                    return None;
                }
                let Some((_, leaving)) = leaving else {
                    self.over = true;
                    return Some("event: complete\ndata:\n\n".to_owned());
                };
                let (response, handed_over) = leaving.open();
                let response = answer::tidy(response, self.id);
                self.over = answer::first_code(&response).as_deref() == Some(ErrorCode::Unauthenticated.as_str());
                let event = self.event(&response);
                // it is asked for by the connection, which writes it now
                handed_over();
                Some(event)
            }
            _ = self.beat.tick() => Some(":\n\n".to_owned()),
        }
    }

    /// One answer; when it is the last one, with the end of the operation.
    fn event(&self, response: &Response) -> String {
        let end = if self.over { "event: complete\ndata:\n\n" } else { "" };
        format!("event: next\ndata: {}\n\n{end}", answer::Body::of(response).text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(answers: Vec<Leaving>) -> Vec<Option<String>> {
        answers.into_iter().map(|leaving| answer::first_code(&leaving.open().0)).collect()
    }

    #[actix_web::test]
    async fn a_panic_is_the_last_answer() {
        let panics = stream::iter([false, true, false]).map(|fails| {
            assert!(!fails, "a fault of the program");
            Leaving::from(Response::default())
        });
        let answers: Vec<_> = guarded(panics.boxed(), None).collect().await;
        assert_eq!(codes(answers), [None, Some("INTERNAL_SERVER_ERROR".to_owned())]);
    }

    #[actix_web::test]
    async fn an_answer_that_takes_too_long_is_the_last_one() {
        let answers: Vec<_> = guarded(stream::pending().boxed(), Some(Duration::from_millis(5))).collect().await;
        assert_eq!(codes(answers), [Some("TIMEOUT".to_owned())]);
    }

    #[actix_web::test]
    async fn events_end_with_the_operation_with_the_token_and_with_the_server() {
        let far = Duration::from_mins(1);
        let read = |answer: HttpResponse| async move {
            let body = actix_web::body::to_bytes(answer.into_body()).await;
            let text = String::from_utf8(body.unwrap().to_vec()).unwrap();
            // without the beat, which comes at any place between the events
            text.trim_start_matches(":\n\n").replace("\n\n:\n\n", "\n\n")
        };
        let begun = |answers, ends, stop| events(answers, ends, stop, Uuid::nil(), None);
        let text = |answers, ends, stop| read(begun(answers, ends, stop));
        let handed = Arc::new(AtomicBool::new(false));
        let note = handed.clone();
        let noted = Leaving::noted(Response::default(), move || note.store(true, Relaxed));
        let answer = begun(stream::iter([noted]).boxed(), far, Stop::new());
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!handed.load(Relaxed), "it waits, and nobody has it");
        let whole = read(answer).await;
        assert_eq!(whole, "event: next\ndata: {\"data\":null}\n\nevent: complete\ndata:\n\n");
        assert!(handed.load(Relaxed), "it is noted that it was handed over");
        let ended = text(stream::pending().boxed(), Duration::ZERO, Stop::new()).await;
        assert!(ended.contains("UNAUTHENTICATED") && ended.ends_with("event: complete\ndata:\n\n"), "{ended}");
        let stop = Stop::new();
        stop.give();
        assert_eq!(text(stream::pending().boxed(), far, stop).await, "");
    }
}
