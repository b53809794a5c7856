//! Reading the real medical advisories: `cargo bench -p tallyward-advisories`.

use divan::Bencher;

fn main() {
    divan::main();
}

#[divan::bench]
fn sixty_documents(bencher: Bencher<'_, '_>) {
    let Some(folder) = tallyward_core::testkit::shared("icsma") else { return };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let documents: Vec<Vec<u8>> = entries.filter_map(|entry| std::fs::read(entry.path()).ok()).collect();
    bencher.bench(|| {
        let read =
            documents.iter().map(|bytes| tallyward_advisories::read_csaf(divan::black_box(bytes), "bench"));
        read.filter(Result::is_ok).count()
    });
}
