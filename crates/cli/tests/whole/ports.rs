//! A switch's table beside recorded rooms says where ports are, and ports say where strangers stand.

use crate::support::house::House;
use crate::support::program::{arg, run};
use tallyward_app::Who;
use tallyward_core::{Field, Key, Place, Presence};

fn table(cards: &[(&str, &str)]) -> Vec<u8> {
    let mut text = "sw-ed-1#show mac address-table\nVlan    Mac Address       Type        Ports\n".to_owned();
    for (card, port) in cards {
        text += &format!("  10    {card}    DYNAMIC     {port}\n");
    }
    text.into_bytes()
}

fn list(house: &House, rows: &str) {
    let text = format!("Asset Tag,Serial,MAC,Room,Site\n{rows}");
    let staged = house.app.stage_list("list.csv", text.into_bytes()).unwrap();
    let (mapping, _) = house.app.list_layout(&staged).unwrap();
    house.app.apply_list(&Who::program(), &staged, &mapping).unwrap();
}

fn device(house: &House, mac: &str) -> tallyward_app::views::DevicePage {
    let id = house
        .app
        .store()
        .device_of(&Key::Mac(mac.parse().unwrap()))
        .unwrap()
        .expect("the card is a device's");
    house.app.device(id).unwrap()
}

fn read(house: &House, name: &str, bytes: Vec<u8>) {
    let read = house.app.read_files(&Who::program(), "switches", &[(name.to_owned(), bytes)]).unwrap();
    assert!(read[0].is_ok(), "{read:?}");
}

const KNOWN: &str = "00:09:fb:00:00:01";
const STRANGER: &str = "00:09:fb:00:00:77";

#[test]
fn a_recorded_room_teaches_a_port_and_the_port_places_a_stranger_in_any_order() {
    let rows = "T1,S-4711,00:09:fb:00:00:01,ED-12,North\n";
    let first = table(&[("0009.fb00.0001", "Gi1/0/14")]);
    let later = table(&[("0009.fb00.0077", "Gi1/0/14")]);
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let house = House::empty();
        for step in order {
            match step {
                0 => list(&house, rows),
                1 => read(&house, "first.txt", first.clone()),
                _ => read(&house, "later.txt", later.clone()),
            }
        }
        let stranger = device(&house, STRANGER);
        assert_eq!(stranger.line.presence, Presence::Stranger, "{order:?}");
        assert_eq!(stranger.line.place.room, "ED-12", "{order:?}: {}", stranger.why);
        assert!(
            stranger.why.contains(
                "probably in North, ED-12, because a device that a list has there hung on that port"
            ),
            "{}",
            stranger.why
        );
    }
}

#[test]
fn two_rooms_teach_nothing_a_person_decides_and_may_take_it_back() {
    let house = House::empty();
    list(&house, "T1,S-4711,00:09:fb:00:00:01,ED-12,North\nT2,S-4712,00:09:fb:00:00:02,ED-14,North\n");
    read(
        &house,
        "t.txt",
        table(&[
            ("0009.fb00.0001", "Gi1/0/14"),
            ("0009.fb00.0002", "Gi1/0/14"),
            ("0009.fb00.0077", "Gi1/0/14"),
        ]),
    );
    let port = house.app.ports().unwrap().ports.remove(0);
    assert!(port.contested && port.place.is_none() && port.devices == 3, "{port:?}");
    assert_eq!(device(&house, STRANGER).line.place, Place::default());
    let room = |room: &str| Place { site: "North".to_owned(), room: room.to_owned(), ..Place::default() };
    house.app.place_port(&Who::program(), "SW-ED-1  gi1/0/14", room("ED-14"), "").unwrap();
    assert_eq!(device(&house, STRANGER).line.place.room, "ED-14");
    let moved = device(&house, KNOWN);
    assert_eq!(moved.line.presence, Presence::Moved, "{}", moved.why);
    assert!(
        moved.why.contains("that is room ED-14, as the places table says, recorded is room ED-12"),
        "{}",
        moved.why
    );
    house.app.place_port(&Who::program(), "sw-ed-1 Gi1/0/14", Place::default(), "").unwrap();
    assert_eq!(device(&house, STRANGER).line.place, Place::default());
    assert!(house.app.place_port(&Who::program(), " / ", room("1"), "").is_err());
}

