//! Who talks to whom, as a small map.

use maud::{Markup, html};
use tallyward_app::views::FlowLine;

/// Peers on the map; the table below it has all.
const PEERS: usize = 7;
const ROW: usize = 34;

/// The device on the left, its peers on the right, one line a conversation: thicker for more bytes, an arrow from
/// whoever opened it. The table beside it says the same in words.
pub(crate) fn talks_to(name: &str, flows: &[FlowLine]) -> Markup {
    let shown: Vec<&FlowLine> = flows.iter().take(PEERS).collect();
    let height = shown.len() * ROW + 12;
    let middle = height / 2;
    html! {
        svg class="map"
            viewBox={ "0 0 560 " (height) }
            role="img"
            aria-label={ (name) " talks to " (shown.len()) " peers; the table says which" }
        {
            defs {
                marker
                    id="arrow"
                    viewBox="0 0 8 8"
                    refX="7"
                    refY="4"
                    markerWidth="8"
                    markerHeight="8"
                    markerUnits="userSpaceOnUse"
                    orient="auto-start-reverse"
                {
                    path d="M0 0 8 4 0 8z" {}
                }
            }
            @for (position, flow) in shown.iter().enumerate() {
                @let y = position * ROW + ROW / 2 + 6;
                path
                    class="wire"
                    d={ "M150 " (middle) " C 220 " (middle) " 220 " (y) " 290 " (y) }
                    stroke-width=(thickness(flow.bytes))
                    marker-end=[flow.outgoing.then_some("url(#arrow)")]
                    marker-start=[(!flow.outgoing).then_some("url(#arrow)")] {}
                @let known = flow.peer_id.is_some();
                rect
                    class={
                        "node"
                        @if !known { " stranger" }
                    }
                    x="294"
                    y=(y - 13)
                    width="262"
                    height="26"
                    rx="4" {}
                text x="304" y=(y + 4) {
                    (short(&flow.peer, 22))
                    tspan class="service" { " · " (short(&flow.service, 10)) }
                }
            }
            rect class="node self" x="4" y=(middle.saturating_sub(15)) width="146" height="30" rx="4" {}
            text x="14" y=(middle + 4) { (short(name, 19)) }
        }
    }
}

/// 1 to 4, by powers of a hundred.
fn thickness(bytes: u64) -> u32 {
    match bytes {
        0..10_000 => 1,
        10_000..1_000_000 => 2,
        1_000_000..100_000_000 => 3,
        _ => 4,
    }
}

fn short(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(letters - 1).collect();
    cut.push('…');
    cut
}
