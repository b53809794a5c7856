//! What holds for the console, whoever asks.

use crate::house::{Browser, House, empty, filled, full, person, tokens};
use axum::http::{StatusCode, header};
use tallyward_app::query::{DeviceQuery, FindingQuery};

/// Every page that takes no id.
const PAGES: &[&str] = &[
    "/",
    "/devices",
    "/advisories",
    "/advisories/corrections",
    "/letters",
    "/review",
    "/changes",
    "/changes?days=30",
    "/untold",
    "/untold?state=ready",
    "/untold?state=nobody",
    "/written",
    "/written/new",
    "/backtest",
    "/findings",
    "/worklist",
    "/worklist?minutes=120&untimed=5",
    "/worklist/print",
    "/model-book",
    "/model-book/entry?maker=Norvik&model=Vista%2012",
    "/notices",
    "/huddle",
    "/paths",
    "/import",
    "/imports",
    "/settings",
    "/settings/tables",
    "/settings/rules",
    "/settings/house",
    "/settings/sensors",
    "/settings/sources",
    "/settings/bundles",
    "/settings/accounts",
    "/settings/audit",
    "/settings/you",
    "/search",
    "/search?q=nothing-at-all",
    "/devices?text=pump&order=last_seen",
    "/findings?verdict=unknown",
    "/devices?verdict=affected&order=affected",
];

fn some_paths(house: &House) -> Vec<String> {
    let app = &house.app;
    let mut paths: Vec<String> = PAGES.iter().map(|path| (*path).to_owned()).collect();
    if let Some(line) = app.findings(&FindingQuery::default()).unwrap().page.rows.first() {
        paths.push(format!(
            "/findings/{}/{}/{}",
            line.device,
            line.advisory,
            crate::house::encode(&line.vulnerability)
        ));
        paths.push(format!("/devices/{}", line.device));
        paths.push(format!("/advisories/{}", line.advisory));
        paths.push(format!("/untold/advisory/{}", line.advisory));
    }
    for letter in app.letters().unwrap() {
        paths.push(format!("/letters/{}", letter.id));
        paths.push(format!("/untold/letter/{}", letter.id));
        paths.push(format!("/written/new?letter={}", letter.id));
    }
    paths.extend(app.drafts().unwrap().iter().map(|draft| format!("/drafts/{}", draft.id)));
    paths.extend(app.notices().unwrap().iter().map(|notice| format!("/notices/{}", notice.id)));
    paths.extend(app.units().unwrap().first().map(|unit| format!("/huddle/{}", unit.code)));
    paths
}

#[tokio::test]
async fn every_page_opens_for_every_role_and_carries_the_headers() {
    let filled = full();
    let bare = empty();
    for house in [filled, &bare] {
        for login in ["admin", "lead", "reader"] {
            let browser = Browser::signed_in(house, login).await;
            for path in some_paths(house) {
                let page = browser.get(&path).await;
                assert_eq!(page.status, StatusCode::OK, "{login} {path}");
                let policy = page.header(header::CONTENT_SECURITY_POLICY);
                assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
                assert_eq!(page.header(header::CACHE_CONTROL), "no-store");
                assert_eq!(page.header(header::REFERRER_POLICY), "no-referrer");
                assert!(
                    !page.body.contains(" style=\"") && !page.body.contains("<script>"),
                    "{path}: inline"
                );
                assert_eq!(page.body.matches("<h1").count(), 1, "{path}: one heading of the first level");
                assert_eq!(page.body.matches("id=\"main\"").count(), 1, "{path}: one main");
            }
        }
    }
}

