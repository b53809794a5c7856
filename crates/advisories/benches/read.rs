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

/// The 2,400 documents of the lab, about 16,000 clauses.
#[divan::bench(sample_count = 5)]
fn two_thousand_four_hundred_of_the_lab(bencher: Bencher<'_, '_>) {
    use tallyward_lab::scale::{ADVISORIES, Catalogue, Documents, PRODUCTS};
    let catalogue = Catalogue::new(7, PRODUCTS);
    let written = Documents::new(&catalogue, "2026-11-01T00:00:00Z".parse().expect("a moment"));
    let documents: Vec<Vec<u8>> = (0..ADVISORIES).map(|number| written.document(number)).collect();
    println!("{} bytes", documents.iter().map(Vec::len).sum::<usize>());
    bencher.bench(|| {
        let read =
            documents.iter().map(|bytes| tallyward_advisories::read_csaf(divan::black_box(bytes), "bench"));
        read.filter(Result::is_ok).count()
    });
}
