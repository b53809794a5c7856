//! Fetching over HTTPS.
//!
//! An address that a document names is not trusted: its name is resolved, every address it resolves to is checked,
//! and the connection is made to what was checked, for each redirect anew. So no answer of a name server that
//! changes in between leads into the house. Nothing compressed is asked for, so nothing unpacks to more than was counted.

use crate::address::is_public;
use crate::sign_in::SignIn;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use tallyward_app::ports::{FetchError, FetchRequest, Fetched, Fetcher};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};
use url::Url;

/// Most redirects followed.
const MAX_REDIRECTS: usize = 5;
/// A body that brings fewer bytes a second than this, after [`GRACE`], is given up.
const SLOWEST: u64 = 512;
/// How long a body may take before its speed counts.
const GRACE: Duration = Duration::from_secs(10);
/// How long one read may bring nothing.
const SILENCE: Duration = Duration::from_secs(15);

/// Fetches over HTTPS with the public roots and those of the house.
pub struct Https {
    outside: Agent,
    inside: Agent,
    sign_ins: Vec<SignIn>,
}

impl Https {
    /// Trusts the public certificate authorities and those in `authorities` (PEM, empty for none).
    ///
    /// # Errors
    /// In words, when `authorities` is not empty and holds no certificate.
    pub fn new(authorities: &[u8]) -> Result<Self, String> {
        let mut own = Vec::new();
        for item in parse_pem(authorities) {
            match item.map_err(|error| format!("the file of certificate authorities: {error}"))? {
                PemItem::Certificate(certificate) => own.push(certificate),
                _ => return Err("the file of certificate authorities holds something else".to_owned()),
            }
        }
        if own.is_empty() && !authorities.is_empty() {
            return Err("the file of certificate authorities holds no certificate".to_owned());
        }
        let public = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
        let roots: Vec<Certificate<'static>> =
            public.map(|der| Certificate::from_der(der).to_owned()).chain(own).collect();
        let roots = RootCerts::new_with_certs(&roots);
        Ok(Self { outside: agent(&roots, false), inside: agent(&roots, true), sign_ins: Vec::new() })
    }

    /// Signs in where these say.
    #[must_use]
    pub fn signing_in(mut self, sign_ins: Vec<SignIn>) -> Self {
        self.sign_ins = sign_ins;
        self
    }

    /// One hop: the answer, or where it leads.
    fn hop(&self, request: &FetchRequest, url: &Url, left: Duration) -> Result<Hop, FetchError> {
        let agent = if request.internal { &self.inside } else { &self.outside };
        let mut call = agent.get(url.as_str()).config().timeout_global(Some(left)).build();
        if !request.etag.is_empty() {
            call = call.header("If-None-Match", &request.etag);
        }
        if !request.last_modified.is_empty() {
            call = call.header("If-Modified-Since", &request.last_modified);
        }
        if !request.accept.is_empty() {
            call = call.header("Accept", &request.accept);
        }
        if let Some(header) = self.sign_ins.iter().find_map(|one| one.header_for(&request.source, url)) {
            match header {
                Ok(header) => call = call.header("Authorization", header),
                Err(why) => return Err(refused(url, why)),
            }
        }
        let mut answer = call.call().map_err(|error| failed(url, error))?;
        let header = |name: &str| {
            answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        let status = answer.status().as_u16();
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Ok(Hop::Elsewhere(header("location")));
        }
        if !matches!(header("content-encoding").as_str(), "" | "identity") {
            return Err(refused(url, "it is sent compressed, which was not asked for"));
        }
        let (etag, last_modified) = (header("etag"), header("last-modified"));
        let (media_type, added_last) = (header("content-type"), header("x-taxii-date-added-last"));
        let too_large = || FetchError::TooLarge { url: url.to_string(), limit: request.limit };
        if header("content-length").parse::<usize>().is_ok_and(|length| length > request.limit) {
            return Err(too_large());
        }
        let reader = answer.body_mut().with_config().limit(request.limit as u64 + 2).reader();
        let body = read(reader, request.limit, url)?.ok_or_else(too_large)?;
        let url = url.to_string();
        Ok(Hop::Here(Fetched { status, url, etag, last_modified, media_type, added_last, body }))
    }
}

enum Hop {
    Here(Fetched),
    Elsewhere(String),
}

