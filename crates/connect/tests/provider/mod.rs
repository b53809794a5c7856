//! A small HTTPS server on loopback whose pages a test sets, with a certificate made on the spot.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the server says at one path.
#[derive(Clone, Default)]
pub struct Page {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Bytes go out one by one with this pause.
    pub drip: Option<Duration>,
}

impl Page {
    pub fn of(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, body: body.into(), ..Self::default() }
    }
}

type Pages = Arc<Mutex<BTreeMap<String, Page>>>;

/// The running server; it ends with the test's process.
pub struct Server {
    pub base: String,
    /// Its certificate authority, PEM.
    pub authority: String,
    pages: Pages,
    asked: Arc<Mutex<Vec<String>>>,
    door: Arc<Mutex<Door>>,
}

/// Who is let in, and what the last one who asked said.
#[derive(Default)]
struct Door {
    /// Value of `Authorization` without which nothing is given; empty for anybody.
    wants: String,
    authorization: String,
    accept: String,
}

impl Server {
    pub fn start() -> Self {
        let made =
            rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        let authority = made.cert.pem();
        let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let (config, listener) = (Arc::new(config), TcpListener::bind("127.0.0.1:0").unwrap());
        let base = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let (pages, asked) = (Pages::default(), Arc::new(Mutex::new(Vec::new())));
        let door = Arc::new(Mutex::new(Door::default()));
        let (served, noted, at_door) = (Arc::clone(&pages), Arc::clone(&asked), Arc::clone(&door));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, pages, asked) = (Arc::clone(&config), Arc::clone(&served), Arc::clone(&noted));
                let door = Arc::clone(&at_door);
                std::thread::spawn(move || serve(stream, config, &pages, &asked, &door));
            }
        });
        Self { base, authority, pages, asked, door }
    }

    pub fn put(&self, path: &str, page: Page) {
        self.pages.lock().unwrap().insert(path.to_owned(), page);
    }

    /// From now on answers only who says this in `Authorization`.
    pub fn lock(&self, authorization: &str) {
        authorization.clone_into(&mut self.door.lock().unwrap().wants);
    }

    /// What the last one who asked said in `Authorization` and `Accept`.
    pub fn said(&self) -> (String, String) {
        let door = self.door.lock().unwrap();
        (door.authorization.clone(), door.accept.clone())
    }

    /// Paths asked for since the last call, with what was sent in `If-None-Match`.
    pub fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn serve(
    stream: TcpStream,
    config: Arc<rustls::ServerConfig>,
    pages: &Pages,
    asked: &Mutex<Vec<String>>,
    door: &Mutex<Door>,
) {
    let _ = stream.set_nodelay(true);
    let Ok(session) = rustls::ServerConnection::new(config) else { return };
    let mut stream = BufReader::new(rustls::StreamOwned::new(session, stream));
    loop {
        let (mut path, mut none_match, mut line) = (String::new(), String::new(), String::new());
        let (mut authorization, mut accept) = (String::new(), String::new());
        loop {
            line.clear();
            match stream.read_line(&mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            if path.is_empty() {
                text.split(' ').nth(1).unwrap_or("/").clone_into(&mut path);
            } else if let Some(value) = text.to_ascii_lowercase().strip_prefix("if-none-match:") {
                value.trim().clone_into(&mut none_match);
            } else if let Some((name, value)) = text.split_once(':') {
                match name.to_ascii_lowercase().as_str() {
                    "authorization" => value.trim().clone_into(&mut authorization),
                    "accept" => value.trim().clone_into(&mut accept),
                    _ => {}
                }
            }
        }
        let let_in = {
            let mut door = door.lock().unwrap();
            (door.authorization, door.accept) = (authorization.clone(), accept);
            door.wants.is_empty() || door.wants == authorization
        };
        asked.lock().unwrap().push(path.clone());
        let page = pages.lock().unwrap().get(&path).cloned();
        let page = match page {
            _ if !let_in => Page { status: 401, ..Page::default() },
            Some(page) => page,
            None => Page { status: 404, ..Page::default() },
        };
        if answer(stream.get_mut(), &page, &none_match).is_err() {
            return;
        }
    }
}

/// Every page has a validator made of its content, so a client that asks again is told when nothing changed.
fn answer(out: &mut impl Write, page: &Page, none_match: &str) -> std::io::Result<()> {
    let sum = page
        .body
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let etag = format!("\"{sum:x}\"");
    let unchanged = page.status == 200 && none_match == etag;
    let (status, body) = if unchanged { (304, &[][..]) } else { (page.status, &page.body[..]) };
    let mut head = format!("HTTP/1.1 {status} X\r\nETag: {etag}\r\n");
    for (name, value) in &page.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if status != 304 {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    let Some(pause) = page.drip else {
        let whole = [head.as_bytes(), body].concat();
        out.write_all(&whole)?;
        return out.flush();
    };
    out.write_all(head.as_bytes())?;
    for byte in body {
        out.write_all(&[*byte])?;
        out.flush()?;
        std::thread::sleep(pause);
    }
    out.flush()
}
