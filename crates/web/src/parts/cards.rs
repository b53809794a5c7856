//! Rows of a list as cards on a phone.
//!
//! On a narrow screen a style sheet lays each row of a `table.list` out as a card of label and value. The label is the
//! head of the column, which the style sheet can only see when it stands on the cell. It is copied there here, once for
//! every list of the console, so that no table can forget it or say it differently from its head.

/// The page with `data-label` on every cell of its lists.
///
/// It reads only markup of our own making, where text and attributes are escaped: `<` begins a tag and nothing else.
pub(crate) fn labelled(page: &str) -> String {
    const LIST: &str = "<table class=\"list";
    const END: &str = "</table>";
    let mut out = String::with_capacity(page.len() + page.len() / 8);
    let mut rest = page;
    while let Some(start) = rest.find(LIST) {
        let end = rest[start..].find(END).map_or(rest.len(), |at| start + at);
        out.push_str(&rest[..start]);
        label_table(&rest[start..end], &mut out);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn label_table(table: &str, out: &mut String) {
    let Some((head, body)) = table.split_once("</thead>") else {
        out.push_str(table);
        return;
    };
    let labels: Vec<String> = head.split("<th ").skip(1).map(words_of).collect();
    out.push_str(head);
    out.push_str("</thead>");
    let mut column = 0;
    let mut rest = body;
    while let Some(at) = rest.find('<') {
        let tag = &rest[at..];
        let (name, length) = tag.find(['>', ' ']).map_or((tag, tag.len()), |length| (&tag[..length], length));
        out.push_str(&rest[..at + length]);
        match name {
            "<tr" => column = 0,
            "<th" => column += 1,
            "<td" => {
                let span = span(tag);
                // A cell across several columns stands for none of them.
                let label = labels.get(column).filter(|label| span == 1 && !label.is_empty());
                if let Some(label) = label {
                    out.push_str(" data-label=\"");
                    out.push_str(label);
                    out.push('"');
                }
                column += span;
            }
            _ => {}
        }
        rest = &rest[at + length..];
    }
    out.push_str(rest);
}

/// How many columns a cell covers.
fn span(tag: &str) -> usize {
    let attributes = tag.split('>').next().unwrap_or_default();
    attributes
        .split_once(" colspan=\"")
        .and_then(|(_, value)| value.split('"').next())
        .and_then(|value| value.parse().ok())
        .unwrap_or(1)
}

/// The words of a column head, without its tags and the arrow of its order. They are escaped already.
fn words_of(cell: &str) -> String {
    let cell = cell.split("</th>").next().unwrap_or_default();
    let words: String = cell.split('>').skip(1).filter_map(|part| part.split('<').next()).collect();
    words.trim_end_matches([' ', '↓']).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::labelled;
    use maud::html;

    fn page() -> String {
        html! {
            p { "<td> in a sentence is text" }
            table class="list work-list" {
                thead {
                    tr {
                        th scope="col" { "Device" }
                        th scope="col" aria-sort="ascending" {
                            a href="/x?a=1&b=2" { "Last \"seen\"" span aria-hidden="true" { " ↓" } }
                        }
                        th scope="col" { span class="hidden" { "Choose" } }
                        th scope="col" {}
                    }
                }
                tbody {
                    tr { th scope="row" { "A" } td class="num" { "1" } td { "2" } td { "3" } }
                    tr { td { "B" } td colspan="2" { "both" } td { "3" } }
                }
            }
            table class="fields" { thead { tr { th scope="col" { "Field" } } } tbody { tr { td { "x" } } } }
        }
        .into_string()
    }

    #[test]
    fn every_cell_of_a_list_carries_the_words_of_its_head() {
        let out = labelled(&page());
        assert!(
            out.contains(
                r#"<th scope="row">A</th><td data-label="Last &quot;seen&quot;" class="num">1</td>"#
            ),
            "{out}"
        );
        assert!(out.contains(r#"<td data-label="Choose">2</td><td>3</td>"#), "{out}");
        assert!(
            out.contains(r#"<td data-label="Device">B</td><td colspan="2">both</td><td>3</td>"#),
            "{out}"
        );
        assert!(out.contains("<table class=\"fields\"><thead><tr><th scope=\"col\">Field</th></tr></thead><tbody><tr><td>x</td>"), "{out}");
        assert!(out.contains("&lt;td&gt; in a sentence"), "{out}");
    }

    #[test]
    fn without_its_labels_the_page_is_as_it_was() {
        let mut out = labelled(&page());
        while let Some(at) = out.find(" data-label=\"") {
            let end = at + 13 + out[at + 13..].find('"').unwrap() + 1;
            out.replace_range(at..end, "");
        }
        assert_eq!(out, page());
    }
}
