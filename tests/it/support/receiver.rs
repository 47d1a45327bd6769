//! Where webhooks of tests are: a server that keeps what it is sent and answers as it is told.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::Value;

/// What was sent.
#[derive(Clone, Debug)]
pub struct Message {
    pub path: String,
    pub id: String,
    pub timestamp: String,
    pub signature: String,
    pub content_type: String,
    pub body: String,
}

impl Message {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }

    pub fn cursor(&self) -> String {
        self.json()["data"]["cursor"].as_str().unwrap().to_owned()
    }
}

#[derive(Default)]
struct Kept {
    messages: Mutex<Vec<Message>>,
    /// What it answers next; success where nothing is said.
    answers: Mutex<VecDeque<u16>>,
    /// What it answers to everything, where something is said.
    always: Mutex<Option<u16>>,
    slow: Mutex<Duration>,
    begun: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

/// A running server.
pub struct Receiver {
    kept: Arc<Kept>,
    pub port: u16,
    handle: actix_web::dev::ServerHandle,
}

async fn receive(request: HttpRequest, body: String, kept: web::Data<Kept>) -> HttpResponse {
    kept.begun.fetch_add(1, SeqCst);
    let now = kept.at_once.fetch_add(1, SeqCst) + 1;
    kept.most_at_once.fetch_max(now, SeqCst);
    let slow = *kept.slow.lock().unwrap();
    tokio::time::sleep(slow).await;
    let header =
        |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    kept.messages.lock().unwrap().push(Message {
        path: request.path().to_owned(),
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        content_type: header("content-type"),
        body,
    });
    kept.at_once.fetch_sub(1, SeqCst);
    let next = kept.answers.lock().unwrap().pop_front();
    let status = next.or(*kept.always.lock().unwrap()).unwrap_or(200);
    let mut answer = HttpResponse::build(actix_web::http::StatusCode::from_u16(status).unwrap());
    if (300..400).contains(&status) {
        answer.insert_header(("location", "/elsewhere"));
    }
    // more than is read of an answer
    answer.body("x".repeat(10_000))
}

impl Receiver {
    pub fn start() -> Self {
        let kept = Arc::new(Kept::default());
        let data = web::Data::from(kept.clone());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = HttpServer::new(move || App::new().app_data(data.clone()).default_service(web::to(receive)));
        let server = server.workers(2).listen(listener).unwrap().run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { kept, port, handle }
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// What it answers next, in order.
    pub fn answers(&self, statuses: &[u16]) {
        self.kept.answers.lock().unwrap().extend(statuses);
    }

    /// What it answers to everything from now on; success again for none.
    pub fn always(&self, status: Option<u16>) {
        *self.kept.always.lock().unwrap() = status;
    }

    /// How long it takes.
    pub fn takes(&self, time: Duration) {
        *self.kept.slow.lock().unwrap() = time;
    }

    /// What it was sent since it was asked last.
    pub fn take(&self) -> Vec<Message> {
        std::mem::take(&mut *self.kept.messages.lock().unwrap())
    }

    /// How many requests began, answered or not.
    pub fn begun(&self) -> usize {
        self.kept.begun.load(SeqCst)
    }

    /// How many requests there were at a time, at the most.
    pub fn most_at_once(&self) -> usize {
        self.kept.most_at_once.load(SeqCst)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}
