//! Pictures as SVG, readable in black and white: every part has a pattern and a word, not only a colour.

use crate::figure::percent;
use serde::{Deserialize, Serialize};
use std::fmt::Write;

/// Fill of a part of a bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// Solid.
    Solid,
    /// Slanted lines.
    Lines,
    /// Dots.
    Dots,
    /// Outline only.
    #[default]
    Empty,
}

/// One part of a bar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Word beside it: `unknown`.
    pub word: String,
    /// Mark of the state: `◆`; may be empty.
    pub mark: String,
    /// Count.
    pub count: u64,
    /// Fill.
    pub pattern: Pattern,
    /// CSS class that gives the colour; letters, digits, `-` and `_` only, anything else is dropped.
    pub class: String,
    /// Where a click leads; empty for nowhere. Only a path of this site (`/devices?…`) is taken.
    pub link: String,
}

/// One bar: its parts make the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    /// What it is about.
    pub label: String,
    /// Its parts, from left to right.
    pub parts: Vec<Part>,
}

const WIDTH: u64 = 640;
const BAR_LEFT: u64 = 160;
const BAR_WIDTH: u64 = 470;
/// Height of a bar with the space above its legend.
const BAR_ROW: u64 = 38;
/// Height of one line of a legend.
const LEGEND_ROW: u64 = 18;
/// Width of a letter at 13 px, taken wide, since the reader's font is not known here.
const LETTER: u64 = 8;

/// Bars of shares, one below the other, as a standalone SVG with a title for screen readers. Every part with a
/// count is at least 2 units wide, so that nothing counted is invisible; the legend shows its pattern and words.
#[must_use]
pub fn bars_svg(title: &str, bars: &[Bar]) -> String {
    let mut body = String::new();
    let mut top = 0;
    for bar in bars {
        top = draw_bar(&mut body, bar, top) + 10;
    }
    let mut out = open(title, top.max(BAR_ROW));
    out.push_str(PATTERNS);
    out.push_str(&body);
    out.push_str("</svg>");
    out
}

/// Draws one bar and its legend from `top` on; gives the height reached.
fn draw_bar(out: &mut String, bar: &Bar, top: u64) -> u64 {
    let all: u64 = bar.parts.iter().fold(0u64, |sum, part| sum.saturating_add(part.count));
    text(out, 0, top + 22, "label", &clip(&bar.label, 22));
    let mut left = BAR_LEFT;
    for (part, width) in bar.parts.iter().zip(widths(&bar.parts, all)).filter(|(_, width)| *width > 0) {
        let title = format!("<title>{}</title>", escape(&words(part, all)));
        linked(
            out,
            &part.link,
            &format!("{}{title}{}</g>", group(part), block(part, left, top + 6, width, 24)),
        );
        left += width;
    }
    if all == 0 {
        let y = top + 6;
        let _ = write!(
            out,
            r#"<rect x="{BAR_LEFT}" y="{y}" width="{BAR_WIDTH}" height="24" fill="none" stroke="currentColor" stroke-dasharray="4"/>"#
        );
        text(out, BAR_LEFT, top + BAR_ROW + 12, "legend", "nothing counted yet");
        return top + BAR_ROW + LEGEND_ROW;
    }
    let (mut x, mut y) = (BAR_LEFT, top + BAR_ROW);
    for part in &bar.parts {
        let entry = clip(&words(part, all), 52);
        let width = 24 + LETTER * u64::try_from(entry.chars().count()).unwrap_or(0);
        if x > BAR_LEFT && x + width > WIDTH {
            (x, y) = (BAR_LEFT, y + LEGEND_ROW);
        }
        let _ = write!(out, "{}{}</g>", group(part), block(part, x, y + 2, 12, 12));
        text(out, x + 17, y + 13, "legend", &entry);
        x += width;
    }
    y + LEGEND_ROW
}

fn group(part: &Part) -> String {
    format!(r#"<g class="part {}" data-p="{}">"#, class(&part.class), pattern(part.pattern))
}

/// A rectangle in two layers: a ground that a style sheet may colour, and the pattern over it.
fn block(part: &Part, x: u64, y: u64, width: u64, height: u64) -> String {
    let area = format!(r#"x="{x}" y="{y}" width="{width}" height="{height}""#);
    let fill = fill(part.pattern);
    format!(
        r##"<rect {area} class="ground" fill="#fff"/><rect {area} fill="{fill}" stroke="currentColor"/>"##
    )
}

/// `◆ unknown 12 (3 %)`.
fn words(part: &Part, all: u64) -> String {
    let share = percent(part.count, all).map_or(String::new(), |share| format!(" ({share} %)"));
    format!("{} {} {}{share}", part.mark, part.word, part.count).trim().to_owned()
}

/// Widths of the parts; they sum to at most [`BAR_WIDTH`], every counted part has at least 2.
fn widths(parts: &[Part], all: u64) -> Vec<u64> {
    let counted = u64::try_from(parts.iter().filter(|part| part.count > 0).count()).unwrap_or(0);
    let free = BAR_WIDTH.saturating_sub(counted.saturating_mul(2));
    let scaled = |count: u64| {
        u64::try_from(u128::from(count) * u128::from(free) / u128::from(all.max(1))).unwrap_or(0)
    };
    parts.iter().map(|part| if part.count == 0 { 0 } else { 2 + scaled(part.count) }).collect()
}

/// One mark on the track of a ladder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LadderMark {
    /// Minutes after sending.
    pub minute: u64,
    /// Word: `sent`, `reminder`, `answered`.
    pub word: String,
    /// The moment written out, for the hover text.
    pub when: String,
    /// Whether it has happened; else it is planned.
    pub happened: bool,
}

/// A ladder as a track with a clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LadderPicture {
    /// What it is about, for screen readers.
    pub title: String,
    /// Marks, in any order.
    pub marks: Vec<LadderMark>,
    /// Minutes since sending now; none when the clock has stopped.
    pub now: Option<u64>,
}

