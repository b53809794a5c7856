//! What the fetcher takes and what it refuses, against a real HTTPS server on loopback.

#![expect(clippy::unwrap_used, reason = "a helper that cannot go on stops its test")]

mod provider;

use provider::{Page, Server};
use std::time::Duration;
use tallyward_app::ports::{FetchError, FetchRequest, Fetcher as _};
use tallyward_connect::{Https, SignIn};

fn request(url: &str) -> FetchRequest {
    FetchRequest {
        url: url.to_owned(),
        etag: String::new(),
        last_modified: String::new(),
        limit: 1_000,
        deadline: 10,
        internal: true,
        clear_text: false,
        accept: String::new(),
        source: "isac".to_owned(),
    }
}

fn client(server: &Server) -> Https {
    Https::new(server.authority.as_bytes()).unwrap()
}

fn redirect(target: &str) -> Page {
    Page { status: 302, headers: vec![("Location", target.to_owned())], ..Page::default() }
}

#[test]
fn a_document_and_then_only_whether_it_changed() {
    let server = Server::start();
    server.put("/a.json", Page::of("{}"));
    let (client, url) = (client(&server), format!("{}/a.json", server.base));
    let first = client.fetch(&request(&url)).unwrap();
    assert_eq!((first.status, first.body.as_slice()), (200, b"{}".as_slice()));
    let again = client.fetch(&FetchRequest { etag: first.etag, ..request(&url) }).unwrap();
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(client.fetch(&request(&format!("{}/none", server.base))).unwrap().status, 404);
}

#[test]
fn a_certificate_nobody_vouches_for_is_refused() {
    let server = Server::start();
    server.put("/a.json", Page::of("{}"));
    let stranger = Https::new(b"").unwrap();
    let error = stranger.fetch(&request(&format!("{}/a.json", server.base))).unwrap_err();
    assert!(matches!(error, FetchError::Away { .. }), "{error}");
    assert!(server.asked().is_empty());
}

#[test]
fn redirects_are_followed_but_not_in_circles_nor_for_ever() {
    let server = Server::start();
    server.put("/old", redirect("/a.json"));
    server.put("/a.json", Page::of("{}"));
    server.put("/x", redirect("/y"));
    server.put("/y", redirect("/x"));
    for n in 0..9 {
        server.put(&format!("/long{n}"), redirect(&format!("/long{}", n + 1)));
    }
    let client = client(&server);
    let get = |path: &str| client.fetch(&request(&format!("{}{path}", server.base)));
    assert!(get("/old").unwrap().url.ends_with("/a.json"));
    for path in ["/x", "/long0"] {
        let error = get(path).unwrap_err();
        println!("{error}");
        assert!(matches!(error, FetchError::Redirects { .. }), "{error}");
    }
}

#[test]
fn nothing_leads_into_the_house_or_out_of_tls() {
    let server = Server::start();
    server.put("/http", redirect("http://example.org/a.json"));
    server.put("/file", redirect("file:///etc/passwd"));
    let client = client(&server);
    let inside = format!("{}/a.json", server.base);
    let metadata = "https://169.254.169.254/latest/meta-data/".to_owned();
    let hidden =
        ["https://2130706433/", "https://0x7f.1/", "https://[::ffff:127.0.0.1]/", "https://[fe80::1]/"];
    for url in hidden.into_iter().map(str::to_owned).chain([inside, metadata]) {
        let error = client.fetch(&FetchRequest { internal: false, ..request(&url) }).unwrap_err();
        println!("{error}");
        assert!(matches!(error, FetchError::Refused { .. }), "{url}: {error}");
    }
    assert!(server.asked().is_empty(), "a connection was made to the house");
    for path in ["/http", "/file"] {
        let error = client.fetch(&request(&format!("{}{path}", server.base))).unwrap_err();
        assert!(matches!(error, FetchError::Refused { .. }), "{error}");
    }
}

#[test]
fn too_large_and_too_slow_are_given_up() {
    let server = Server::start();
    server.put("/large", Page::of(vec![b' '; 1_001]));
    server.put("/fits", Page::of(vec![b' '; 1_000]));
    server.put("/packed", Page { headers: vec![("Content-Encoding", "gzip".into())], ..Page::of("x") });
    server.put("/slow", Page { drip: Some(Duration::from_millis(100)), ..Page::of(vec![b' '; 900]) });
    let client = client(&server);
    let get = |path: &str| {
        client.fetch(&FetchRequest { deadline: 2, ..request(&format!("{}{path}", server.base)) })
    };
    assert_eq!(get("/fits").unwrap().body.len(), 1_000);
    assert!(matches!(get("/large").unwrap_err(), FetchError::TooLarge { .. }));
    assert!(matches!(get("/packed").unwrap_err(), FetchError::Refused { .. }));
    let error = get("/slow").unwrap_err();
    println!("{error}");
    assert!(matches!(error, FetchError::TooSlow { .. }), "{error}");
}

#[test]
fn a_sign_in_goes_to_its_own_host_and_nowhere_else() {
    let (server, other) = (Server::start(), Server::start());
    server.put("/a.json", Page::of("{}"));
    server.put("/away", redirect(&format!("{}/a.json", other.base)));
    other.put("/a.json", Page::of("{}"));
    server.lock("Bearer t0psecret");
    let authorities = format!("{}{}", server.authority, other.authority);
    let anybody = || Https::new(authorities.as_bytes()).unwrap();
    let signed = || {
        let sign_in = SignIn::bearer("isac", &server.base, "t0psecret").unwrap();
        anybody().signing_in(vec![sign_in])
    };
    let ask = |client: Https, path: &str, source: &str| {
        let request = request(&format!("{}{path}", server.base));
        client.fetch(&FetchRequest { source: source.to_owned(), accept: "text/x".to_owned(), ..request })
    };
    assert_eq!(ask(signed(), "/a.json", "isac").unwrap().status, 200);
    assert_eq!(server.said(), ("Bearer t0psecret".to_owned(), "text/x".to_owned()));
    assert_eq!(ask(anybody(), "/a.json", "isac").unwrap().status, 401);
    assert_eq!(ask(signed(), "/a.json", "another").unwrap().status, 401);
    // The way there is open to whoever is signed in; beyond it nobody learns how.
    assert_eq!(ask(signed(), "/away", "isac").unwrap().status, 200);
    assert_eq!(other.said().0, "");
    let missing = SignIn::missing("isac", &server.base, "no such file".to_owned()).unwrap();
    server.asked();
    let error = ask(anybody().signing_in(vec![missing]), "/a.json", "isac").unwrap_err();
    assert!(error.to_string().contains("no such file"), "{error}");
    assert!(server.asked().is_empty(), "nobody asks without what the source was given");
}
