//! Trusted service access and delegated administrators.

use time::OffsetDateTime;

use super::{AccountId, AccountState, FeatureSet, Organization, Refusal, World};

impl World {
    /// Gives a service trusted access (API reference, `EnableAWSServiceAccess`).
    pub fn enable_service_access(
        &mut self,
        caller: &AccountId,
        service: &str,
    ) -> Result<(), Refusal> {
        let now = self.now;
        let organization = self.managed_by_mut(caller)?;
        check_all_features(organization)?;
        check_service(service)?;
        organization
            .service_access
            .entry(service.to_owned())
            .or_insert(now);
        Ok(())
    }

    /// Takes it away (API reference, `DisableAWSServiceAccess`). Delegated administrators stand in the way.
    pub fn disable_service_access(
        &mut self,
        caller: &AccountId,
        service: &str,
    ) -> Result<(), Refusal> {
        let organization = self.managed_by_mut(caller)?;
        check_all_features(organization)?;
        check_service(service)?;
        let delegated = organization
            .delegated_administrators
            .values()
            .any(|services| services.contains_key(service));
        if delegated {
            return Err(Refusal::constraint(
                "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
                "The service has a delegated administrator. Deregister it first.",
            ));
        }
        organization.service_access.remove(service);
        Ok(())
    }

    /// Makes a member administrator for a service (API reference, `RegisterDelegatedAdministrator`).
    pub fn register_delegated_administrator(
        &mut self,
        caller: &AccountId,
        id: &str,
        service: &str,
    ) -> Result<(), Refusal> {
        let organization = self.managed_by(caller)?;
        check_all_features(organization)?;
        check_service(service)?;
        let account = self.member(organization, id)?;
        if account.id == organization.management {
            return Err(Refusal::constraint(
                "CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
                "Only a member account can be a delegated administrator.",
            ));
        }
        if account.state != AccountState::Active {
            return Err(Refusal::constraint(
                "CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
                "The account is not active.",
            ));
        }
        if !organization.service_access.contains_key(service) {
            return Err(Refusal::constraint(
                "SERVICE_ACCESS_NOT_ENABLED",
                "Enable access for the service first.",
            ));
        }
        if delegated_since(organization, id, service).is_some() {
            return Err(Refusal::new(
                "AccountAlreadyRegisteredException",
                "The account is a delegated administrator for this service already.",
            ));
        }
        let (id, now) = (account.id.clone(), self.now);
        let services = self
            .managed_by_mut(caller)?
            .delegated_administrators
            .entry(id)
            .or_default();
        services.insert(service.to_owned(), now);
        Ok(())
    }

    /// Takes that away (API reference, `DeregisterDelegatedAdministrator`).
    pub fn deregister_delegated_administrator(
        &mut self,
        caller: &AccountId,
        id: &str,
        service: &str,
    ) -> Result<(), Refusal> {
        let organization = self.managed_by(caller)?;
        check_service(service)?;
        let id = self.member(organization, id)?.id.clone();
        if delegated_since(organization, id.as_str(), service).is_none() {
            return Err(Refusal::new(
                "AccountNotRegisteredException",
                "The account is not a delegated administrator for this service.",
            ));
        }
        let administrators = &mut self.managed_by_mut(caller)?.delegated_administrators;
        if let Some(services) = administrators.get_mut(&id) {
            services.remove(service);
            if services.is_empty() {
                administrators.remove(&id);
            }
        }
        Ok(())
    }
}

/// API reference, `ConstraintViolationException`, `ORGANIZATION_NOT_IN_ALL_FEATURES_MODE`.
fn check_all_features(organization: &Organization) -> Result<(), Refusal> {
    if organization.feature_set == FeatureSet::All {
        return Ok(());
    }
    Err(Refusal::constraint(
        "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
        "The organization must have all features enabled.",
    ))
}

fn check_service(service: &str) -> Result<(), Refusal> {
    if service.ends_with(".amazonaws.com") || service.ends_with(".amazonaws.com.cn") {
        return Ok(());
    }
    Err(Refusal::invalid_input(
        "UNRECOGNIZED_SERVICE_PRINCIPAL",
        format!("{service} is not a service principal."),
    ))
}

fn delegated_since(organization: &Organization, id: &str, service: &str) -> Option<OffsetDateTime> {
    organization
        .delegated_administrators
        .get(id)?
        .get(service)
        .copied()
}