#[test]
fn a_room_read_beside_the_port_outweighs_a_list() {
    let house = House::empty();
    list(&house, "T1,S-4711,00:09:fb:00:00:01,ED-12,North\nT2,S-4712,00:09:fb:00:00:02,ED-14,North\n");
    read(&house, "t.txt", table(&[("0009.fb00.0001", "Gi1/0/14"), ("0009.fb00.0002", "Gi1/0/14")]));
    let id = device(&house, KNOWN).line.id;
    house.app.enter_fact(&Who::program(), id, Field::Room, "ED-12").unwrap();
    let port = house.app.ports().unwrap().ports.remove(0);
    assert_eq!(port.place.map(|place| place.room).as_deref(), Some("ED-12"), "{:?}", port.taught);
    assert_eq!(device(&house, "00:09:fb:00:00:02").line.presence, Presence::Moved);
}

#[test]
fn a_log_read_twice_changes_nothing_and_the_places_table_takes_ports() {
    let house = House::empty();
    let bytes = table(&[("0009.fb00.0077", "Gi1/0/14")]);
    read(&house, "t.txt", bytes.clone());
    let again =
        house.app.read_files(&Who::program(), "switches", &[("other name".to_owned(), bytes)]).unwrap();
    assert!(again[0].as_ref().unwrap().seen_before);
    let places = b"subnet,switch_port,access_point,site,building,floor,room,unit,watched\n10.1.0.0/16,,,North,,,,,no\n,sw-ed-1 Gi1/0/14,,North,A,2,ED-9,,\n10.2.0.0/16,sw-x 1,,North,,,,,no\n";
    let report = house.app.import_places(&Who::program(), places).unwrap();
    assert_eq!((report.taken, report.refused.len()), (2, 1), "{report:?}");
    assert_eq!(device(&house, STRANGER).line.place.plain(), "North, A, floor 2, ED-9");
    let csv = String::from_utf8(house.app.export_ports().unwrap()).unwrap();
    assert!(csv.contains("sw-ed-1 Gi1/0/14,North,A,2,ED-9"), "{csv}");
}

#[test]
fn the_program_reads_a_folder_of_logs_as_one_set_packed_or_not_and_once() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("day");
    std::fs::create_dir(&folder).unwrap();
    let sample =
        |name: &str| std::fs::read(std::path::Path::new("../discovery/tests/logs").join(name)).unwrap();
    let pack = |bytes: &[u8]| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, bytes).unwrap();
        packed.finish().unwrap()
    };
    std::fs::write(folder.join("http.log.gz"), pack(&sample("http.log"))).unwrap();
    std::fs::write(folder.join("dhcp.log"), sample("dhcp.log")).unwrap();
    std::fs::write(folder.join("audit.log"), sample("DhcpSrvLog-Wed.log")).unwrap();
    std::fs::write(folder.join("notes.txt"), "nothing to see").unwrap();
    let read = run(home.path(), &["read", "--zone", "America/Chicago", arg(&folder)]).expect_code(0);
    // The lease of one file names the card of another, and the time of the house is used.
    assert!(
        read.out.contains("MAC 00:09:fb:00:00:02\n    User agent             Vue PACS Client/12.1"),
        "{}",
        read.out
    );
    assert!(read.out.contains("audit.log: Windows DHCP audit log, 13 lines"), "{}", read.out);
    assert!(!read.out.contains("notes.txt"), "{}", read.out);
    run(home.path(), &["read", "--zone", "Nowhere", arg(&folder)]).expect_code(2);

    let import = || {
        run(home.path(), &["import", "logs", "--json", "--sensor", "zeek-1", arg(&folder)])
            .expect_code(0)
            .lines()
    };
    let first = import();
    assert_eq!(first.len(), 3, "{first:?}");
    assert!(
        first.iter().all(|line| line["seen_before"] == false
            && line["lines"].as_u64() > Some(0)
            && line["packets"] == 0),
        "{first:?}"
    );
    std::fs::write(folder.join("http.log"), sample("http.log")).unwrap();
    std::fs::remove_file(folder.join("http.log.gz")).unwrap();
    assert!(import().iter().all(|line| line["seen_before"] == true));
}
