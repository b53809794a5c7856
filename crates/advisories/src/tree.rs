//! The product tree (CSAF 2.0 clause 3.2.2): branches of any depth, products named outside of them, and
//! relationships, flattened to leaves.

use crate::check::circles;
use crate::cursor::{At, Defects};
use crate::error::short;
use std::collections::{BTreeMap, BTreeSet};
use tallyward_core::advisory::{Contradiction, Product};

/// The leaves in document order with the product groups and what the tree says twice.
#[derive(Default)]
pub(crate) struct Tree {
    pub products: Vec<Product>,
    pub groups: BTreeMap<String, Vec<String>>,
    pub contradictions: Vec<Contradiction>,
    ids: BTreeSet<String>,
}

impl Tree {
    pub fn defines(&self, id: &str) -> bool {
        self.ids.contains(id)
    }

    pub fn read(document: &At<'_>, noted: &mut Defects) -> Self {
        let mut tree = Self::default();
        let Some(root) = document.get("product_tree") else {
            return tree;
        };
        tree.branches(&root, &Path::default(), noted);
        for product in root.items("full_product_names", noted).iter() {
            let name = product.text("name", noted);
            let leaf =
                Product { product: name, category: "full_product_name".to_owned(), ..Product::default() };
            tree.leaf(&product, leaf, noted);
        }
        for relationship in root.items("relationships", noted).iter() {
            tree.relationship(&relationship, noted);
        }
        tree.circular(&root, noted);
        for group in root.items("product_groups", noted).iter() {
            let id = group.text("group_id", noted);
            let members = group.texts("product_ids", noted);
            tree.groups.entry(id).or_default().extend(members);
        }
        tree
    }

    /// Depth is bounded before the document is parsed, so this recursion is too.
    fn branches(&mut self, at: &At<'_>, above: &Path, noted: &mut Defects) {
        for branch in at.items("branches", noted).iter() {
            let path = above.below(branch.text("category", noted), branch.text("name", noted));
            if let Some(product) = branch.get("product") {
                self.leaf(&product, path.leaf(), noted);
            } else if branch.get("branches").is_none() {
                noted.note(
                    &branch,
                    "a branch that ends without a product; expected product or branches".to_owned(),
                );
            }
            self.branches(&branch, &path, noted);
        }
    }

    /// Adds `leaf`, completed by the `full_product_name_t` (clause 3.1.3) at `at`.
    fn leaf(&mut self, at: &At<'_>, mut leaf: Product, noted: &mut Defects) {
        leaf.id = at.text("product_id", noted);
        leaf.name = at.text("name", noted);
        if leaf.id.is_empty() {
            noted.note(
                at,
                format!("the product {:?} has no product_id; nothing can refer to it", short(&leaf.name)),
            );
            return;
        }
        if let Some(helper) = at.get("product_identification_helper") {
            leaf.model_numbers = helper.texts("model_numbers", noted);
            leaf.skus = helper.texts("skus", noted);
            leaf.serial_numbers = helper.texts("serial_numbers", noted);
            let uris = helper.items("x_generic_uris", noted);
            leaf.generic_uris = uris.iter().map(|uri| uri.text("uri", noted)).collect();
            let files = helper.items("hashes", noted);
            leaf.hashed_files = files.iter().map(|file| file.text("filename", noted)).collect();
            let single = ["cpe", "purl"].into_iter().map(|key| helper.text(key, noted));
            leaf.other_ids = single.filter(|text| !text.is_empty()).collect();
            leaf.other_ids.extend(helper.texts("purls", noted));
        }
        if !self.ids.insert(leaf.id.clone()) {
            self.defined_twice(at, &leaf, noted);
        }
        self.products.push(leaf);
    }

    fn defined_twice(&mut self, at: &At<'_>, leaf: &Product, noted: &mut Defects) {
        let first = self.products.iter().find(|product| product.id == leaf.id);
        let first = first.map_or_else(String::new, |product| product.name.clone());
        let text = format!(
            "product id {:?} is defined twice: as {:?} and as {:?}",
            short(&leaf.id),
            short(&first),
            short(&leaf.name)
        );
        noted.note(at, text.clone());
        self.contradictions.push(Contradiction {
            vulnerability: String::new(),
            product: leaf.id.clone(),
            version: String::new(),
            text,
        });
    }

    /// A combination that is made of itself (clause 6.1.3): nobody can say what it is.
    fn circular(&mut self, root: &At<'_>, noted: &mut Defects) {
        let circles = circles(root.value);
        let relationships = root.items("relationships", noted);
        for (_, at) in
            relationships.iter().enumerate().filter(|(index, _)| circles.binary_search(index).is_ok())
        {
            let Some(product) = at.get("full_product_name") else { continue };
            let (id, name) = (product.text("product_id", noted), product.text("name", noted));
            let text = format!(
                "product id {:?} ({:?}) is made of itself by its relationships",
                short(&id),
                short(&name)
            );
            noted.note(&at, text.clone());
            self.contradictions.push(Contradiction {
                vulnerability: String::new(),
                product: id,
                version: String::new(),
                text,
            });
        }
    }

    /// Clause 3.2.2.4. The combination takes vendor, product and version of the part that the status is mostly
    /// about, the `product_reference`.
    fn relationship(&mut self, at: &At<'_>, noted: &mut Defects) {
        let category = at.text("category", noted);
        let part = at.text("product_reference", noted);
        let whole = at.text("relates_to_product_reference", noted);
        for id in [&part, &whole] {
            if !self.defines(id) {
                noted.note(
                    at,
                    format!("the relationship names product id {:?}, which no leaf defines", short(id)),
                );
            }
        }
        let Some(product) = at.get("full_product_name") else {
            noted.note(at, "a relationship without full_product_name".to_owned());
            return;
        };
        let base = self.products.iter().find(|leaf| leaf.id == part).cloned().unwrap_or_default();
        let leaf = Product {
            vendor: base.vendor,
            product: base.product,
            version: base.version,
            category: "relationship".to_owned(),
            relation: Some((category, part, whole)),
            ..Product::default()
        };
        self.leaf(&product, leaf, noted);
    }
}

/// The names on the way down to a leaf.
#[derive(Clone, Default)]
struct Path {
    vendor: String,
    family: String,
    product: String,
    version: String,
    category: String,
}

impl Path {
    /// The path one branch further down (`branches_t`, clause 3.1.2.2). What narrows a version (service pack,
    /// patch level) goes on with the version text; what narrows a product (architecture, language, platform)
    /// goes on with the product text, so that the leaf is never taken for the plain product.
    fn below(&self, category: String, name: String) -> Self {
        let mut path = self.clone();
        match category.as_str() {
            "vendor" => path.vendor = name,
            "product_family" => path.family = name,
            "product_name" => path.product = name,
            "product_version" | "product_version_range" => path.version = name,
            "patch_level" | "service_pack" => append(&mut path.version, &name),
            _ => append(&mut path.product, &name),
        }
        path.category = category;
        path
    }

    fn leaf(&self) -> Product {
        Product {
            vendor: self.vendor.clone(),
            product: if self.product.is_empty() { self.family.clone() } else { self.product.clone() },
            version: self.version.clone(),
            category: self.category.clone(),
            ..Product::default()
        }
    }
}

fn append(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}
