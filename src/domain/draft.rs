//! What a draft is made of where not all that was handed in can stand: values that cannot be kept give way, the rest stays.

use serde_json::Value;

use super::{catalogue::Catalogue, checks, contract::Content};

/// The amounts belong together: where one cannot stand, none is taken over.
const AMOUNTS: [&str; 3] = ["/amount_fen", "/technology_amount_fen", "/non_technology_amount_fen"];

/// A content for another contract of the same kind: parties, classification and wording, without what belongs to the one contract
/// alone (dates, amounts).
pub fn for_another(content: &Content) -> Content {
    Content {
        received_on: None,
        signed_on: None,
        begins_on: None,
        ends_on: None,
        amount_fen: None,
        technology_amount_fen: None,
        non_technology_amount_fen: None,
        ..content.clone()
    }
}

/// What of `content` can be kept, tidied: fields that are not well formed, and those that `unread` points to, are as in `fallback`,
/// which is well formed.
pub fn sound_part(content: Content, fallback: &Content, unread: &[String], catalogue: &Catalogue) -> Content {
    let mut content = content;
    checks::tidy(&mut content);
    let mut pointers = unread.to_vec();
    // The second round sees what the first one gave back to the fallback.
    for _ in 0..3 {
        if pointers.iter().any(|p| AMOUNTS.contains(&p.as_str())) {
            pointers.extend(AMOUNTS.map(str::to_owned));
        }
        content = with_fields_of(content, fallback, &pointers);
        let errors = checks::well_formed(&content, catalogue);
        if errors.is_empty() {
            return content;
        }
        pointers = errors.into_iter().map(|e| e.pointer).collect();
    }
    fallback.clone()
}

fn with_fields_of(content: Content, from: &Content, pointers: &[String]) -> Content {
    if pointers.is_empty() {
        return content;
    }
    let (Ok(mut value), Ok(other)) = (serde_json::to_value(&content), serde_json::to_value(from)) else {
        return from.clone();
    };
    for pointer in pointers {
        // The buyer's unit stands beside the buyer in the content, in the buyer where people see it.
        let path = if pointer == "/buyer/unit" {
            "/buyer_unit"
        } else {
            pointer
        };
        if let Some(field) = value.pointer_mut(path) {
            *field = other.pointer(path).cloned().unwrap_or(Value::Null);
        }
    }
    serde_json::from_value(value).unwrap_or_else(|_| from.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::embedded_catalogue, domain::contract::Party};

    #[test]
    fn what_cannot_stand_gives_way_and_the_rest_stays() {
        let catalogue = embedded_catalogue().unwrap();
        let before = Content {
            amount_fen: Some(500),
            ..Content::default()
        };
        let typed = Content {
            project_name: Some(" 滴灌 ".to_owned()),
            unit: Some("nowhere".to_owned()),
            buyer_unit: Some("nowhere".to_owned()),
            seller: Party {
                uscc: Some("91".to_owned()),
                name: Some("甲".to_owned()),
                country: "???".to_owned(),
                ..Party::default()
            },
            amount_fen: Some(100),
            technology_amount_fen: Some(200),
            ..Content::default()
        };
        let kept = sound_part(typed, &before, &["/buyer/name".to_owned()], &catalogue);
        assert_eq!(kept.project_name.as_deref(), Some("滴灌"));
        assert_eq!(
            (kept.unit, kept.buyer_unit, kept.seller.uscc.clone()),
            (None, None, None)
        );
        assert_eq!(
            (kept.seller.name.as_deref(), kept.seller.country.as_str()),
            (Some("甲"), "CHN")
        );
        assert_eq!((kept.amount_fen, kept.technology_amount_fen), (Some(500), None));
        assert_eq!(for_another(&before), Content::default());
    }
}
