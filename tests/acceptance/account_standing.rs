//! `data.awsbilling_account_standing`: the case of each account, and its next steps.

use aws_simulator::Account;
use aws_simulator::world::PolicyType;
use serde_json::{Value, json};

use crate::harness::Sandbox;

fn standing(aws: &Sandbox, account: &Account) -> Value {
    let terraform = aws.terraform_as(account);
    terraform.apply(&format!(
        "data \"awsbilling_account_standing\" \"mine\" {{\n  partner_organization_id = \"{}\"\n}}\n\noutput \
         \"found\" {{\n  value = data.awsbilling_account_standing.mine\n}}\n",
        aws.organization.id
    ));
    terraform.output("found")
}

/// The resources of the next steps, in order.
fn steps(found: &Value) -> Vec<String> {
    let steps = found["next_steps"].as_array().unwrap().iter();
    steps
        .map(|step| step["resource"].as_str().unwrap_or("by people").to_owned())
        .collect()
}

#[test]
fn case_1_is_invited_and_accepts() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let found = standing(&aws, &customer);
    assert_eq!(found["case"], json!(1));
    assert_eq!(found["standing"], json!("standalone"));
    assert_eq!(found["organization_id"], json!(null));
    assert_eq!(found["loses"], json!([]));
    assert_eq!(
        steps(&found),
        [
            "awsbilling_partner_account_invitation",
            "awsbilling_org_handshake_accept"
        ]
    );

    aws.simulator.invite(&aws.organization, &customer).unwrap();
    let found = standing(&aws, &customer);
    assert_eq!(steps(&found), ["awsbilling_org_handshake_accept"]);
    assert_eq!(
        found["pending_invitations"][0]["organization_id"],
        json!(aws.organization.id.as_str())
    );

    aws.accept(&customer);
    let found = standing(&aws, &customer);
    assert_eq!(found["has_joined"], json!(true));
    assert_eq!((&found["case"], steps(&found).len()), (&json!(null), 0));
    assert_eq!(
        found["management_account_id"],
        json!(aws.partner.id.as_str())
    );
}

#[test]
fn case_2_moves_in_one_step() {
    let aws = Sandbox::new();
    let former = aws.customer("Former Payer");
    let formers = aws.simulator.create_organization(&former);
    let customer = aws.simulator.create_member(&formers, "Example Corp");
    aws.simulator.invite(&aws.organization, &customer).unwrap();
    let found = standing(&aws, &customer);
    assert_eq!(found["case"], json!(2));
    assert_eq!(found["organization_id"], json!(formers.id.as_str()));
    assert_eq!(found["linked_accounts"], json!(null));
    assert_eq!(
        steps(&found),
        ["by people", "awsbilling_org_handshake_accept"]
    );
    assert!(!found["loses"].as_array().unwrap().is_empty());
}

/// What the move ends, as one text.
fn losses(found: &Value) -> String {
    found["loses"].to_string()
}

#[test]
fn what_a_member_may_not_see_is_said_and_fails_nothing() {
    let aws = Sandbox::new();
    let former = aws.customer("Former Payer");
    let formers = aws.simulator.create_organization(&former);
    let customer = aws.simulator.create_member(&formers, "Example Corp");
    aws.simulator.clear_calls();
    let found = standing(&aws, &customer);
    for unknown in ["policies", "service_access", "delegated_services"] {
        assert_eq!(found[unknown], json!(null), "{unknown}");
    }
    let unseen = found["unseen"].as_array().unwrap();
    assert_eq!(unseen.len(), 1, "one question tells: {unseen:?}");
    let action = "organizations:ListDelegatedServicesForAccount";
    assert_eq!(unseen[0]["action"], json!(action));
    let reason = unseen[0]["reason"].to_string();
    assert!(reason.contains("AccessDeniedException"), "{reason}");
    assert!(losses(&found).contains("only the organization's administrators see"));
    assert_eq!(aws.count("ListPoliciesForTarget"), 0);
    assert_eq!(aws.count("ListPolicies"), 0);
}

