//! The page of the entry form: what stands around the fields.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;

use super::{
    attachments::Papers,
    codes::initials,
    form::{self, Section, refill, shown},
};
use crate::{
    domain::{
        catalogue::Catalogue,
        contract::{Content, Contract, Returned},
        error::FieldError,
        policy, regions,
        workflow::{Action, next_state},
    },
    usecases::{
        Context, Error,
        contracts::{self, ContractView, alike::alike},
        parties::Known,
    },
    web::{
        act::Problem,
        contract_words::about,
        field::{Fieldset, field_id},
        posted::Typed,
        refusal::{Refusal, errors_of, status_of},
        shell::{Shell, page},
        show::{day, minute, state_kind, text, yuan},
        visitor::Visitor,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "entry/page.html")]
pub struct EntryPage {
    pub shell: Shell,
    pub problem: Option<Problem>,
    /// Where the form goes.
    pub action: String,
    /// The contract, once there is one.
    pub id: Option<i64>,
    /// Version that the form is made of.
    pub version: Option<i64>,
    /// What a reviewer asked to be corrected.
    pub returned: Option<ReturnedNote>,
    pub sections: Vec<Section>,
    /// Its attachments, once there is a contract.
    pub papers: Option<Papers>,
    /// Contracts that resemble it.
    pub alike: Vec<Alike>,
}

/// What a reviewer asked to be corrected.
pub struct ReturnedNote {
    at: String,
    reason: String,
    /// Label, address of the field where there is one, what is wrong.
    items: Vec<(String, Option<String>, String)>,
}

/// A contract that resembles the one in hand.
pub struct Alike {
    pub href: String,
    pub name: String,
    pub number: String,
    pub state: &'static str,
    pub kind: &'static str,
    pub parties: String,
    pub signed_on: String,
    pub amount: String,
}

impl Alike {
    fn of(own: i64, other: &Contract) -> Self {
        let c = &other.content;
        Self {
            href: format!("/contracts/{own}/compare/{}", other.id),
            name: text(c.project_name.as_deref()),
            number: text(other.registration_number.as_deref()),
            state: other.state.label(),
            kind: state_kind(other.state),
            parties: format!("{} → {}", text(c.seller.name.as_deref()), text(c.buyer.name.as_deref())),
            signed_on: day(c.signed_on),
            amount: c.amount_fen.map_or_else(|| text(None), yuan),
        }
    }
}

/// The part of a page that names them.
#[derive(Template)]
#[template(path = "entry/alike.html")]
pub struct AlikePart {
    alike: Vec<Alike>,
}

impl AlikePart {
    /// Of a contract: how many, and the part; empty where there are none.
    pub async fn of(ctx: &Context, visitor: &Visitor, id: i64) -> Result<(usize, String), Error> {
        let alike = alike_lines(ctx, visitor, id).await?;
        Ok((alike.len(), Self { alike }.render().map_err(Error::internal)?))
    }
}

/// Contracts that resemble one, as lines of a page.
pub async fn alike_lines(ctx: &Context, visitor: &Visitor, id: i64) -> Result<Vec<Alike>, Error> {
    let found = alike(ctx, visitor.caller.actor.clone(), id).await?;
    Ok(found.iter().map(|other| Alike::of(id, other)).collect())
}

impl ReturnedNote {
    /// For a page on which these are the fields; they are told of what concerns them.
    fn of(returned: &Returned, catalogue: &Catalogue, sections: &mut [Section]) -> Self {
        let mut items = Vec::new();
        for item in &returned.items {
            let fields = sections.iter_mut().flat_map(|s| &mut s.set.fields);
            let pointer = item.pointer.as_deref().unwrap_or_default();
            let field = fields
                .filter(|f| pointer == f.name || pointer.starts_with(&format!("{}/", f.name)))
                .max_by_key(|f| f.name.len());
            items.push(match field {
                Some(field) => {
                    field.note = format!("审核意见：{}", item.detail);
                    (
                        field.label.clone(),
                        Some(format!("#{}", field_id(&field.name))),
                        item.detail.clone(),
                    )
                }
                None if item.attachment.is_some() || pointer.starts_with("/attachments") => (
                    about(catalogue, item),
                    Some("#attachments".to_owned()),
                    item.detail.clone(),
                ),
                None => (about(catalogue, item), None, item.detail.clone()),
            });
        }
        Self {
            at: minute(returned.at),
            reason: returned.reason.clone(),
            items,
        }
    }
}

/// The contract, if the visitor may edit it now.
pub async fn editable(ctx: &Context, visitor: &Visitor, id: i64) -> Result<ContractView, Error> {
    let actor = &visitor.caller.actor;
    let view = contracts::read::read(ctx, actor.clone(), id).await?;
    policy::decide(actor, Action::Edit, &view.contract, ctx.clock.now().date())?;
    if next_state(view.contract.state, Action::Edit).is_none() {
        return Err(Error::WrongState(view.contract.state));
    }
    Ok(view)
}

