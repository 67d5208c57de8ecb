//! `/messages`: what the visitor was told.

use actix_web::{HttpRequest, HttpResponse, get, post, web};

use super::{
    acted::acted,
    field::{Choice, Field},
    key_page::{KeyPage, ROWS, address, key},
    posted::Posted,
    refusal::{Refusal, redirect},
    sheet::{ActLink, Sheet},
    show::minute,
    table::{Cell, Column, Row, Table},
    visitor::Visitor,
};
use crate::{
    http::query::Query,
    usecases::{Context, messages},
};

/// Where messages are.
const PLACE: &str = "/messages";

/// The line that messages begin with.
const GREETING: &str = "您好！";

/// The most characters of a message that the list shows.
const LONGEST_BEGINNING: usize = 40;

#[get("/messages")]
pub async fn list_messages(
    ctx: web::Data<Context>,
    visitor: Visitor,
    request: HttpRequest,
) -> Result<HttpResponse, Refusal> {
    let actor = &visitor.caller.actor;
    let mut query = Query::parse(request.query_string());
    let page = KeyPage::read(&mut query);
    let unread = query.one_of("unread", |text| text.parse::<bool>().ok());
    let done = query.text("done");
    query.finish()?;
    let only_unread = unread == Some(true);
    let found = messages::list(&ctx, actor, only_unread, page.after, ROWS + 1).await?;
    let (found, next) = KeyPage::cut(found, |m| m.id);
    let names = messages::contract_names(&ctx, actor, &found).await?;
    let waiting = messages::unread(&ctx, actor).await?;
    let filter = only_unread.then(|| "true".to_owned());
    let rows = found.iter().map(|message| Row {
        key: message.id.to_string(),
        cells: vec![
            Cell::link(&message.subject, format!("{PLACE}/{}", message.id)),
            match message.contract_id.and_then(|id| Some((id, names.get(&id)?))) {
                Some((id, name)) => Cell::link(name, format!("/contracts/{id}")),
                // What is about no contract is told apart by its first sentence: which file, whose account.
                None => Cell::text(beginning(&message.body)),
            },
            match message.read_at {
                Some(_) => Cell::mark("已读", "plain"),
                None => Cell::mark("未读", "wait"),
            },
            Cell::text(minute(message.created_at)),
        ],
    });
    let table = Table {
        total: None,
        caption: "消息".to_owned(),
        columns: ["主题", "合同或事项", "状态", "时间"].map(Column::text).into(),
        rows: rows.collect(),
        empty: if only_unread {
            "没有未读消息。"
        } else {
            "没有消息。"
        }
        .to_owned(),
        next: next.map(|n| address(PLACE, &[("unread", filter.clone()), ("after", Some(n.to_string()))])),
        first: page.after.map(|_| address(PLACE, &[("unread", filter.clone())])),
        tick: None,
    };
    let mut sheet = Sheet::list(visitor.shell("消息").at(PLACE).done(done.as_deref()), table).filtered(
        PLACE,
        vec![Field::select("unread", "状态", vec![Choice::new("true", "未读")]).maybe(filter)],
    );
    sheet.lead = match waiting {
        0 => "没有未读消息。".to_owned(),
        n => format!("未读消息 {n} 条。"),
    };
    if waiting > 0 {
        sheet
            .acts
            .push(ActLink::new("全部标为已读", "/messages/read").at_once());
    }
    Ok(sheet.show())
}

/// The first sentence of a text, cut where it is long.
fn beginning(text: &str) -> String {
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && *line != GREETING);
    let line = lines.next().unwrap_or_default();
    let sentence = line.split(['。', '；', '，']).next().unwrap_or_default();
    match sentence.char_indices().nth(LONGEST_BEGINNING) {
        Some((end, _)) => format!("{}…", sentence.get(..end).unwrap_or_default()),
        None => sentence.to_owned(),
    }
}

/// Opening a message is reading it.
#[get("/messages/{id}")]
pub async fn show_message(
    ctx: web::Data<Context>,
    mut visitor: Visitor,
    path: web::Path<String>,
) -> Result<HttpResponse, Refusal> {
    let id = key(&path)?;
    let message = messages::read(&ctx, &visitor.caller.actor, id).await?;
    if message.read_at.is_none() {
        messages::mark_read(&ctx, visitor.command(None), id, Ok(())).await?;
        visitor.unread -= 1;
    }
    let mut sheet = Sheet::new(visitor.shell(&message.subject).at(PLACE));
    let names = messages::contract_names(&ctx, &visitor.caller.actor, std::slice::from_ref(&message)).await?;
    sheet.facts = vec![("时间", Cell::text(minute(message.created_at)))];
    if let Some((contract, name)) = message.contract_id.and_then(|id| Some((id, names.get(&id)?))) {
        sheet
            .facts
            .push(("合同", Cell::link(name, format!("/contracts/{contract}"))));
        sheet
            .acts
            .push(ActLink::new("打开合同", format!("/contracts/{contract}")).main());
    }
    sheet.acts.push(ActLink::new("返回消息", PLACE));
    sheet.sections = vec![super::sheet::Section {
        texts: vec![message.body],
        ..super::sheet::Section::default()
    }];
    Ok(sheet.show())
}

#[post("/messages/read")]
pub async fn read_all(ctx: web::Data<Context>, posted: Posted) -> Result<HttpResponse, Refusal> {
    messages::mark_all_read(&ctx, posted.command(acted), Ok(())).await?;
    Ok(redirect("/messages?done=read"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Notice;

    #[test]
    fn a_message_about_no_contract_is_told_apart_in_the_list() {
        let awaits = Notice::ImportAwaits {
            file: "台账2025.xlsx",
            count: 3,
        };
        let told = beginning(&awaits.body());
        assert!(told.contains("台账2025.xlsx") && told.contains("3 项"), "{told}");
        assert_eq!(beginning(&"长".repeat(50)).chars().count(), LONGEST_BEGINNING + 1);
        assert_eq!(beginning(""), "");
    }
}
