//! The OpenAPI 3.1 document, made of the real handlers.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses, Modify, OpenApi, ToSchema as _,
    openapi::{
        Content, ObjectBuilder, RefOr, Required, ResponseBuilder, Schema,
        path::{Parameter, ParameterIn},
        response::Response,
        schema::{Ref, Type},
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

use super::problem::{FieldErrorOut, ProblemOut};

/// The refusals that every operation may answer.
pub struct Refusals;

/// Status and meaning, in the order in which they are checked.
const REFUSALS: [(&str, &str); 12] = [
    ("401", "Not logged in, or the token does not hold"),
    ("413", "Body too large"),
    ("415", "Body is not JSON"),
    ("400", "Malformed request"),
    ("404", "No such thing, or the caller may not know of it"),
    ("403", "The policy says no: `denial` tells why"),
    ("428", "If-Match missing"),
    ("412", "If-Match names a version that is not current"),
    ("409", "The state does not allow it, or it conflicts with what is there"),
    ("422", "Invalid values: `errors` names the fields"),
    ("429", "Too many failed log-ins"),
    ("503", "The store does not answer"),
];

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let schema = Ref::from_schema_name(ProblemOut::name());
        REFUSALS
            .into_iter()
            .map(|(status, description)| {
                let response = ResponseBuilder::new()
                    .description(description)
                    .content("application/problem+json", Content::new(Some(schema.clone())))
                    .build();
                (status.to_owned(), RefOr::T(response))
            })
            .collect()
    }
}

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let mut bearer = Http::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("JWT".to_owned());
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "dengji 登记", description = "技术合同认定登记与年度统计"),
    components(schemas(ProblemOut, FieldErrorOut)),
    modifiers(&Security)
)]
struct Base;

/// The whole document.
pub fn document() -> utoipa::openapi::OpenApi {
    use utoipa_actix_web::AppExt as _;
    let (_, mut document) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(Base::openapi())
        .configure(super::routes::described)
        .split_for_parts();
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.patch, &mut item.delete];
        for parameter in operations
            .into_iter()
            .flatten()
            .flat_map(|o| o.parameters.iter_mut().flatten())
        {
            if let RefOr::T(parameter) = parameter {
                describe_header(parameter);
            }
        }
    }
    let may_be_absent: Vec<String> = document
        .components
        .iter()
        .flat_map(|c| &c.schemas)
        .filter(|(_, schema)| asks_for_nothing(schema))
        .map(|(name, _)| Ref::from_schema_name(name).ref_location)
        .collect();
    for item in document.paths.paths.values_mut() {
        if let Some(RefOr::T(body)) = item.post.as_mut().and_then(|o| o.request_body.as_mut()) {
            let absent = |content: &RefOr<Content>| match content {
                RefOr::T(content) => content.schema.as_ref().is_some_and(
                    |schema| matches!(schema, RefOr::Ref(reference) if may_be_absent.contains(&reference.ref_location)),
                ),
                RefOr::Ref(_) => false,
            };
            if body.content.values().all(absent) {
                body.required = Some(Required::False);
            }
        }
    }
    document
}

/// Whether an object without any field fits: then a request without a body says the same as `{}`.
fn asks_for_nothing(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.required.is_empty())
}

/// Gives the headers that many operations take their form.
fn describe_header(parameter: &mut Parameter) {
    if parameter.parameter_in != ParameterIn::Header || parameter.name != "Idempotency-Key" {
        return;
    }
    let form = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[!-~]{1,255}$"));
    parameter.schema = Some(form.into());
}