#[tokio::test]
async fn ids_are_unique_and_labels_and_fragments_lead_somewhere() {
    let house = full();
    let browser = Browser::signed_in(house, "lead").await;
    for path in some_paths(house) {
        let page = browser.get(&path).await.body;
        let mut ids: Vec<&str> = attributes(&page, " id=\"").collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count, "{path}: an id stands twice");
        let wanted = attributes(&page, " for=\"")
            .chain(attributes(&page, "aria-labelledby=\""))
            .chain(attributes(&page, "aria-describedby=\"").flat_map(str::split_whitespace))
            .chain(attributes(&page, "href=\"#"));
        for id in wanted {
            assert!(ids.binary_search(&id).is_ok(), "{path}: nothing has the id {id}");
        }
        for control in page.split("<input ").skip(1).chain(page.split("<select ").skip(1)) {
            let tag = control.split('>').next().unwrap();
            let named = tag.contains("aria-label")
                || tag.contains("type=\"hidden\"")
                || tag.contains("type=\"checkbox\"");
            let id = attributes(tag, "id=\"").next().unwrap_or("?");
            let wrapped = tag.contains("type=\"password\"") || tag.starts_with("name=\"role\"");
            assert!(
                named || wrapped || page.contains(&format!("for=\"{id}\"")),
                "{path}: no label for <{tag}>"
            );
        }
    }
}

fn attributes<'a>(page: &'a str, mark: &'static str) -> impl Iterator<Item = &'a str> {
    page.split(mark).skip(1).filter_map(|rest| rest.split('"').next())
}

#[tokio::test]
async fn every_link_of_every_page_leads_to_a_page() {
    let house = &filled();
    let browser = Browser::signed_in(house, "lead").await;
    let mut seen = std::collections::BTreeSet::new();
    for path in some_paths(house) {
        let page = browser.get(&path).await.body;
        for link in attributes(&page, "href=\"/").map(|rest| format!("/{}", rest.replace("&amp;", "&"))) {
            let target = link.split('#').next().unwrap().to_owned();
            // Enough of each kind; the whole walk over every device would only repeat itself.
            let kind = target
                .split(['?', '='])
                .next()
                .unwrap()
                .trim_end_matches(|letter: char| letter.is_ascii_digit());
            if seen.len() < 600
                && seen.insert(target.clone())
                && seen.range(kind.to_owned()..).take(12).count() <= 12
            {
                let answer = browser.get(&target).await;
                let fine = answer.status.is_success() || answer.status.is_redirection();
                assert!(fine, "{path} leads to {target}: {}", answer.status);
            }
        }
    }
    assert!(seen.len() > 100, "only {} links", seen.len());
}

#[tokio::test]
async fn nobody_sees_anything_before_signing_in() {
    let browser = Browser::new(full());
    for path in some_paths(full()) {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.header(header::LOCATION).starts_with("/sign-in"), "{path}");
    }
    for path in [
        "/devices.csv",
        "/cmms.csv",
        "/findings.csv",
        "/worklist.csv",
        "/advisories.csv",
        "/matches.csv",
        "/flows.csv",
    ] {
        assert_eq!(browser.get(path).await.status, StatusCode::SEE_OTHER, "{path}");
    }
    let api = browser.get("/api/v1/devices").await;
    assert_eq!(api.status, StatusCode::UNAUTHORIZED);
    assert_eq!(api.header(header::CONTENT_TYPE), "application/problem+json");
}

#[tokio::test]
async fn conversations_are_a_table_that_names_devices_and_who_saw_them() {
    let browser = Browser::signed_in(full(), "lead").await;
    let answer = browser.get("/flows.csv").await;
    assert_eq!(answer.status, StatusCode::OK);
    let rows: Vec<Vec<String>> = csv::Reader::from_reader(answer.body.as_bytes())
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    assert!(rows.len() > 50, "{} conversations", rows.len());
    assert!(rows.iter().all(|row| !row[16].is_empty()), "each says who saw it");
    let named = rows.iter().filter(|row| row[2].starts_with('D') || row[6].starts_with('D')).count();
    assert!(named > 100, "conversations name the devices of the house: {named} of {}", rows.len());
}

