//! Tags of accounts and of the root.

use std::ops::Bound;

use serde::Deserialize;
use serde_json::json;

use super::super::input::{self, Misfit, TagInput};
use super::super::{Answer, Context};
use super::paging::{Page, PageRequest};
use super::{invalid, invalid_tags, nothing, shapes};
use crate::world::{Refusal, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tagging {
    resource_id: Option<String>,
    tags: Option<Vec<TagInput>>,
    tag_keys: Option<Vec<String>>,
    #[serde(flatten)]
    page: PageRequest,
}

impl Tagging {
    fn resource(&self) -> Result<&str, Refusal> {
        shapes::TAGGABLE_ID
            .required(self.resource_id.as_ref())
            .map_err(invalid)
    }
}

pub(super) fn list(world: &World, context: &Context<'_>) -> Answer {
    let request: Tagging = input::parse(context.input)?;
    let resource = request.resource()?;
    let page = Page::new(world, context, &request.page)?;
    let start = page
        .after()
        .map_or(Bound::Unbounded, |after| Bound::Excluded(after.to_owned()));
    let tags = world
        .tags(&context.caller()?.account, resource)?
        .range((start, Bound::Unbounded));
    Ok(page.cut(
        "Tags",
        tags,
        |(key, _)| key,
        |(key, value)| json!({"Key": key, "Value": value}),
    ))
}

pub(super) fn tag(world: &mut World, context: &Context<'_>) -> Answer {
    let request: Tagging = input::parse(context.input)?;
    let resource = request.resource()?;
    let tags = request
        .tags
        .as_ref()
        .ok_or_else(|| invalid((Misfit::Missing, "Tags")))?;
    let tags = input::tags(Some(tags)).map_err(invalid_tags)?;
    world.tag(&context.caller()?.account, resource, tags)?;
    Ok(nothing())
}

pub(super) fn untag(world: &mut World, context: &Context<'_>) -> Answer {
    let request: Tagging = input::parse(context.input)?;
    let resource = request.resource()?;
    let keys = request
        .tag_keys
        .as_ref()
        .ok_or_else(|| invalid((Misfit::Missing, "TagKeys")))?;
    world.untag(&context.caller()?.account, resource, keys)?;
    Ok(nothing())
}