/// Draws the track: happened marks filled, planned ones hollow, the present as a line with its word.
#[must_use]
pub fn ladder_svg(picture: &LadderPicture) -> String {
    let mut marks: Vec<&LadderMark> = picture.marks.iter().take(12).collect();
    marks.sort_by(|a, b| (a.minute, &a.word).cmp(&(b.minute, &b.word)));
    let last = marks.iter().map(|mark| mark.minute).chain(picture.now).max().unwrap_or(0).max(1);
    let place =
        |minute: u64| 20 + u64::try_from(u128::from(minute.min(last)) * 580 / u128::from(last)).unwrap_or(0);
    let mut out = open(&picture.title, 110);
    out.push_str(r#"<line x1="20" y1="56" x2="600" y2="56" stroke="currentColor" stroke-width="2"/>"#);
    for (row, mark) in (0u64..).zip(&marks) {
        let (x, state) = (place(mark.minute), if mark.happened { "happened" } else { "planned" });
        let fill = if mark.happened { "currentColor" } else { "none" };
        let shown = format!("{} +{} min", clip(&mark.word, 14), mark.minute);
        let hover = format!("{} {state} {}", mark.word, mark.when);
        let _ = write!(
            out,
            r#"<g class="mark {state}"><title>{}</title><circle cx="{x}" cy="56" r="7" fill="{fill}" stroke="currentColor" stroke-width="2"/></g>"#,
            escape(hover.trim()),
        );
        // Neighbours stand on different heights, so that close marks stay legible.
        let y = [38, 82, 22, 98][usize::try_from(row % 4).unwrap_or(0)];
        let anchor = if x > 480 { "end" } else { "start" };
        let _ = write!(
            out,
            r#"<text x="{x}" y="{y}" text-anchor="{anchor}" font-size="12">{}</text>"#,
            escape(&shown)
        );
    }
    if let Some(now) = picture.now {
        let x = place(now);
        let _ = write!(
            out,
            r#"<g class="now"><title>now, {now} min after sending</title><line x1="{x}" y1="40" x2="{x}" y2="72" stroke="currentColor" stroke-width="3"/><text x="{}" y="50" font-size="12">now</text></g>"#,
            x + 5,
        );
    }
    out.push_str("</svg>");
    out
}

const PATTERNS: &str = concat!(
    r#"<defs><pattern id="p-lines" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">"#,
    r#"<line x1="0" y1="0" x2="0" y2="6" stroke="currentColor" stroke-width="2"/></pattern>"#,
    r#"<pattern id="p-dots" width="6" height="6" patternUnits="userSpaceOnUse">"#,
    r#"<circle cx="3" cy="3" r="1.4" fill="currentColor"/></pattern></defs>"#
);

fn open(title: &str, height: u64) -> String {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" class="chart"><title>{}</title>"#,
        escape(title)
    )
}

fn text(out: &mut String, x: u64, y: u64, class: &str, words: &str) {
    let _ = write!(out, r#"<text x="{x}" y="{y}" class="{class}" font-size="13">{}</text>"#, escape(words));
}

fn linked(out: &mut String, link: &str, drawn: &str) {
    // Only paths of this site: a link that came in with data must not lead elsewhere or run a script.
    if link.starts_with('/') && !link.starts_with("//") && !link.contains('\\') {
        let _ = write!(out, r#"<a href="{}">{drawn}</a>"#, escape(link));
    } else {
        out.push_str(drawn);
    }
}

const fn pattern(pattern: Pattern) -> &'static str {
    match pattern {
        Pattern::Solid => "solid",
        Pattern::Lines => "lines",
        Pattern::Dots => "dots",
        Pattern::Empty => "empty",
    }
}

const fn fill(pattern: Pattern) -> &'static str {
    match pattern {
        Pattern::Solid => "currentColor",
        Pattern::Lines => "url(#p-lines)",
        Pattern::Dots => "url(#p-dots)",
        Pattern::Empty => "none",
    }
}

fn class(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

fn clip(words: &str, max: usize) -> String {
    if words.chars().count() <= max {
        return words.to_owned();
    }
    let kept: String = words.chars().take(max - 1).collect();
    format!("{kept}…")
}

/// Text made safe for XML 1.0: markup escaped, characters it does not allow dropped.
fn escape(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
#[path = "picture_tests.rs"]
mod tests;