#[tokio::test]
async fn sign_in_gives_a_cookie_that_scripts_cannot_read_and_sign_out_ends_it() {
    let house = empty();
    let browser = Browser::new(&house);
    let wrong = browser.post("/sign-in", &[("login", "lead"), ("password", "wrong one, really")]).await;
    assert!(wrong.status.is_client_error());
    assert!(wrong.body.contains("value=\"lead\""), "what was typed is kept");
    assert!(!wrong.body.contains("wrong one"), "but never the password");
    let right = browser
        .post(
            "/sign-in",
            &[("login", "lead"), ("password", crate::house::PASSWORD), ("next", "//evil.example")],
        )
        .await;
    assert_eq!(right.header(header::LOCATION), "/");
    let cookie = right.header(header::SET_COOKIE);
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"),
        "{cookie}"
    );

    let browser = Browser::signed_in(&house, "lead").await;
    let csrf = browser.get("/").await.csrf();
    let out = browser.post("/sign-out", &[("csrf", &csrf)]).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER, "the server forgot the session");
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host() {
    let house = empty();
    let options = tallyward_web::ConsoleOptions { secure_cookies: true, answers_here: false };
    let router = tallyward_web::router(house.app.clone(), options);
    let browser = Browser { router, cookie: String::new() };
    let answer = browser.post("/sign-in", &[("login", "lead"), ("password", crate::house::PASSWORD)]).await;
    let cookie = answer.header(header::SET_COOKIE);
    assert!(cookie.starts_with("__Host-tallyward=") && cookie.contains("; Secure"), "{cookie}");
    assert_eq!(browser.get("/a/anything").await.status, StatusCode::NOT_FOUND, "answers are elsewhere");
}

