//! HTTP/1 (RFC 9110, 9112) as it passes: who serves, who asks, and the few bodies that describe a device.
//!
//! Copied: Server of answers and User-Agent of requests. Of bodies what `upnp.rs`, `soap.rs`, `fhir.rs` and `hl7.rs` list, chosen by their
//! content type; names in NTLM messages of a login as `ntlmssp.rs` lists them; every other body is passed over by its length. Request paths and hosts, cookies, credentials and all other fields are
//! never copied: they may hold a patient's number.
//!
//! What came through a proxy (Via, X-Forwarded-For, or a request for a whole URL) is not said of the proxy.

use super::body::{self, Body};
use super::head::{self, Head};
use super::{Probe, Stream, StreamProtocol, Visit, ntlmssp, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tallyward_core::{Field, SourceKind};
use tallyward_identity::junk::is_junk;

/// HTTP/1.
pub(crate) const STREAM: StreamProtocol = StreamProtocol {
    name: "http",
    ports: &[80, 8080],
    midstream: true,
    probe,
    begin: || Box::<Http>::default(),
};

/// The most that is held of a head; what is longer is not followed any further.
const LONGEST_HEAD: usize = 8 * 1024;
/// Weight of messages after which a side is done.
const MOST: u32 = 4096;
/// Weight of a message: 16 of them are enough.
const USUAL: u32 = 256;
/// Weight of a message with HL7 in it: one side may speak for hundreds of devices.
const WITH_HL7: u32 = 1;
const METHODS: &[&[u8]] =
    &[b"GET ", b"POST ", b"HEAD ", b"PUT ", b"OPTIONS ", b"DELETE ", b"PATCH ", b"PROPFIND ", b"SUBSCRIBE "];
const ANSWER: &[u8] = b"HTTP/1.";

/// Bits of [`super::Shared::asked`].
const ASKED_HEAD: u32 = 1;
const ASKED_PROXY: u32 = 2;

fn probe(bytes: &[u8]) -> Probe {
    let mut answer = Probe::No;
    // Every segment of every unknown stream comes by here.
    if !matches!(bytes.first(), Some(b'D' | b'G' | b'H' | b'O' | b'P' | b'S')) {
        return answer;
    }
    for want in METHODS.iter().chain([&ANSWER]) {
        match bytes.get(..want.len()) {
            // A path, a whole URL or the server itself is asked for: letters alone may begin any text.
            Some(start) if start == *want => match bytes.get(want.len()) {
                Some(b'/' | b'h' | b'*' | b'0' | b'1') => return Probe::Yes,
                Some(_) => return Probe::No,
                None => answer = Probe::More,
            },
            None if want.starts_with(bytes) => answer = Probe::More,
            _ => {}
        }
    }
    answer
}

#[derive(Debug)]
enum State {
    Head,
    Body {
        framing: Framing,
        body: Option<Box<dyn Body>>,
    },
    /// The position is lost: wait for a segment that begins with a message.
    Lost,
    Done,
}

#[derive(Clone, Copy, Debug)]
enum Framing {
    Length(u64),
    /// To the end of the connection.
    Open,
    Chunk(Chunk),
}

/// Where in a chunked body the next byte is.
#[derive(Clone, Copy, Debug)]
enum Chunk {
    /// In the line with the size; whether its digits are over.
    Size {
        size: u64,
        over: bool,
    },
    Data(u64),
    /// In the line behind the data.
    Behind,
    /// In the fields behind the last chunk; whether the line has been empty so far.
    Trailer {
        empty: bool,
    },
}

/// One side of a connection.
#[derive(Debug)]
struct Http {
    state: State,
    held: Vec<u8>,
    /// The weight of the messages read.
    read: u32,
}

impl Default for Http {
    fn default() -> Self {
        Self { state: State::Head, held: Vec::new(), read: 0 }
    }
}

impl Stream for Http {
    fn read(&mut self, mut bytes: &[u8], visit: &mut Visit<'_>) {
        while !bytes.is_empty() {
            match &mut self.state {
                State::Done => return,
                State::Lost => {
                    if probe(bytes) != Probe::Yes {
                        return;
                    }
                    self.state = State::Head;
                }
                State::Head => bytes = self.head(bytes, visit),
                State::Body { framing, body } => {
                    let (used, ended) = take(framing, body, bytes, visit);
                    bytes = &bytes[used..];
                    if ended {
                        if let Some(mut body) = body.take() {
                            body.end(visit);
                        }
                        self.state = if self.read >= MOST { State::Done } else { State::Head };
                    }
                }
            }
        }
    }

    fn indifferent_to(&self) -> u64 {
        match &self.state {
            State::Done | State::Body { framing: Framing::Open, body: None } => u64::MAX,
            State::Body {
                framing: Framing::Length(left) | Framing::Chunk(Chunk::Data(left)),
                body: None,
            } => *left,
            _ => 0,
        }
    }

    fn skip(&mut self, count: u32) -> bool {
        let lost = count == u32::MAX;
        match &mut self.state {
            State::Done => false,
            State::Body { framing: Framing::Length(left) | Framing::Chunk(Chunk::Data(left)), body }
                if !lost && u64::from(count) <= *left =>
            {
                *left -= u64::from(count);
                // What is left of a body with a hole may be read wrongly.
                let wanted = body.take().is_some();
                if matches!(self.state, State::Body { framing: Framing::Length(0), .. }) {
                    self.state = State::Head;
                }
                wanted
            }
            State::Body { framing: Framing::Open, body: None } => false,
            _ => {
                self.held = Vec::new();
                self.state = State::Lost;
                true
            }
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.state, State::Done | State::Body { framing: Framing::Open, body: None })
    }
}

impl Http {
    /// Puts the head together; gives what is behind.
    fn head<'a>(&mut self, bytes: &'a [u8], visit: &mut Visit<'_>) -> &'a [u8] {
        if self.held.is_empty() {
            // Between messages stray line ends are allowed.
            let bytes = bytes.trim_ascii_start();
            let seen = bytes.get(..LONGEST_HEAD).unwrap_or(bytes);
            if let Some(end) = head::end(seen, 0) {
                self.message(&bytes[..end], visit);
                return &bytes[end..];
            }
            if seen.len() < bytes.len() || bytes.len() == LONGEST_HEAD {
                self.cut(seen, visit);
            } else {
                self.held.extend_from_slice(bytes);
            }
            return &[];
        }
        let mut held = std::mem::take(&mut self.held);
        let before = held.len();
        let taken = bytes.len().min(LONGEST_HEAD - before);
        held.extend_from_slice(&bytes[..taken]);
        if let Some(end) = head::end(&held, before.saturating_sub(3)) {
            self.message(&held[..end], visit);
            // The empty line cannot have been whole before.
            return &bytes[end.saturating_sub(before)..];
        }
        if held.len() >= LONGEST_HEAD {
            self.cut(&held, visit);
        } else {
            self.held = held;
        }
        &[]
    }

    /// A head too long to be followed: its beginning still tells.
    fn cut(&mut self, head: &[u8], visit: &mut Visit<'_>) {
        let whole = memchr::memrchr(b'\n', head).map_or(&[][..], |at| &head[..at]);
        self.message(whole, visit);
        self.state = State::Done;
    }

    fn message(&mut self, bytes: &[u8], visit: &mut Visit<'_>) {
        let head = Head::parse(bytes);
        self.read +=
            if body::is_hl7(head.get("content-type").unwrap_or_default()) { WITH_HL7 } else { USUAL };
        self.state = if head.start.starts_with(ANSWER) {
            answer(&head, visit)
        } else if memchr::memmem::find(head.start, b" HTTP/1.").is_some() {
            request(&head, visit)
        } else {
            State::Done
        };
        if self.read >= MOST && matches!(self.state, State::Head) {
            self.state = State::Done;
        }
    }
}

fn answer(head: &Head<'_>, visit: &mut Visit<'_>) -> State {
    visit.shared.opener = Some(visit.receiver);
    let asked = std::mem::take(&mut visit.shared.asked);
    let own = asked & ASKED_PROXY == 0 && head.get("via").is_none();
    if own {
        say(head, "server", Field::HttpServer, "HTTP Server", visit);
        tell_login(head, "www-authenticate", visit);
    }
    let code = head.start.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    match code {
        // From here on it is another protocol.
        b"101" => return State::Done,
        [b'1', ..] | b"204" | b"304" => return State::Head,
        _ if asked & ASKED_HEAD != 0 => return State::Head,
        _ => {}
    }
    content(head, Framing::Open, own.then_some(body::of_type))
}

fn request(head: &Head<'_>, visit: &mut Visit<'_>) -> State {
    visit.shared.opener = Some(visit.sender);
    let target = head.start.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    let mut asked = 0;
    if head.start.starts_with(b"HEAD ") {
        asked |= ASKED_HEAD;
    }
    if target.starts_with(b"http") {
        asked |= ASKED_PROXY;
    }
    visit.shared.asked = asked;
    let own = ["via", "forwarded", "x-forwarded-for"].iter().all(|name| head.get(name).is_none());
    if own {
        say(head, "user-agent", Field::UserAgent, "HTTP User-Agent", visit);
        tell_login(head, "authorization", visit);
    }
    if head.start.starts_with(b"CONNECT ") {
        State::Done
    } else {
        content(head, Framing::Length(0), own.then_some(body::sent))
    }
}

fn say(head: &Head<'_>, name: &str, field: Field, basis: &'static str, visit: &mut Visit<'_>) {
    if let Some(value) = head.get(name).and_then(text).filter(|value| !is_junk(value)) {
        visit.say(field, &value, SourceKind::WireNetwork, basis);
    }
}

/// Whether a server speaks for printers elsewhere.
fn is_print_server(head: &Head<'_>) -> bool {
    let server = head.get("server").unwrap_or_default();
    server.starts_with(b"CUPS") || server.starts_with(b"Microsoft")
}

/// NTLM names host, domain and system in the clear before anything is proven (RFC 4559, MS-NTHT).
fn tell_login(head: &Head<'_>, name: &str, visit: &mut Visit<'_>) {
    let offers = head.fields().filter(|(field, _)| field.eq_ignore_ascii_case(name.as_bytes())).take(8);
    for (_, value) in offers {
        let Some(blank) = memchr::memchr(b' ', value) else { continue };
        let (scheme, token) = (&value[..blank], value[blank..].trim_ascii());
        if (scheme.eq_ignore_ascii_case(b"ntlm") || scheme.eq_ignore_ascii_case(b"negotiate"))
            && let Ok(token) = STANDARD.decode(token)
        {
            ntlmssp::tell(&token, visit);
        }
    }
}

/// Finds the reader for a body by content type and coding.
type Choose = fn(&[u8], Option<&[u8]>) -> Option<Box<dyn Body>>;

/// How the body is framed, and who reads it, if anybody.
fn content(head: &Head<'_>, otherwise: Framing, choose: Option<Choose>) -> State {
    let chunked =
        head.get("transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().ends_with(b"chunked"));
    let framing = match head.length() {
        _ if chunked => Framing::Chunk(Chunk::Size { size: 0, over: false }),
        Some(length) => Framing::Length(length),
        None => otherwise,
    };
    if matches!(framing, Framing::Length(0)) {
        return State::Head;
    }
    let coding = head.get("content-encoding");
    let body = head
        .get("content-type")
        .filter(|content| !(is_print_server(head) && content.starts_with(b"application/ipp")))
        .zip(choose)
        .and_then(|(content, choose)| choose(content, coding));
    State::Body { framing, body }
}

/// Takes the next bytes of a body: how many, and whether it ended there.
fn take(
    framing: &mut Framing,
    body: &mut Option<Box<dyn Body>>,
    bytes: &[u8],
    visit: &mut Visit<'_>,
) -> (usize, bool) {
    let mut give = |bytes: &[u8]| {
        if body.as_mut().is_some_and(|body| !body.read(bytes, visit)) {
            *body = None;
        }
    };
    match framing {
        Framing::Open => {
            give(bytes);
            (bytes.len(), false)
        }
        Framing::Length(left) => {
            let count = (*left).min(bytes.len() as u64) as usize;
            give(&bytes[..count]);
            *left -= count as u64;
            (count, *left == 0)
        }
        Framing::Chunk(Chunk::Data(left)) => {
            let count = (*left).min(bytes.len() as u64) as usize;
            give(&bytes[..count]);
            *left -= count as u64;
            if *left == 0 {
                *framing = Framing::Chunk(Chunk::Behind);
            }
            (count, false)
        }
        Framing::Chunk(chunk) => {
            let (next, ended) = chunk_line(*chunk, bytes[0]);
            *chunk = next;
            (1, ended)
        }
    }
}

/// One byte outside of a chunk's data; whether the body ended with it.
fn chunk_line(chunk: Chunk, byte: u8) -> (Chunk, bool) {
    match (chunk, byte) {
        (Chunk::Size { size: 0, .. }, b'\n') => (Chunk::Trailer { empty: true }, false),
        (Chunk::Size { size, .. }, b'\n') => (Chunk::Data(size), false),
        (Chunk::Size { size, over: false }, byte) if byte.is_ascii_hexdigit() => {
            let digit = char::from(byte).to_digit(16).unwrap_or_default();
            (
                Chunk::Size { size: size.saturating_mul(16).saturating_add(u64::from(digit)), over: false },
                false,
            )
        }
        (Chunk::Size { size, .. }, _) => (Chunk::Size { size, over: true }, false),
        (Chunk::Behind, b'\n') => (Chunk::Size { size: 0, over: false }, false),
        (Chunk::Trailer { empty: true }, b'\n') => (chunk, true),
        (Chunk::Trailer { .. }, b'\n') => (Chunk::Trailer { empty: true }, false),
        (Chunk::Trailer { empty }, byte) => (Chunk::Trailer { empty: empty && byte == b'\r' }, false),
        (chunk, _) => (chunk, false),
    }
}

#[cfg(test)]
mod tests {
    use super::super::trial::{self, says};
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8], piece: usize) -> Vec<trial::Said> {
        trial::stream(&STREAM, bytes, piece, (80, 40_000))
    }

    const DESCRIPTION: &str = "<?xml version=\"1.0\"?>\n<root xmlns=\"urn:schemas-upnp-org:device-1-0\"><device><deviceType>urn:schemas-upnp-org:device:Printer:1</deviceType>\
        <friendlyName>Label printer</friendlyName><manufacturer>Acme</manufacturer><modelName>LJ7</modelName><modelNumber>7a</modelNumber>\
        <serialNumber>SN778</serialNumber><UDN>uuid:12-34</UDN><deviceList><device><serialNumber>OTHER9</serialNumber></device></deviceList></device></root>";

    fn described() -> Vec<trial::Said> {
        vec![
            says(Field::Key, "sn|Acme|LJ7|SN778", "UPnP serialNumber"),
            says(Field::Manufacturer, "Acme", "UPnP manufacturer"),
            says(Field::Model, "LJ7", "UPnP modelName"),
            says(Field::ModelNumber, "7a", "UPnP modelNumber"),
            says(Field::Serial, "SN778", "UPnP serialNumber"),
            says(Field::SystemDescription, "Label printer", "UPnP friendlyName"),
            says(Field::AnnouncedService, "urn:schemas-upnp-org:device:Printer:1", "UPnP deviceType"),
            says(Field::EndpointReference, "uuid:12-34", "UPnP UDN"),
        ]
    }

    fn with_length(kind: &str, body: &str) -> String {
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn a_description_is_read_by_length_in_chunks_and_to_the_end() {
        let (one, other) = DESCRIPTION.split_at(133);
        let chunked = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n{:x};a=b\r\n{one}\r\n{:X}\r\n{other}\r\n0\r\nX: y\r\n\r\n",
            one.len(),
            other.len()
        );
        let open = format!("HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n{DESCRIPTION}");
        for document in [with_length("text/xml; charset=utf-8", DESCRIPTION), chunked, open] {
            for piece in [1, 3, 100, 10_000] {
                assert_eq!(read(document.as_bytes(), piece), described(), "{piece} {document}");
            }
        }
    }

    #[test]
    fn messages_behind_each_other_are_told_apart() {
        let answers = [
            "HTTP/1.1 100 Continue\r\n\r\n".to_owned(),
            with_length("text/html", "<root><device><modelName>NO</modelName></device></root>"),
            "HTTP/1.1 304 Not Modified\r\nServer: one\r\nContent-Length: 99\r\n\r\n".to_owned(),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n\r\n\r\n\r\n0\r\n\r\n".to_owned(),
            "HTTP/1.1 200 OK\r\nServer: two/2 (x)\r\nContent-Length: 0\r\n\r\n".to_owned(),
            with_length("text/xml", DESCRIPTION),
        ]
        .concat();
        let mut want = described();
        want.push(says(Field::HttpServer, "one", "HTTP Server"));
        want.push(says(Field::HttpServer, "two/2 (x)", "HTTP Server"));
        want.sort();
        for piece in [1, 2, 50, 10_000] {
            assert_eq!(read(answers.as_bytes(), piece), want, "{piece}");
        }
        let asked = "POST /patient/PH0001?q=1 HTTP/1.1\r\nHost: PH0001\r\nUser-Agent: Monitor/2\r\nCookie: PH0001\r\nContent-Length: 6\r\n\r\nGET / \
                     GET /x HTTP/1.1\r\nUser-Agent: Monitor/3\r\n\r\nGET /y HTTP/1.1\r\nVia: 1.1 p\r\nUser-Agent: Other\r\n\r\n";
        let want = [
            says(Field::UserAgent, "Monitor/2", "HTTP User-Agent"),
            says(Field::UserAgent, "Monitor/3", "HTTP User-Agent"),
        ];
        for piece in [1, 40, 10_000] {
            assert_eq!(read(asked.as_bytes(), piece), want);
        }
    }

    #[test]
    fn what_a_proxy_passes_on_is_not_said_of_it() {
        let passed = with_length("text/xml", DESCRIPTION).replacen(
            "\r\n",
            "\r\nVia: 1.1 squid\r\nServer: origin\r\n",
            1,
        );
        assert_eq!(read(passed.as_bytes(), 99), []);
        let said = trial::visit((80, 40_000), |visit| {
            let mut http = Http::default();
            http.read(b"GET http://x/ HTTP/1.1\r\nUser-Agent: a1\r\n\r\n", visit);
            Http::default().read(b"HTTP/1.1 200 OK\r\nServer: origin\r\n\r\n", visit);
        });
        assert_eq!(said, [says(Field::UserAgent, "a1", "HTTP User-Agent")]);
    }

    #[test]
    fn a_login_by_ntlm_names_the_host() {
        let token = STANDARD.encode(ntlmssp::tests::challenge());
        let plain = trial::visit((80, 1), |visit| ntlmssp::tell(&ntlmssp::tests::challenge(), visit));
        assert!(!plain.is_empty());
        for scheme in ["NTLM", "Negotiate"] {
            let answer = format!(
                "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nWWW-Authenticate: {scheme} {token}\r\nContent-Length: 0\r\n\r\n"
            );
            assert_eq!(read(answer.as_bytes(), 100), plain);
        }
    }

    #[test]
    fn a_description_that_is_sent_is_not_the_senders() {
        let sent = with_length("text/xml", DESCRIPTION).replacen("HTTP/1.1 200 OK", "PUT /x HTTP/1.1", 1);
        assert_eq!(read(sent.as_bytes(), 99), []);
    }

    #[test]
    fn the_answer_to_head_has_no_body() {
        let said = trial::visit((80, 40_000), |visit| {
            Http::default().read(b"HEAD / HTTP/1.1\r\n\r\n", visit);
            let mut http = Http::default();
            http.read(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", visit);
            http.read(b"HTTP/1.1 200 OK\r\nServer: next\r\nContent-Length: 0\r\n\r\n", visit);
        });
        assert_eq!(said, [says(Field::HttpServer, "next", "HTTP Server")]);
    }

    #[test]
    fn huge_heads_are_bounded() {
        let head =
            format!("HTTP/1.1 200 OK\r\nServer: first\r\nX: {}\r\nServer: late\r\n\r\n", "x".repeat(100_000));
        for piece in [1000, 200_000] {
            assert_eq!(read(head.as_bytes(), piece), [says(Field::HttpServer, "first", "HTTP Server")]);
        }
        let endless = "HTTP/1.1 ".repeat(10_000);
        assert_eq!(read(endless.as_bytes(), 1), []);
    }

    #[test]
    fn after_a_hole_the_next_message_is_found() {
        let said = trial::visit((80, 40_000), |visit| {
            let mut http = Http::default();
            http.read(
                b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 5000\r\n\r\nabc",
                visit,
            );
            assert_eq!(http.indifferent_to(), 4997);
            assert!(!http.skip(4997));
            http.read(b"HTTP/1.1 200 OK\r\nServer: a2\r\nContent-Type: text/xml\r\nContent-Length: 900\r\n\r\n<root>", visit);
            assert!(http.skip(u32::MAX));
            http.read(b"<modelName>lost</modelName>", visit);
            http.read(b"HTTP/1.1 200 OK\r\nServer: a3\r\n\r\n", visit);
        });
        let want =
            [says(Field::HttpServer, "a2", "HTTP Server"), says(Field::HttpServer, "a3", "HTTP Server")];
        assert_eq!(said, want);
    }

    #[test]
    fn hl7_over_http_is_read_as_hl7() {
        let message = "MSH|^~\\&|GATEWAY|WARD|||2026||ORU^R01|1|P|2.6\rPID|1||PH0001||HOUSE^DR\r";
        let posted = format!(
            "POST /hl7 HTTP/1.1\r\nContent-Type: application/hl7-v2; charset=UTF-8\r\nContent-Length: {}\r\n\r\n{message}",
            message.len()
        );
        let said = read(posted.as_bytes(), 33);
        let want = [
            says(Field::Hl7Application, "GATEWAY", "HL7 MSH-3"),
            says(Field::Hl7Facility, "WARD", "HL7 MSH-4"),
        ];
        assert_eq!(said, want);
    }

    #[test]
    fn a_probe_knows_requests_and_answers_only() {
        for (bytes, want) in [
            (&b"GET / HTTP/1.1\r\n"[..], Probe::Yes),
            (b"HTTP/1.1 200 OK", Probe::Yes),
            (b"HTT", Probe::More),
            (b"GET ", Probe::More),
            (b"GET x", Probe::No),
            (b"SSH-2.0", Probe::No),
            (b"RTSP/1.0 200", Probe::No),
        ] {
            assert_eq!(probe(bytes), want, "{}", String::from_utf8_lossy(bytes));
        }
    }

    proptest! {
        #[test]
        fn damage_and_noise_are_survived(
            at in any::<prop::sample::Index>(), byte in any::<u8>(), piece in 1usize..400,
            noise in "[ -~\r\n]{0,300}",
        ) {
            let mut bytes = with_length("text/xml", DESCRIPTION).repeat(2).into_bytes();
            let index = at.index(bytes.len());
            bytes[index] = byte;
            for bytes in [bytes, noise.clone().into_bytes(), format!("HTTP/1.1 200 OK\r\n{noise}").into_bytes()] {
                let said = read(&bytes, piece);
                prop_assert!(said.iter().all(|one| one.2 != "OTHER9"));
                prop_assert_eq!(said.len(), read(&bytes, 100_000).len());
            }
        }
    }
}
