//! The attachments of a contract on its page: the list, one of them beside the fields, and the form that adds evidence.

use crate::{
    domain::{
        attachment::{Attachment, MediaType},
        code_list::ListName,
        contract::Contract,
        policy,
        workflow::State,
    },
    usecases::{Context, Error, attachments, people::Names},
    web::{
        entry::attachments::ENDINGS,
        field::{Field, choices},
        show::minute,
        visitor::Visitor,
    },
};

/// Attachments shown.
pub const PAPERS: i64 = 100;

/// An attachment.
pub struct Paper {
    /// Its kind, in words.
    pub kind: String,
    /// Name of the file.
    pub name: String,
    /// Its address.
    pub href: String,
    /// Whether browsers show it.
    pub inline: bool,
    /// Address of this page with it beside the fields, where it can be.
    pub beside: Option<String>,
    /// Size, by whom, when.
    pub told: String,
}

/// An attachment that is shown beside the fields.
pub struct Beside {
    /// Name of the file.
    pub name: String,
    /// Its address.
    pub href: String,
    /// A picture; else a document of pages.
    pub picture: bool,
}

/// An attachment to be shown beside the fields; none where browsers cannot show it.
pub async fn beside(ctx: &Context, visitor: &Visitor, id: i64, paper: i64) -> Result<Option<Beside>, Error> {
    let (papers, _) = attachments::list::list(ctx, visitor.caller.actor.clone(), id, None, PAPERS).await?;
    let paper = papers.into_iter().find(|p| p.id == paper).ok_or(Error::NotFound)?;
    Ok(paper.media_type.is_shown_inline().then(|| Beside {
        href: format!("/contracts/{id}/attachments/{}?inline=true", paper.id),
        picture: paper.media_type != MediaType::Pdf,
        name: paper.file_name,
    }))
}

/// An attachment as the list names it.
pub fn paper_of(ctx: &Context, names: &Names, id: i64, paper: &Attachment) -> Paper {
    let kinds = ctx.catalogue.list(ListName::AttachmentKind);
    let size = match paper.size {
        ..1024 => format!("{} 字节", paper.size),
        1024..1_048_576 => format!("{} KB", paper.size / 1024),
        _ => format!("{} MB", paper.size / 1_048_576),
    };
    Paper {
        kind: kinds.label(&paper.kind).unwrap_or(&paper.kind).to_owned(),
        name: paper.file_name.clone(),
        href: format!(
            "/contracts/{id}/attachments/{}{}",
            paper.id,
            if paper.media_type.is_shown_inline() {
                "?inline=true"
            } else {
                ""
            }
        ),
        inline: paper.media_type.is_shown_inline(),
        beside: paper
            .media_type
            .is_shown_inline()
            .then(|| format!("/contracts/{id}?paper={}#beside", paper.id)),
        told: format!("{size}，{} {}", names.of(&paper.added_by), minute(paper.added_at)),
    }
}

/// Evidence for a change of a confirmed contract; what is being prepared has a page of its own for it.
pub fn attach(ctx: &Context, visitor: &Visitor, contract: &Contract) -> Option<[Field; 2]> {
    let may = contract.state == State::Confirmed && policy::decide_files(&visitor.caller.actor, contract).is_ok();
    may.then(|| {
        let kinds = choices(ctx.catalogue.list(ListName::AttachmentKind));
        [
            Field::select("kind", "附件类别", kinds).span(4),
            Field::file("file", "文件", ENDINGS)
                .span(4)
                .help("PDF、JPG、PNG、TIFF、DOCX、XLSX、OFD。添加后可作为变更、注销申请的证明材料，不能移除。"),
        ]
    })
}