#[tokio::test]
async fn a_form_without_the_token_changes_nothing() {
    let house = empty();
    let browser = Browser::signed_in(&house, "admin").await;
    let other = Browser::signed_in(&house, "lead").await.get("/").await.csrf();
    let before = house.app.audit_log(None, 10).unwrap().len();
    for token in ["", "guess", other.as_str()] {
        for (path, fields) in [
            ("/settings/sign", vec![("what", "tables")]),
            (
                "/settings/accounts",
                vec![("login", "x1"), ("name", "X"), ("role", "lead"), ("password", crate::house::PASSWORD)],
            ),
            ("/settings/sources", vec![("source", "made")]),
            ("/sign-out", vec![]),
        ] {
            let mut all = vec![("csrf", token)];
            all.extend(fields);
            assert_eq!(browser.post(path, &all).await.status, StatusCode::FORBIDDEN, "{path}");
        }
        let upload = browser
            .upload("/import/table", &[("csrf", token), ("table", "units")], ("u.csv", b"code,name\nA,B\n"))
            .await;
        assert_eq!(upload.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(house.app.audit_log(None, 10).unwrap().len(), before);
    assert_eq!(browser.get("/").await.status, StatusCode::OK, "still signed in");
}

#[tokio::test]
async fn a_post_from_another_site_is_refused() {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;
    let browser = Browser::new(&empty());
    let request = Request::post("/sign-in")
        .header("sec-fetch-site", "cross-site")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("login=lead&password=x"))
        .unwrap();
    let status = browser.router.oneshot(request).await.unwrap().status();
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_reader_is_shown_no_forms_and_is_refused_when_posting_anyway() {
    let house = full();
    let reader = Browser::signed_in(house, "reader").await;
    for path in some_paths(house).iter().filter(|path| *path != "/settings/you") {
        let page = reader.get(path).await.body;
        for action in page.split("method=\"post\"").skip(1) {
            assert!(
                action.contains("action=\"/sign-out\""),
                "{path} offers a reader a form: {}",
                &action[..80.min(action.len())]
            );
        }
    }
    let csrf = reader.get("/").await.csrf();
    let device = house.app.devices(&DeviceQuery::default()).unwrap().page.rows[0].id;
    let posted = reader
        .post(
            &format!("/devices/{device}/fact"),
            &[("csrf", &csrf), ("field", "software_version"), ("value", "9.9.9")],
        )
        .await;
    assert_eq!(posted.status, StatusCode::FORBIDDEN);
    let table = reader
        .upload("/import/table", &[("csrf", &csrf), ("table", "units")], ("u.csv", b"code,name\nA,B\n"))
        .await;
    assert_eq!(table.status, StatusCode::FORBIDDEN);
    let staged = reader.upload("/import/list", &[("csrf", &csrf)], ("l.csv", b"Asset Tag\n1\n")).await;
    assert_eq!(staged.status, StatusCode::FORBIDDEN);
    if let Some(draft) = house.app.drafts().unwrap().first() {
        let released = reader.post(&format!("/drafts/{}/release", draft.id), &[("csrf", &csrf)]).await;
        assert_eq!(released.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn an_administrator_cannot_release() {
    let house = full();
    let admin = Browser::signed_in(house, "admin").await;
    let csrf = admin.get("/").await.csrf();
    let draft = house.app.drafts().unwrap().remove(0).id;
    let answer = admin.post(&format!("/drafts/{draft}/release"), &[("csrf", &csrf)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(house.app.drafts().unwrap().iter().any(|one| one.id == draft), "it still waits");
}

#[tokio::test]
async fn what_is_not_there_says_so_in_words() {
    let house = full();
    let browser = Browser::signed_in(house, "lead").await;
    for path in [
        "/nothing",
        "/devices/D999999",
        "/devices/x",
        "/advisories/none",
        "/findings/D1/none/none",
        "/drafts/none",
        "/notices/none",
        "/huddle/none",
    ] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert!(page.body.contains("<h1>Not found</h1>"), "{path}");
    }
    let odd = browser.get("/devices?presence=haunted").await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(odd.body.contains("haunted") && odd.body.contains("ghost"), "it says what was expected");
    let api = browser.get("/api/v1/devices/D999999").await;
    assert_eq!(
        (api.status, api.header(header::CONTENT_TYPE)),
        (StatusCode::NOT_FOUND, "application/problem+json")
    );
}

#[tokio::test]
async fn hostile_text_is_shown_as_text() {
    let browser = Browser::signed_in(full(), "lead").await;
    let evil = "<script>alert(1)</script>\"'><img src=x onerror=1>";
    for path in ["/search?q=", "/devices?text=", "/devices?unit=", "/findings?advisory=", "/sign-in?next=/"] {
        let page = browser.get(&format!("{path}{}", crate::house::encode(evil))).await;
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{path}");
    }
}

#[tokio::test]
async fn a_form_of_the_wrong_size_is_refused() {
    let browser = Browser::signed_in(&empty(), "lead").await;
    let big = "x".repeat(70_000);
    let answer = browser.post("/settings/sign", &[("csrf", "x"), ("what", &big)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_fact_that_says_nothing_comes_back_with_what_was_typed() {
    let house = &filled();
    let browser = Browser::signed_in(house, "lead").await;
    let csrf = browser.get("/").await.csrf();
    let device = house.app.devices(&DeviceQuery::default()).unwrap().page.rows[0].id;
    let path = format!("/devices/{device}/fact");
    let answer =
        browser.post(&path, &[("csrf", &csrf), ("field", "software_version"), ("value", "N/A")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("value=\"N/A\"") && answer.body.contains("aria-invalid=\"true\""));
    assert!(answer.body.contains("aria-describedby=\"value-error\""));
    let fine = browser.post(&path, &[("csrf", &csrf), ("field", "room"), ("value", "7-114 test")]).await;
    assert_eq!(fine.status, StatusCode::SEE_OTHER);
    assert!(browser.get(fine.header(header::LOCATION)).await.body.contains("7-114 test"));
}

#[tokio::test]
async fn a_list_goes_from_file_to_dry_run_to_applied_to_undone() {
    let house = empty();
    let browser = Browser::signed_in(&house, "admin").await;
    let csrf = browser.get("/").await.csrf();
    let list = b"Asset Tag,Manufacturer,Model,Serial No,Nurse note\nT-1,Baxter,Spectrum IQ,S100,Mrs X\nT-2,Baxter,Spectrum IQ,S101,\n";
    let staged = browser.upload("/import/list", &[("csrf", &csrf)], ("cmms.csv", list)).await;
    assert_eq!(staged.status, StatusCode::SEE_OTHER, "{}", staged.body);
    let path = staged.header(header::LOCATION).to_owned();
    let dry = browser.get(&path).await;
    assert!(dry.body.contains("Row by row") && dry.body.contains("name=\"column0\""));
    assert_eq!(
        house.app.devices(&DeviceQuery::default()).unwrap().page.total,
        0,
        "a dry run changes nothing"
    );
    let fields = [
        ("csrf", csrf.as_str()),
        ("columns", "5"),
        ("column0", "asset_tag"),
        ("column1", "manufacturer"),
        ("column2", "model"),
        ("column3", "serial"),
        ("column4", ""),
        ("source", "CMMS export"),
        ("complete", "yes"),
        ("do", "apply"),
    ];
    let applied = browser.post(&path, &fields).await;
    assert_eq!(applied.status, StatusCode::SEE_OTHER, "{}", applied.body);
    let done = browser.get(applied.header(header::LOCATION)).await;
    assert!(done.body.contains("2 new devices"), "{}", done.body);
    assert_eq!(house.app.devices(&DeviceQuery::default()).unwrap().page.total, 2);
    let ingest = house.app.imports().unwrap()[0].report.ingest;
    let undone = browser.post(&format!("/imports/{ingest}/undo"), &[("csrf", &csrf)]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER);
    assert_eq!(house.app.devices(&DeviceQuery::default()).unwrap().page.total, 0);
}

#[tokio::test]
async fn csv_is_exactly_what_the_list_shows() {
    let house = full();
    let browser = Browser::signed_in(house, "reader").await;
    let total = house
        .app
        .devices(&DeviceQuery { text: Some("pump".into()), ..DeviceQuery::default() })
        .unwrap()
        .page
        .total;
    let csv = browser.get("/devices.csv?text=pump&limit=1").await;
    assert!(csv.header(header::CONTENT_TYPE).starts_with("text/csv"));
    assert_eq!(csv.body.lines().count() as u64, total + 1);
}

#[tokio::test]
async fn a_link_shows_without_answering_and_answers_only_by_post() {
    let house = &filled();
    let answers = tallyward_web::answer_router(house.app.clone());
    let phone = Browser { router: answers, cookie: String::new() };
    let tokens = tokens(house);
    assert!(!tokens.is_empty(), "some notice was sent");
    let path = format!("/a/{}", tokens[0]);
    let given = || house.app.answer_page(&tokens[0]).unwrap().answers.len();
    let before = given();
    let log = house.app.audit_log(None, 1).unwrap()[0].seq;
    for method in ["GET", "HEAD", "OPTIONS"] {
        phone.send(method, &path, "", Vec::new()).await;
        phone.send(method, &format!("{path}?thanks=1&answer=done&initials=MK"), "", Vec::new()).await;
    }
    assert_eq!(
        (given(), house.app.audit_log(None, 1).unwrap()[0].seq),
        (before, log),
        "looking changes nothing"
    );

    let page = phone.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Need help") && !page.body.contains("CVE-") && !page.body.contains("<script"));
    let css = attributes(&page.body, "stylesheet\" href=\"").next().unwrap().to_owned();
    let sheet = phone.get(&css).await;
    assert_eq!(sheet.status, StatusCode::OK);
    assert!(sheet.header(header::CACHE_CONTROL).contains("immutable"));
    assert!(page.body.len() + sheet.body.len() < 30_000, "{} + {}", page.body.len(), sheet.body.len());

    let bad = phone.post(&path, &[("answer", "got_it"), ("initials", "12345")]).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.body.contains("value=\"12345\""), "nothing typed is lost");
    let good = phone.post(&path, &[("answer", "got_it"), ("initials", "mk")]).await;
    assert_eq!(good.status, StatusCode::SEE_OTHER);
    let after = phone.get(good.header(header::LOCATION)).await;
    assert!(after.body.contains("Recorded: got it") && after.body.contains("MK"), "{}", after.body);
    assert_eq!(given(), before + 1);

    for path in ["/", "/sign-in", "/devices", "/api/v1/devices"] {
        assert_eq!(phone.get(path).await.status, StatusCode::NOT_FOUND, "nothing else is on this listener");
    }
    let mut forged = tokens[0].clone();
    let last = forged.pop().unwrap();
    forged.push(if last == 'A' { 'B' } else { 'A' });
    assert_eq!(phone.get(&format!("/a/{forged}x")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_notice_that_was_stood_down_says_so_first() {
    let house = &filled();
    let phone = Browser { router: tallyward_web::answer_router(house.app.clone()), cookie: String::new() };
    let token = tokens(house).pop().unwrap();
    let notice = house.app.notices().unwrap().into_iter().find(|notice| {
        house.app.notice(&notice.id).unwrap().line.subject == house.app.answer_page(&token).unwrap().subject
    });
    let Some(notice) = notice else { return };
    let lead = person("lead");
    house.app.stand_down(&lead, &notice.id, "The maker has mended all of them. Use them as before.").unwrap();
    for token in tokens(house) {
        let view = house.app.answer_page(&token).unwrap();
        let page = phone.get(&format!("/a/{token}")).await.body;
        if view.superseded.is_some() {
            let newer = page.find("no longer current").expect("it says so");
            assert!(newer < page.find("<h1>").unwrap(), "and first");
        }
    }
}

#[tokio::test]
async fn assets_are_small_and_kept_for_ever() {
    let browser = Browser::signed_in(full(), "lead").await;
    let page = browser.get("/").await.body;
    for mark in ["stylesheet\" href=\"", "defer src=\"", "icon\" href=\""] {
        let path = attributes(&page, mark).next().unwrap().to_owned();
        let asset = browser.get(&path).await;
        assert_eq!(asset.status, StatusCode::OK, "{path}");
        assert!(asset.header(header::CACHE_CONTROL).contains("immutable"));
        assert!(asset.body.len() < if path.ends_with(".js") { 2_048 } else { 40_000 }, "{path}");
    }
}

#[tokio::test]
async fn a_log_is_read_like_a_capture_and_its_bad_lines_are_told() {
    let house = crate::house::filled();
    let lead = Browser::signed_in(&house, "lead").await;
    let token = lead.get("/import").await.csrf();
    let table = "sw-ed-1#show mac address-table\n Vlan  Mac Address  Type  Ports\n  10  0009.fb77.0001  DYNAMIC  Gi1/0/14\n";
    let fields = [("csrf", token.as_str()), ("sensor", "sw-ed-9")];
    let read = lead.upload("/import/capture", &fields, ("t.txt", table.as_bytes())).await;
    assert!(
        read.body.contains("Log read: t.txt") && read.body.contains("switch or router table"),
        "{}",
        read.body
    );
    let leases = "1795600800 00:09:fb:77:00:02 10.20.4.7 pump *\nnot a lease\n";
    let read = lead.upload("/import/capture", &fields, ("l.leases", leases.as_bytes())).await;
    assert!(read.body.contains("line 2") && read.body.contains("3 parts, expected expiry"), "{}", read.body);
    let refused = lead.upload("/import/capture", &fields, ("x.txt", b"a poem")).await;
    assert!(refused.body.contains("no log or table that is known here"), "{}", refused.body);

    let with = [("csrf", token.as_str()), ("port", "sw-ed-1 Gi1/0/14"), ("room", "ED-7")];
    assert_eq!(lead.post("/ports", &with).await.status, StatusCode::SEE_OTHER);
    let page = lead.get("/ports").await.body;
    assert!(
        page.contains("sw-ed-1 Gi1/0/14") && page.contains("ED-7") && page.contains("the places table"),
        "{page}"
    );
    assert!(lead.get("/ports.csv").await.body.contains("sw-ed-1 Gi1/0/14"));
    let reader = Browser::signed_in(&house, "reader").await;
    let token = reader.get("/ports").await.csrf();
    let with = [("csrf", token.as_str()), ("port", "sw-ed-1 Gi1/0/14")];
    assert_eq!(reader.post("/ports", &with).await.status, StatusCode::FORBIDDEN);
}
