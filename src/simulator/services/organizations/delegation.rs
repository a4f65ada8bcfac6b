//! Trusted service access and delegated administrators.

use std::ops::Bound;

use serde::Deserialize;
use serde_json::json;

use super::super::input;
use super::super::{Answer, Context};
use super::paging::{Page, PageRequest};
use super::{accounts, invalid, nothing, shapes};
use crate::clock::epoch;
use crate::world::{Refusal, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delegation {
    account_id: Option<String>,
    service_principal: Option<String>,
}

impl Delegation {
    fn account(&self) -> Result<&str, Refusal> {
        shapes::ACCOUNT_ID
            .required(self.account_id.as_ref())
            .map_err(invalid)
    }

    fn service(&self) -> Result<&str, Refusal> {
        shapes::SERVICE_PRINCIPAL
            .required(self.service_principal.as_ref())
            .map_err(invalid)
    }
}

pub(super) fn enable_service_access(world: &mut World, context: &Context<'_>) -> Answer {
    let request: Delegation = input::parse(context.input)?;
    world.enable_service_access(&context.caller()?.account, request.service()?)?;
    Ok(nothing())
}

pub(super) fn disable_service_access(world: &mut World, context: &Context<'_>) -> Answer {
    let request: Delegation = input::parse(context.input)?;
    world.disable_service_access(&context.caller()?.account, request.service()?)?;
    Ok(nothing())
}

pub(super) fn register(world: &mut World, context: &Context<'_>) -> Answer {
    let request: Delegation = input::parse(context.input)?;
    world.register_delegated_administrator(
        &context.caller()?.account,
        request.account()?,
        request.service()?,
    )?;
    Ok(nothing())
}

pub(super) fn deregister(world: &mut World, context: &Context<'_>) -> Answer {
    let request: Delegation = input::parse(context.input)?;
    world.deregister_delegated_administrator(
        &context.caller()?.account,
        request.account()?,
        request.service()?,
    )?;
    Ok(nothing())
}

pub(super) fn list_service_access(world: &World, context: &Context<'_>) -> Answer {
    let page = Page::new(world, context, &input::parse(context.input)?)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    let services = organization
        .service_access
        .range((start(&page), Bound::Unbounded));
    Ok(page.cut(
        "EnabledServicePrincipals",
        services,
        |(service, _)| service,
        |(service, since)| json!({"ServicePrincipal": service, "DateEnabled": epoch(**since)}),
    ))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListDelegatedAdministrators {
    service_principal: Option<String>,
    #[serde(flatten)]
    page: PageRequest,
}

pub(super) fn list_administrators(world: &World, context: &Context<'_>) -> Answer {
    let request: ListDelegatedAdministrators = input::parse(context.input)?;
    let wanted = shapes::SERVICE_PRINCIPAL
        .optional(request.service_principal.as_ref())
        .map_err(invalid)?;
    let page = Page::new(world, context, &request.page)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    let after = page.after().map(str::to_owned);
    let administrators = organization
        .delegated_administrators
        .iter()
        .filter(|(id, _)| after.as_deref().is_none_or(|after| id.as_str() > after))
        .filter(|(_, services)| wanted.is_none_or(|wanted| services.contains_key(wanted)))
        .filter_map(|(id, services)| Some((world.account(id.as_str())?, services.values().min()?)));
    Ok(page.cut(
        "DelegatedAdministrators",
        administrators,
        |(account, _)| account.id.as_str(),
        |(account, since)| {
            let mut shown = accounts::show(world, organization, account);
            if let Some(shown) = shown.as_object_mut() {
                shown.remove("Paths");
            }
            shown["DelegationEnabledDate"] = epoch(**since);
            shown
        },
    ))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListDelegatedServices {
    account_id: Option<String>,
    #[serde(flatten)]
    page: PageRequest,
}

pub(super) fn list_services(world: &World, context: &Context<'_>) -> Answer {
    let request: ListDelegatedServices = input::parse(context.input)?;
    let id = shapes::ACCOUNT_ID
        .required(request.account_id.as_ref())
        .map_err(invalid)?;
    let page = Page::new(world, context, &request.page)?;
    let organization = world.administered_by(&context.caller()?.account)?;
    world.member(organization, id)?;
    let services = organization
        .delegated_administrators
        .get(id)
        .ok_or_else(|| {
            Refusal::new(
                "AccountNotRegisteredException",
                "The account is not a delegated administrator.",
            )
        })?;
    let services = services.range((start(&page), Bound::Unbounded));
    Ok(page.cut("DelegatedServices", services, |(service, _)| service, |(service, since)| {
        json!({"ServicePrincipal": service, "DelegationEnabledDate": epoch(**since)})
    }))
}

fn start(page: &Page<'_>) -> Bound<String> {
    page.after()
        .map_or(Bound::Unbounded, |after| Bound::Excluded(after.to_owned()))
}