impl Fetcher for Https {
    #[expect(clippy::disallowed_methods, reason = "a deadline is kept by the machine's own clock")]
    fn fetch(&self, request: &FetchRequest) -> Result<Fetched, FetchError> {
        let deadline = Duration::from_secs(u64::from(request.deadline));
        let began = Instant::now();
        let first = Url::parse(&request.url)
            .map_err(|error| FetchError::Refused { url: request.url.clone(), why: error.to_string() })?;
        let mut url = first.clone();
        let mut been = BTreeSet::new();
        loop {
            allowed(&url, request.clear_text)?;
            if !been.insert(url.clone()) {
                let why = format!("in a circle, by {url}");
                return Err(FetchError::Redirects { url: first.into(), why });
            }
            if been.len() > MAX_REDIRECTS + 1 {
                let why = format!("more than {MAX_REDIRECTS} times");
                return Err(FetchError::Redirects { url: first.into(), why });
            }
            let left = deadline.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Err(slow(&url, "the deadline passed"));
            }
            match self.hop(request, &url, left)? {
                Hop::Here(fetched) => return Ok(fetched),
                Hop::Elsewhere(target) => {
                    url = url.join(&target).map_err(|error| FetchError::Redirects {
                        url: first.to_string(),
                        why: format!("to {target:?}, which is no address: {error}"),
                    })?;
                    url.set_fragment(None);
                }
            }
        }
    }
}

/// Reads a body that keeps coming; `None` when it is longer than `limit`.
#[expect(clippy::disallowed_methods, reason = "progress is measured by the machine's own clock")]
fn read(mut reader: impl std::io::Read, limit: usize, url: &Url) -> Result<Option<Vec<u8>>, FetchError> {
    let began = Instant::now();
    let (mut body, mut buffer) = (Vec::new(), vec![0_u8; 32 * 1024]);
    loop {
        let got = reader.read(&mut buffer).map_err(|error| failed(url, error.into()))?;
        if got == 0 {
            return Ok(Some(body));
        }
        body.extend_from_slice(&buffer[..got]);
        if body.len() > limit {
            return Ok(None);
        }
        let took = began.elapsed();
        if took > GRACE && (body.len() as u64) < SLOWEST * took.as_secs() {
            return Err(slow(url, &format!("{} bytes in {} s", body.len(), took.as_secs())));
        }
    }
}

fn allowed(url: &Url, clear_text: bool) -> Result<(), FetchError> {
    if url.scheme() != "https" && !(url.scheme() == "http" && clear_text) {
        return Err(refused(url, "only https is fetched"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused(url, "the address carries a user name"));
    }
    Ok(())
}

fn refused(url: &Url, why: &str) -> FetchError {
    FetchError::Refused { url: url.to_string(), why: why.to_owned() }
}

fn slow(url: &Url, why: &str) -> FetchError {
    FetchError::TooSlow { url: url.to_string(), why: why.to_owned() }
}

fn failed(url: &Url, error: Error) -> FetchError {
    match error {
        Error::Timeout(which) => slow(url, &format!("{which} took too long")),
        Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => slow(url, &error.to_string()),
        Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<Error>()) => {
            let inner = error.into_inner().and_then(|inner| inner.downcast::<Error>().ok());
            inner.map_or_else(|| slow(url, "it broke off"), |inner| failed(url, *inner))
        }
        Error::Other(inner) if inner.is::<Inside>() => refused(url, &inner.to_string()),
        other => FetchError::Away { url: url.to_string(), why: other.to_string() },
    }
}

fn agent(roots: &RootCerts, internal: bool) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(concat!("tallyward/", env!("CARGO_PKG_VERSION")))
        .accept_encoding("identity")
        .timeout_connect(Some(SILENCE))
        .timeout_per_read(Some(SILENCE))
        .tls_config(TlsConfig::builder().root_certs(roots.clone()).build())
        .build();
    Agent::with_parts(
        config,
        DefaultConnector::default(),
        Checked { inner: DefaultResolver::default(), internal },
    )
}

/// Names to addresses that may be connected to. What it answers is what the connection is made to.
struct Checked {
    inner: DefaultResolver,
    internal: bool,
}

impl std::fmt::Debug for Checked {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Checked").field("internal", &self.internal).finish_non_exhaustive()
    }
}

/// A name that leads into the house.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not a public address; mark the source as internal if it stands in the house")]
struct Inside(std::net::IpAddr);

impl Resolver for Checked {
    fn resolve(
        &self,
        uri: &ureq::http::Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        // One address of the house among public ones is enough to refuse: which is taken is chance.
        match found.iter().find(|address| !self.internal && !is_public(address.ip())) {
            Some(inside) => Err(Error::Other(Box::new(Inside(inside.ip())))),
            None => Ok(found),
        }
    }
}
