//! A closed loop of HTTP requests over connections that stay open: each is sent when the one before it was answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Requests, ready to be sent.
pub struct Requests {
    address: String,
    bytes: Vec<Vec<u8>>,
}

/// What a run came to.
pub struct Run {
    pub answers: usize,
    pub failed: usize,
    pub seconds: f64,
    /// Milliseconds of each answer, sorted.
    pub times: Vec<f64>,
    pub bytes: usize,
}

impl Run {
    pub fn per_second(&self) -> f64 {
        self.answers as f64 / self.seconds
    }

    pub fn at(&self, part: f64) -> f64 {
        let place = (self.times.len() as f64 * part) as usize;
        self.times.get(place.min(self.times.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
    }
}

impl Requests {
    pub fn new(endpoint: &str, token: &str, bodies: impl IntoIterator<Item = String>) -> Self {
        let (address, path) = endpoint.trim_start_matches("http://").split_once('/').expect("an endpoint");
        let request = |body: String| {
            format!(
                "POST /{path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
                 content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes()
        };
        Self { address: address.to_owned(), bytes: bodies.into_iter().map(request).collect() }
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Sends them in turn over so many connections for a time; each only once where they are used up by being sent.
    pub async fn run(self: &Arc<Self>, connections: usize, time: Duration, once: bool) -> Run {
        let next = Arc::new(AtomicUsize::new(0));
        let begin = Instant::now();
        let mut tasks = Vec::new();
        for _ in 0..connections {
            let (requests, next) = (self.clone(), next.clone());
            tasks.push(tokio::spawn(async move { requests.one(begin + time, once, &next).await }));
        }
        let mut run = Run { answers: 0, failed: 0, seconds: 0.0, times: vec![], bytes: 0 };
        for task in tasks {
            let (times, failed, bytes) = task.await.expect("a connection");
            run.failed += failed;
            run.bytes += bytes;
            run.times.extend(times);
        }
        run.seconds = begin.elapsed().as_secs_f64();
        run.answers = run.times.len();
        run.times.sort_by(f64::total_cmp);
        run
    }

    async fn one(&self, until: Instant, once: bool, next: &AtomicUsize) -> (Vec<f64>, usize, usize) {
        let mut stream = TcpStream::connect(&self.address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        let (mut times, mut failed, mut bytes) = (Vec::new(), 0, 0);
        let mut buffer = Vec::with_capacity(256 * 1024);
        while Instant::now() < until {
            let place = next.fetch_add(1, Ordering::Relaxed);
            if once && place >= self.bytes.len() {
                break;
            }
            let begin = Instant::now();
            stream.write_all(&self.bytes[place % self.bytes.len()]).await.expect("the server reads");
            let body = answer(&mut stream, &mut buffer).await;
            if has(body, b"\"errors\":") || has(body, b"\"code\":") {
                // a refusal is no answer, and is quick
                failed += 1;
                continue;
            }
            times.push(begin.elapsed().as_secs_f64() * 1000.0);
            bytes += body.len();
        }
        (times, failed, bytes)
    }

    /// One answer.
    pub async fn ask(&self, place: usize) -> serde_json::Value {
        let mut stream = TcpStream::connect(&self.address).await.expect("the server listens");
        stream.write_all(&self.bytes[place]).await.expect("the server reads");
        let mut buffer = Vec::new();
        serde_json::from_slice(answer(&mut stream, &mut buffer).await).expect("JSON")
    }
}

fn has(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|part| part == word)
}

/// Reads one answer; its body.
async fn answer<'b>(stream: &mut TcpStream, buffer: &'b mut Vec<u8>) -> &'b [u8] {
    buffer.clear();
    let (head, length) = loop {
        let read = stream.read_buf(buffer).await.expect("an answer");
        assert!(read > 0, "the server hung up");
        if let Some(end) = buffer.windows(4).position(|part| part == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            break (end + 4, length.expect("a length").trim().parse::<usize>().expect("a number"));
        }
    };
    while buffer.len() < head + length {
        assert!(stream.read_buf(buffer).await.expect("an answer") > 0, "the server hung up");
    }
    &buffer[head..head + length]
}