#[test]
fn a_delegated_administrator_sees_what_it_loses() {
    for omit_paths in [false, true] {
        let aws = Sandbox::new();
        aws.simulator
            .switch(|switches| switches.omit_paths = omit_paths);
        let former = aws.customer("Former Payer");
        let formers = aws.simulator.create_organization(&former);
        let customer = aws.simulator.create_member(&formers, "Example Corp");
        let unit = aws.simulator.world(|world| {
            let (payer, id) = (&former.id, customer.id.as_str());
            let root = world.organization(formers.id.as_str()).unwrap().root();
            let unit = world.create_unit(payer, &root, "Workloads", [].into());
            let unit = unit.unwrap().id;
            world.move_account(payer, id, &root, &unit).unwrap();
            let other = world.create_unit(payer, &root, "Other", [].into());
            for (kind, name, target) in [
                (
                    PolicyType::ServiceControlPolicy,
                    "DenyRegions",
                    root.as_str(),
                ),
                (PolicyType::ResourceControlPolicy, "OwnOnly", unit.as_str()),
                (PolicyType::TagPolicy, "CostCenters", id),
                (
                    PolicyType::BackupPolicy,
                    "Elsewhere",
                    other.unwrap().id.as_str(),
                ),
            ] {
                let targets = [target.to_owned()].into();
                world.arrange_policy(payer, kind, name, targets).unwrap();
            }
            let service = "guardduty.amazonaws.com";
            world.enable_service_access(payer, service).unwrap();
            world
                .register_delegated_administrator(payer, id, service)
                .unwrap();
            unit
        });
        let found = standing(&aws, &customer);
        let policies: Vec<_> = found["policies"].as_array().unwrap().iter().collect();
        let on = |name: &str| {
            let policy = policies.iter().find(|policy| policy["name"] == name);
            policy.map(|policy| policy["target_id"].as_str().unwrap().to_owned())
        };
        assert!(on("DenyRegions").unwrap().starts_with("r-"), "inherited");
        assert_eq!(on("OwnOnly"), Some(unit));
        assert_eq!(on("CostCenters").as_deref(), Some(customer.id.as_str()));
        assert_eq!((on("Elsewhere"), on("FullAWSAccess")), (None, None));
        assert_eq!(found["unseen"], json!([]));
        assert_eq!(
            found["delegated_services"],
            json!(["guardduty.amazonaws.com"])
        );
        for lost in [
            "Service control policies: DenyRegions",
            "Resource control policies: OwnOnly",
            "Tag policies: CostCenters",
            "Delegated administration of: guardduty.amazonaws.com; some services delete",
            "Services that work across the organization: guardduty.amazonaws.com",
        ] {
            assert!(losses(&found).contains(lost), "{lost}: {}", losses(&found));
        }
        assert!(!losses(&found).contains("Backup policies"));
        assert_eq!(aws.count("ListParents") > 0, omit_paths);
    }
}

#[test]
fn a_management_account_loses_all_policies() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    aws.simulator.create_organization(&customer);
    aws.simulator.world(|world| {
        let kind = PolicyType::AiServicesOptOutPolicy;
        world
            .arrange_policy(&customer.id, kind, "OptOut", [].into())
            .unwrap();
    });
    let found = standing(&aws, &customer);
    assert_eq!(found["policies"][0]["name"], json!("OptOut"));
    assert_eq!(
        found["policies"][0]["type"],
        json!("AISERVICES_OPT_OUT_POLICY")
    );
    assert!(losses(&found).contains("AI services opt-out policies: OptOut"));

    // What its policies deny is said, and fails nothing.
    for denied in [
        "ListPolicies",
        "ListAccounts",
        "ListDelegatedAdministrators",
    ] {
        aws.simulator
            .fault(aws_simulator::Fault::new(aws_simulator::Effect::Refuse).on(denied));
    }
    let found = standing(&aws, &customer);
    let unseen = found["unseen"].as_array().unwrap().iter();
    let unseen: Vec<_> = unseen.map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(
        unseen,
        [
            "organizations:ListAccounts",
            "organizations:ListDelegatedAdministrators",
            "organizations:ListPolicies"
        ]
    );
    assert_eq!(found["policies"], json!(null));
    assert_eq!(found["service_access"], json!([]));
}

#[test]
fn case_3_dissolves_its_organization_first() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let own = aws.simulator.create_organization(&customer);
    let member = aws.simulator.create_member(&own, "Member");
    aws.simulator.world(|world| {
        let (payer, id) = (&customer.id, member.id.as_str());
        world
            .enable_service_access(payer, "guardduty.amazonaws.com")
            .unwrap();
        world
            .register_delegated_administrator(payer, id, "guardduty.amazonaws.com")
            .unwrap();
    });
    aws.simulator.invite(&aws.organization, &customer).unwrap();
    let found = standing(&aws, &customer);
    assert_eq!(found["case"], json!(3));
    assert_eq!(found["standing"], json!("management"));
    assert_eq!(found["linked_accounts"], json!(1));
    assert_eq!(
        found["delegated_administrators"],
        json!([member.id.as_str()])
    );
    assert_eq!(found["service_access"], json!(["guardduty.amazonaws.com"]));
    assert_eq!(
        steps(&found),
        [
            "by people",
            "awsbilling_org_handshake_accept",
            "awsbilling_org_deletion",
            "awsbilling_org_handshake_accept"
        ]
    );
    let text = found["summary"].as_str().unwrap();
    assert!(
        text.contains(&format!(
            "Organization {} is deleted when it is empty",
            own.id
        )),
        "{text}"
    );
}

#[test]
fn looks_through_a_role() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let role = aws.role(&customer, "Onboarding", &aws.partner);
    let terraform = aws.terraform();
    terraform.apply(&format!(
        "data \"awsbilling_account_standing\" \"mine\" {{\n  assume_role = {{ role_arn = \"{role}\" \
         }}\n}}\n\noutput \"found\" {{\n  value = data.awsbilling_account_standing.mine.account_id\n}}\n"
    ));
    assert_eq!(terraform.output("found"), json!(customer.id.as_str()));
}
