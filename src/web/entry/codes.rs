//! Code lists as they are chosen from in the entry form: found by what is read, by id, by other names, and by the first letters of
//! their sounds.

use pinyin::ToPinyin as _;

use crate::{
    domain::{
        catalogue::Catalogue,
        code_list::{CodeItem, CodeList, ListName},
    },
    web::field::{Choice, Field},
};

/// First letters of the sounds of Chinese characters, other letters and digits as they are: 技术开发 is `jskf`.
pub fn initials(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c.to_pinyin() {
            Some(sound) => sound.first_letter().chars().next(),
            None => c.is_ascii_alphanumeric().then(|| c.to_ascii_lowercase()),
        })
        .collect()
}

/// All by which an entry is found, in lower case, apart by blanks.
fn keys(item: &CodeItem) -> String {
    let mut keys = vec![item.id.to_lowercase(), initials(&item.label)];
    for alias in &item.aliases {
        keys.extend([alias.to_lowercase(), initials(alias)]);
    }
    keys.retain(|key| !key.is_empty());
    keys.dedup();
    keys.join(" ")
}

fn entries(list: &CodeList) -> Vec<Choice> {
    let entry = |item: &CodeItem| Choice {
        data: vec![("keys", keys(item))],
        ..Choice::new(&item.id, &item.label)
    };
    list.items().iter().map(entry).collect()
}

/// A field for a code list.
pub fn code(catalogue: &Catalogue, name: &str, label: &str, list: ListName, value: Option<&String>) -> Field {
    Field::select(name, label, entries(catalogue.list(list)))
        .data("choose", "")
        .span(1)
        .maybe(value)
}

/// The field for the subtype: its entries stand under the types that they belong to.
pub fn subtype(catalogue: &Catalogue, value: Option<&String>) -> Field {
    let types = catalogue.list(ListName::Type);
    let list = catalogue.list(ListName::Subtype);
    let mut entries: Vec<(usize, Choice)> = list
        .items()
        .iter()
        .map(|item| {
            let parent = item.parent.as_deref().unwrap_or_default();
            let entry = Choice {
                group: types.label(parent).unwrap_or_default().to_owned(),
                data: vec![("keys", keys(item)), ("of", parent.to_owned())],
                ..Choice::new(&item.id, &item.label)
            };
            (types.index_of(parent).unwrap_or(usize::MAX), entry)
        })
        .collect();
    entries.sort_by_key(|(place, _)| *place);
    Field::select("/subtype", "合同子类", entries.into_iter().map(|(_, e)| e).collect())
        .data("choose", "")
        .data("follows", "/type")
        .span(1)
        .maybe(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_the_first_letters_of_their_sounds() {
        for (label, letters) in [
            ("技术开发", "jskf"),
            ("事业法人-高等院校", "syfrgdyx"),
            ("GIS 平台", "gispt"),
            ("", ""),
        ] {
            assert_eq!(initials(label), letters);
        }
    }
}