impl EntryPage {
    /// For a contract that is not there yet.
    ///
    /// # Errors
    /// Who may enter none.
    pub fn new(ctx: &Context, visitor: &Visitor) -> Result<Self, Error> {
        policy::decide_create(&visitor.caller.actor)?;
        let begin = Content {
            cross_border: Some("domestic".to_owned()),
            ..Content::default()
        };
        let mut sections = form::sections(&begin, &ctx.catalogue);
        if let Some(first) = sections.first_mut().and_then(|s| s.set.fields.first_mut()) {
            first.focus = true;
        }
        Ok(Self {
            shell: visitor.shell("录入合同").at("/contracts/new"),
            problem: None,
            action: "/contracts/new".to_owned(),
            id: None,
            version: None,
            returned: None,
            sections,
            papers: None,
            alike: Vec::new(),
        })
    }

    /// For a contract as it is saved; `all`: what is missing is marked, too.
    ///
    /// # Errors
    /// Who may not edit it now.
    pub async fn of(ctx: &Context, visitor: &Visitor, id: i64, all: bool) -> Result<Self, Error> {
        let view = editable(ctx, visitor, id).await?;
        let contract = &view.contract;
        let mut sections = form::sections(&contract.content, &ctx.catalogue);
        form::mark(&mut sections, &view.checks, all);
        let returned = contract
            .returned
            .as_ref()
            .map(|r| ReturnedNote::of(r, &ctx.catalogue, &mut sections));
        Ok(Self {
            shell: visitor.shell("修改合同").at("/contracts"),
            problem: None,
            action: format!("/contracts/{id}/edit"),
            id: Some(id),
            version: Some(contract.version),
            returned,
            sections,
            papers: Some(Papers::of(ctx, visitor, &view, "edit").await?),
            alike: alike_lines(ctx, visitor, id).await?,
        })
    }

    /// For what was sent: that of the contract, or of a new one.
    ///
    /// # Errors
    /// As [`EntryPage::of`] and [`EntryPage::new`].
    pub async fn for_form(ctx: &Context, visitor: &Visitor, id: Option<i64>) -> Result<Self, Error> {
        match id {
            Some(id) => Self::of(ctx, visitor, id, false).await,
            None => Self::new(ctx, visitor),
        }
    }

    /// The same with what was typed.
    pub fn typed(mut self, typed: &Typed, errors: &[FieldError]) -> Self {
        let before: Vec<String> = self.fields().map(shown).collect();
        refill(&mut self.sections, typed, errors);
        let stale = self.id.is_some() && typed.version() != self.version;
        for (field, before) in self.sections.iter_mut().flat_map(|s| &mut s.set.fields).zip(before) {
            field.focus = false;
            if stale && shown(field) != before {
                field.note = format!("他人保存的内容：{before}");
            }
        }
        self
    }

    fn fields(&self) -> impl Iterator<Item = &crate::web::field::Field> {
        self.sections.iter().flat_map(|s| &s.set.fields)
    }

    /// The page again with what was refused, and what was typed.
    ///
    /// # Errors
    /// What no typing can mend.
    pub fn refused(self, error: Error, typed: &Typed) -> Result<HttpResponse, Refusal> {
        error.log();
        let status = status_of(&error).0;
        let error = match error {
            Error::Unauthenticated | Error::NotFound | Error::Forbidden(_) | Error::WrongState(_) => {
                return Err(error.into());
            }
            Error::Stale { .. } => Error::Conflict(
                "您打开这份合同之后，他人保存过修改。您填写的内容都在，不同之处已在字段下注明；再次保存即以您填写的为准。".to_owned(),
            ),
            Error::KeyReused => Error::Conflict(
                "这份表单已经保存过一次。要再建一份合同，请再次保存；否则请从“合同”打开已保存的草稿。".to_owned(),
            ),
            other => other,
        };
        let mut page = self.typed(typed, &errors_of(&error));
        let sets: Vec<Fieldset> = page.sections.iter().map(|s| s.set.clone()).collect();
        page.problem = Some(Problem::of(&error, &sets));
        Ok(page.answer(status))
    }

    /// The page as an answer.
    pub fn answer(&self, status: StatusCode) -> HttpResponse {
        page(status, self)
    }

    /// Code, name, and the first letters of its sounds.
    fn regions(&self) -> impl Iterator<Item = (&'static str, &'static str, String)> {
        regions::PROPOSED
            .iter()
            .map(|(code, name)| (*code, *name, initials(name)))
    }

    fn found_line(&self, known: &&Known) -> String {
        let place = known.party.region.as_deref().unwrap_or_default();
        let parts = [
            known.party.uscc.as_deref().unwrap_or("无信用代码"),
            regions::name_of(place).unwrap_or(place),
        ];
        parts.join("　").trim().to_owned()
    }
}
