//! What leads a command to the simulator, and nowhere else.

use std::fmt::Write as _;
use std::path::PathBuf;

use aws_simulator::Simulator;
use aws_simulator::world::AccessKey;

/// The region of every profile; the simulator answers for all.
const REGION: &str = "us-east-1";

/// An account that was seeded, and its keys.
pub(super) struct Seeded {
    pub(super) name: String,
    pub(super) profile: Option<String>,
    pub(super) is_default: bool,
    pub(super) key: AccessKey,
}

/// Every account of the world with its keys.
pub(super) fn accounts(simulator: &Simulator) -> Vec<Seeded> {
    simulator.world(|world| {
        let accounts: Vec<_> = world.accounts().cloned().collect();
        accounts
            .into_iter()
            .map(|account| Seeded {
                key: world.keys(&account.id),
                name: account.name,
                profile: account.profile,
                is_default: account.is_default,
            })
            .collect()
    })
}

/// The variables that lead to the simulator, with the keys of the default account, or of the first if none is.
pub(super) fn variables(simulator: &Simulator, accounts: &[Seeded]) -> Vec<(&'static str, String)> {
    let chosen = accounts
        .iter()
        .find(|account| account.is_default)
        .or(accounts.first());
    chosen
        .map(|account| simulator.environment(&account.key))
        .unwrap_or_default()
}

/// The shared configuration and credentials files, with one profile for each account that names one.
pub(super) fn profiles(accounts: &[Seeded]) -> (String, String) {
    let (mut config, mut credentials) = (String::new(), String::new());
    for account in accounts {
        let Some(profile) = &account.profile else {
            continue;
        };
        let AccessKey { id, secret, .. } = &account.key;
        // Writing to a string cannot fail.
        let _ = write!(config, "[profile {profile}]\nregion = {REGION}\n\n");
        let _ = write!(
            credentials,
            "[{profile}]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n\n"
        );
    }
    (config, credentials)
}

/// A Terraform CLI configuration that takes some providers from directories, and the others as usual.
pub(super) fn terraform_configuration(overrides: &[(String, PathBuf)]) -> String {
    let mut text = String::from("provider_installation {\n  dev_overrides {\n");
    for (source, directory) in overrides {
        let directory = directory
            .to_string_lossy()
            .replace('\\', "\\\\")
            .replace('"', "\\\"");
        let _ = writeln!(text, "    \"{source}\" = \"{directory}\"");
    }
    text.push_str("  }\n  direct {}\n}\n");
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use aws_simulator::Seed;

    use super::*;

    #[test]
    fn the_usual_world_has_profiles_and_a_default() {
        let simulator = Simulator::start_blocking().unwrap();
        simulator.sow(Seed::usual().unwrap()).unwrap();
        let accounts = accounts(&simulator);
        let (config, credentials) = profiles(&accounts);
        assert_eq!(config.matches("[profile ").count(), accounts.len());
        assert!(credentials.contains("[partner]\naws_access_key_id = AKIA"));
        assert!(
            variables(&simulator, &accounts)
                .iter()
                .any(|(name, _)| *name == "AWS_ACCESS_KEY_ID")
        );
    }

    #[test]
    fn providers_can_be_taken_from_directories() {
        let text =
            terraform_configuration(&[("example/example".to_owned(), PathBuf::from("/somewhere"))]);
        assert!(text.contains("    \"example/example\" = \"/somewhere\"\n"));
    }
}
