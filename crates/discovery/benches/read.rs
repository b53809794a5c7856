//! Packets a second on one core, every dissector on.
//!
//! The input is the shared `lab-a.pcap` repeated in memory with rewritten addresses and times until it is as large as asked for
//! (`TALLYWARD_BENCH_MB`, default 256; the figure of the documentation uses 1024). Each copy is a hospital of its own: another
//! network, other cards, so flow and host tables grow as they would.
//!
//! `TALLYWARD_BENCH_MB=1024 cargo bench -p tallyward-discovery`

mod scaled;

use divan::counter::{BytesCount, ItemsCount};
use scaled::options;
use std::sync::LazyLock;
use tallyward_discovery::{Learned, Part, Reader, Share, read_capture};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

static SCALED: LazyLock<Option<Vec<u8>>> = LazyLock::new(scaled::capture);

#[divan::bench(sample_count = 5, sample_size = 1)]
fn whole(bencher: divan::Bencher<'_, '_>) {
    let Some(bytes) = SCALED.as_deref() else { return };
    let packets = read_capture(bytes, options()).stats.packets;
    bencher
        .counter(ItemsCount::new(packets))
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| read_capture(divan::black_box(bytes), options()));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn in_64_kib_pieces(bencher: divan::Bencher<'_, '_>) {
    let Some(bytes) = SCALED.as_deref() else { return };
    let packets = read_capture(bytes, options()).stats.packets;
    bencher.counter(ItemsCount::new(packets)).counter(BytesCount::new(bytes.len())).bench_local(|| {
        let mut reader = Reader::new(options());
        for piece in bytes.chunks(64 * 1024) {
            reader.feed(piece);
        }
        reader.finish()
    });
}

/// Two readers, each on a thread of its own: what a second processor gains.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn two_readers(bencher: divan::Bencher<'_, '_>) {
    let Some(bytes) = SCALED.as_deref() else { return };
    let packets = read_capture(bytes, options()).stats.packets;
    bencher.counter(ItemsCount::new(packets)).counter(BytesCount::new(bytes.len())).bench_local(|| {
        std::thread::scope(|scope| {
            let threads: Vec<_> = Share::all(2)
                .into_iter()
                .map(|share| {
                    scope.spawn(move || {
                        let mut reader = Reader::sharing(options(), share);
                        reader.feed(bytes);
                        reader.part()
                    })
                })
                .collect();
            let parts = threads.into_iter().map(|thread| thread.join().expect("a reader does not panic"));
            parts.reduce(Part::join).map_or_else(Learned::default, Part::learned)
        })
    });
}
