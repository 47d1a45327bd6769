//! A WebSocket client of a few lines, which can do what no proper one does: stop reading, and send what is no frame. Also
//! used by the benchmark.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A socket.
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// Answers pings, as every client does.
    pub pongs: bool,
}

/// What came.
#[derive(Debug, PartialEq)]
pub enum Came {
    /// A message.
    Message(Value),
    /// The server closed with a code.
    Closed(u16),
    /// The connection is gone.
    Gone,
}

impl Wire {
    /// A socket that speaks graphql-transport-ws; `None` where nobody takes it up.
    pub async fn open(endpoint: &str) -> Option<Self> {
        let (host, path) = endpoint.trim_start_matches("http://").split_once('/')?;
        let mut stream = TcpStream::connect(host).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let request = format!(
            "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut wire = Self { stream, buffer: Vec::new(), pongs: true };
        let end = loop {
            if let Some(at) = wire.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break at;
            }
            wire.more().await?;
        };
        let is_switched = wire.buffer.starts_with(b"HTTP/1.1 101");
        wire.buffer.drain(..end + 4);
        is_switched.then_some(wire)
    }

    /// The same, once the server knows who it is.
    pub async fn of(endpoint: &str, token: &str) -> Option<Self> {
        let mut wire = Self::open(endpoint).await?;
        wire.say(&json!({"type": "connection_init", "payload": {"Authorization": format!("Bearer {token}")}})).await?;
        match wire.next().await {
            Came::Message(message) if message["type"] == "connection_ack" => Some(wire),
            _ => None,
        }
    }

    /// Starts an operation under an id.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: &Value) -> Option<()> {
        let payload = json!({"query": query, "variables": variables});
        self.say(&json!({"id": id, "type": "subscribe", "payload": payload})).await
    }

    /// Sends a message.
    pub async fn say(&mut self, message: &Value) -> Option<()> {
        self.frame(1, message.to_string().as_bytes()).await
    }

    /// Sends a frame: masked, as a client must, with zeros.
    pub async fn frame(&mut self, opcode: u8, payload: &[u8]) -> Option<()> {
        let mut bytes = vec![0x80 | opcode];
        match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
            (Ok(short), _) if short < 126 => bytes.push(0x80 | short),
            (_, Ok(longer)) => {
                bytes.push(0x80 | 0x7e);
                bytes.extend(longer.to_be_bytes());
            }
            _ => {
                bytes.push(0x80 | 0x7f);
                bytes.extend((payload.len() as u64).to_be_bytes());
            }
        }
        bytes.extend([0; 4]);
        bytes.extend(payload);
        self.raw(&bytes).await
    }

    /// Sends bytes.
    pub async fn raw(&mut self, bytes: &[u8]) -> Option<()> {
        self.stream.write_all(bytes).await.ok()
    }

    async fn more(&mut self) -> Option<()> {
        match self.stream.read_buf(&mut self.buffer).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }

    /// One frame of the buffer, if it is whole: its opcode and payload.
    fn cut(&mut self) -> Option<(u8, Vec<u8>)> {
        let (first, second) = (*self.buffer.first()?, *self.buffer.get(1)?);
        let (at, length) = match second & 0x7f {
            126 => (4, usize::from(u16::from_be_bytes(self.buffer.get(2..4)?.try_into().ok()?))),
            127 => (10, usize::try_from(u64::from_be_bytes(self.buffer.get(2..10)?.try_into().ok()?)).ok()?),
            short => (2, usize::from(short)),
        };
        let payload = self.buffer.get(at..at + length)?.to_vec();
        self.buffer.drain(..at + length);
        Some((first & 0x0f, payload))
    }

    /// The next message, or the end. May be dropped while it waits; nothing is lost by that.
    pub async fn next(&mut self) -> Came {
        loop {
            match self.cut() {
                Some((1, text)) => match serde_json::from_slice::<Value>(&text) {
                    Ok(message) if message["type"] == "ping" => {}
                    Ok(message) => return Came::Message(message),
                    Err(_) => return Came::Gone,
                },
                Some((8, why)) => {
                    let code = why.first_chunk::<2>().map_or(1005, |code| u16::from_be_bytes(*code));
                    let _ = self.frame(8, &why).await;
                    return Came::Closed(code);
                }
                Some((9, payload)) if self.pongs => {
                    if self.frame(10, &payload).await.is_none() {
                        self.pongs = false;
                    }
                }
                Some(_) => {}
                None => {
                    if self.more().await.is_none() {
                        return Came::Gone;
                    }
                }
            }
        }
    }
}
