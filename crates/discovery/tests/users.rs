//! Names and passwords that persons log in with never leave a capture, whatever of it was lost.

mod common;

use common::{End, options, pcap, segment};
use tallyward_discovery::read_capture;

const CLIENT: End = End { mac: [2, 0, 0, 0, 0, 1], address: [10, 0, 0, 1], port: 40_000 };

const fn server(port: u16) -> End {
    End { mac: [2, 0, 0, 0, 0, 2], address: [10, 0, 0, 2], port }
}

/// Reads a conversation of turns (whether the client speaks, and what) cut into pieces, all but one of them.
fn told(port: u16, turns: &[(bool, Vec<u8>)], piece: usize, lost: usize) -> (String, bool) {
    let (mut frames, mut next, mut number) = (Vec::new(), [1u32, 1], 0);
    for (asks, bytes) in turns {
        let (from, to) = if *asks { (CLIENT, server(port)) } else { (server(port), CLIENT) };
        for part in bytes.chunks(piece) {
            if number != lost {
                frames.push(segment(&from, &to, next[usize::from(*asks)], 16, part));
            }
            next[usize::from(*asks)] += part.len() as u32;
            number += 1;
        }
    }
    (format!("{:?}", read_capture(&quickly(pcap(&frames)), options())), lost < number)
}

/// The same capture with its packets a hundredth of a second apart instead of a second.
fn quickly(mut file: Vec<u8>) -> Vec<u8> {
    let mut at = 24;
    for number in 0u32.. {
        let Some(head) = file.get_mut(at..at + 16) else { break };
        head[..4].copy_from_slice(&1_700_000_000u32.to_le_bytes());
        head[4..8].copy_from_slice(&(number * 10_000).to_le_bytes());
        at += 16 + u32::from_le_bytes([head[8], head[9], head[10], head[11]]) as usize;
    }
    file
}

/// Without the first packet lost, then with each one lost in turn.
fn never_told(port: u16, turns: &[(bool, Vec<u8>)], something: &str) {
    for piece in [9, 33, 2000] {
        let (whole, _) = told(port, turns, piece, usize::MAX);
        assert!(whole.contains(something), "nothing was learned from port {port}: {whole}");
        for lost in 0.. {
            let (all, more) = told(port, turns, piece, lost);
            assert!(
                !all.to_uppercase().contains("SECRET"),
                "port {port}, piece {piece}, packet {lost}: {all}"
            );
            if !more {
                break;
            }
        }
    }
}

fn turns(said: &[(bool, &[u8])]) -> Vec<(bool, Vec<u8>)> {
    said.iter().map(|(asks, bytes)| (*asks, bytes.to_vec())).collect()
}

#[test]
fn logins_by_line_stay_in_the_capture() {
    never_told(
        23,
        &turns(&[
            (false, b"\xff\xfd\x18"),
            (true, b"\xff\xfc\x18"),
            (false, b"Pump 7 console\r\nlogin: "),
            (true, b"secretname\r\n"),
            (false, b"secretname\r\nPassword: "),
            (true, b"secretword\r\n"),
            (false, b"\r\nWelcome secretname\r\n$ "),
        ]),
        "Pump 7 console",
    );
    never_told(
        21,
        &turns(&[
            (false, b"220 VxWorks FTP server\r\n"),
            (true, b"USER secretname\r\n"),
            (false, b"331 secretname needs a password\r\n"),
            (true, b"PASS secretword\r\nSYST\r\n"),
            (false, b"230 secretname is in\r\n215 UNIX\r\n"),
        ]),
        "VxWorks",
    );
    never_told(
        25,
        &turns(&[
            (false, b"220 mail.local ESMTP\r\n"),
            (true, b"EHLO ups-3\r\n"),
            (false, b"250 mail.local\r\n"),
            (true, b"MAIL FROM:<secretname@x>\r\nRCPT TO:<secretname@y>\r\nDATA\r\nEHLO secretword\r\n.\r\n"),
            (false, b"250 2.1.0 secretname@x\r\n"),
        ]),
        "ups-3",
    );
}

#[test]
fn accounts_of_windows_stay_in_the_capture() {
    let mut setup = vec![0xff, b'S', b'M', b'B', 0x73, 0, 0, 0, 0, 0, 1, 0];
    setup.resize(32, 0);
    let mut words = [0; 26];
    words[14] = 24;
    setup.push(13);
    setup.extend(words);
    setup.extend([0, 0]);
    setup.extend([9; 24]);
    setup.extend(b"secretname\0CLINIC\0Windows 5.1\0LAN\0");
    let setup = [&[0, 0, 0, setup.len() as u8][..], &setup].concat();
    never_told(445, &[(true, setup)], "Windows 5.1");

    let cookie = b"Cookie: mstshash=secretname\r\n\x01\0\x08\0\x03\0\0\0";
    let rest = [&[0xe0, 0, 0, 0, 0, 0][..], cookie].concat();
    let request = [&[3, 0, 0, 5 + rest.len() as u8, rest.len() as u8][..], &rest].concat();
    never_told(3389, &[(true, request)], "rdp");
}
