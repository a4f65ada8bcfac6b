//! `awsbilling_org_member_account`: created once, never replaced, kept by default.

use aws_simulator::{Effect, Fault};
use serde_json::json;

use crate::harness::Sandbox;

const ACCOUNT: &str = "awsbilling_org_member_account.example";

fn config(more: &str) -> String {
    format!(
        r#"
resource "awsbilling_org_member_account" "example" {{
  name  = "Example Sandbox"
  email = "sandbox@example.com"
  {more}
}}
"#
    )
}

/// ID and state of the account with the e-mail address of the configuration.
fn account(aws: &Sandbox) -> (String, String) {
    aws.simulator.world(|world| {
        let id = world.account_by_email("sandbox@example.com").unwrap();
        let account = world.account(id.as_str()).unwrap();
        (id.to_string(), account.state.as_str().to_owned())
    })
}

fn is_member(aws: &Sandbox, id: &str) -> bool {
    let organization = aws.simulator.world(|world| {
        let account = world.account(id).unwrap();
        account.organization().cloned()
    });
    organization.as_ref() == Some(&aws.organization.id)
}

#[test]
fn basic() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(
        "role_name = \"Onboarding\"\n  iam_user_access_to_billing = false\n  tags = { team = \"billing\" }",
    ));
    let (id, _) = account(&aws);
    assert!(is_member(&aws, &id));
    terraform.expect(
        ACCOUNT,
        &[
            ("account_id", json!(id)),
            ("organization_id", json!(aws.organization.id.as_str())),
            ("state", json!("ACTIVE")),
            ("joined_method", json!("CREATED")),
            ("tags_all", json!({ "team": "billing" })),
        ],
    );
    let parent = terraform.state(ACCOUNT)["parent_id"].to_string();
    assert!(parent.starts_with("\"r-"), "{parent}");
    terraform.expect_empty_plan();

    terraform.destroy().succeeded();
    assert!(is_member(&aws, &id), "destroy keeps the account by default");
}

#[test]
fn imports_by_account() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config("tags = { team = \"billing\" }"));
    let (id, _) = account(&aws);
    terraform.expect_import(ACCOUNT, &id);
    terraform.run(&["state", "rm", ACCOUNT]).succeeded();
    terraform
        .import(ACCOUNT, "111122223333")
        .failed()
        .says("Cannot import non-existent account");
    terraform.import(ACCOUNT, "12").failed().says(
        "Expected import identifier with format: account_id, optionally followed by ,role_arn and ,external_id",
    );
}

#[test]
fn tags_change_in_place_and_drift_is_put_right() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config("tags = { team = \"billing\", stage = \"test\" }"));
    terraform.apply(&config("tags = { team = \"finance\" }"));
    terraform
        .expect(ACCOUNT, &[("tags_all", json!({ "team": "finance" }))])
        .expect_empty_plan();
    let (id, _) = account(&aws);
    aws.simulator
        .world(|world| {
            world.tag(
                &aws.partner.id,
                &id,
                [("team".to_owned(), "other".to_owned())].into(),
            )
        })
        .unwrap();
    assert_eq!(terraform.plan().code, Some(2));
    terraform.try_apply().succeeded();
    terraform.expect_empty_plan();
    assert_eq!(aws.count("CreateAccount"), 1);
}

/// Lets the partner manage its members' names and addresses.
fn trust(aws: &Sandbox) {
    let service = "account.amazonaws.com";
    aws.simulator
        .world(|world| world.enable_service_access(&aws.partner.id, service))
        .unwrap();
}

/// ID of a new unit in the root.
fn unit(aws: &Sandbox, name: &str) -> String {
    let root = root(aws);
    let made = aws
        .simulator
        .world(|world| world.create_unit(&aws.partner.id, &root, name, [].into()));
    made.unwrap().id
}

fn root(aws: &Sandbox) -> String {
    let id = aws.organization.id.as_str();
    aws.simulator
        .world(|world| world.organization(id).unwrap().root())
}

/// ID of the root or unit that the account is in.
fn place(aws: &Sandbox) -> String {
    let (id, _) = account(aws);
    aws.simulator.world(|world| {
        let membership = world.account(&id).unwrap().membership.clone().unwrap();
        let organization = world.organization(aws.organization.id.as_str()).unwrap();
        organization.parent_id(membership.unit.as_deref())
    })
}

fn within(unit: &str) -> String {
    config(&format!("parent_id = \"{unit}\""))
}

#[test]
fn is_created_in_the_root_and_moved_to_its_unit() {
    let aws = Sandbox::new();
    let (one, other) = (unit(&aws, "One"), unit(&aws, "Other"));
    let terraform = aws.terraform();
    terraform.apply(&within(&one));
    assert_eq!(place(&aws), one);
    terraform
        .expect(ACCOUNT, &[("parent_id", json!(one))])
        .expect_empty_plan();

    terraform.apply(&within(&other));
    assert_eq!(place(&aws), other);
    terraform.apply(&within(&root(&aws)));
    assert_eq!(place(&aws), root(&aws));
    terraform.expect_empty_plan();
    assert_eq!(
        (aws.count("CreateAccount"), aws.count("MoveAccount")),
        (1, 3)
    );
    assert_eq!(
        aws.count("ListParents"),
        0,
        "the list tells where accounts are"
    );

    // Who says nothing leaves the account where it is.
    let (id, _) = account(&aws);
    terraform.write(&config(""));
    move_by_hand(&aws, &id, &one);
    terraform.refresh();
    terraform
        .expect(ACCOUNT, &[("parent_id", json!(one))])
        .expect_empty_plan();
    terraform.expect_import(ACCOUNT, &id);
}

fn move_by_hand(aws: &Sandbox, id: &str, to: &str) {
    let from = place(aws);
    aws.simulator
        .world(|world| world.move_account(&aws.partner.id, id, &from, to))
        .unwrap();
}

#[test]
fn a_move_in_the_console_is_seen_and_put_right() {
    for omit_paths in [false, true] {
        let aws = Sandbox::new();
        aws.simulator
            .switch(|switches| switches.omit_paths = omit_paths);
        let (one, other) = (unit(&aws, "One"), unit(&aws, "Other"));
        let terraform = aws.terraform();
        terraform.apply(&within(&one));
        let (id, _) = account(&aws);
        move_by_hand(&aws, &id, &other);
        assert_eq!(terraform.plan().code, Some(2));
        terraform.try_apply().succeeded();
        assert_eq!(place(&aws), one);
        terraform.expect_empty_plan();
        assert_eq!(aws.count("ListParents") > 0, omit_paths);
    }
}

#[test]
fn a_parent_is_checked_before_anything_is_created() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    for wrong in ["ou-ab12", "r-", "Sandbox", "111122223333"] {
        terraform.write(&within(wrong));
        terraform
            .plan()
            .failed()
            .says("A parent is the ID of a root, like \"r-ab12\"");
    }
    assert_eq!(aws.count("CreateAccount"), 0);
}

#[test]
fn an_account_that_could_not_be_moved_is_kept_and_adopted() {
    let aws = Sandbox::new();
    let wrong = format!("ou-{}-00000000", root(&aws).trim_start_matches("r-"));
    let terraform = aws.terraform();
    let closing = |unit: &str| config(&format!("parent_id = \"{unit}\"\n  on_destroy = \"close\""));
    terraform.write(&closing(&wrong));
    terraform
        .try_apply()
        .failed()
        .says("Error: Organizational unit not found")
        .says("DestinationParentNotFoundException")
        .says("was created and is kept");
    assert_eq!(terraform.addresses(), [ACCOUNT]);
    let right = unit(&aws, "Right");
    terraform.apply(&closing(&right));
    assert_eq!(place(&aws), right);
    assert_eq!(
        account(&aws).1,
        "ACTIVE",
        "nothing closed the account in between"
    );
    assert_eq!(
        (aws.count("CreateAccount"), aws.count("CloseAccount")),
        (1, 0)
    );
    terraform.expect(ACCOUNT, &[("on_destroy", json!("close"))]);
    terraform.expect_empty_plan();
}

#[test]
fn a_move_meets_others_and_lost_answers() {
    let aws = Sandbox::new();
    let (one, other) = (unit(&aws, "One"), unit(&aws, "Other"));
    let terraform = aws.terraform();
    terraform.apply(&within(&one));
    // The answer is lost, and AWS says to the repetition that the account is there.
    let lost = Fault::new(Effect::LoseResponse).on("MoveAccount").times(1);
    aws.simulator.fault(lost);
    terraform.apply(&within(&other));
    assert_eq!(place(&aws), other);
    terraform.expect_empty_plan();

    // Somebody has moved the account, and the list does not show it yet.
    let (id, _) = account(&aws);
    let root = root(&aws);
    let stale = Fault::new(error("SourceParentNotFoundException")).on("MoveAccount");
    terraform.write(&within(&one));
    aws.simulator.fault(stale.times(1));
    terraform
        .try_apply()
        .failed()
        .says("Error: Account is somewhere else")
        .says("SourceParentNotFoundException");
    move_by_hand(&aws, &id, &root);
    terraform.try_apply().succeeded();
    assert_eq!(place(&aws), one);
}

fn error(code: &str) -> Effect {
    Effect::Error {
        code: code.to_owned(),
        reason: None,
        message: String::new(),
        status: None,
    }
}

#[test]
fn is_renamed_in_place() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    let renamed = config("").replace("Example Sandbox", "Other name");
    terraform.write(&renamed);
    terraform
        .plan()
        .says("Warning: Trusted access missing")
        .says("enable-aws-service-access");
    terraform
        .try_apply()
        .failed()
        .says("Error: Access denied")
        .says("account:PutAccountName")
        .says("trusted access for Account Management");
    terraform.expect(ACCOUNT, &[("name", json!("Example Sandbox"))]);

    trust(&aws);
    terraform.plan().does_not_say("Trusted access missing");
    terraform.try_apply().succeeded();
    let (id, _) = account(&aws);
    let name = || {
        aws.simulator
            .world(|world| world.account(&id).unwrap().name.clone())
    };
    assert_eq!(name(), "Other name");
    terraform.expect_empty_plan();
    assert_eq!(aws.count("CreateAccount"), 1);

    // What the owner changes in the console is put right.
    aws.simulator
        .world(|world| world.account_mut(&id).unwrap().name = "By hand".to_owned());
    terraform.try_apply().succeeded();
    assert_eq!(name(), "Other name");

    terraform.write(&config("").replace("Example Sandbox", "Zoë"));
    terraform
        .plan()
        .failed()
        .says("Error: Name not accepted")
        .says("1 to 50 printable ASCII characters");
}

#[test]
fn a_change_that_organizations_shows_late_is_not_repeated() {
    let aws = Sandbox::new();
    trust(&aws);
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    // Organizations goes on with the old world, Account Management with the new.
    let late = Fault::new(Effect::LagReads { reads: 100 });
    aws.simulator.fault(late.on("ListAccounts"));
    terraform.apply(&config("").replace("Example Sandbox", "Other name"));
    terraform.expect_empty_plan();
    terraform.expect(ACCOUNT, &[("name", json!("Other name"))]);
    assert_eq!(aws.count("PutAccountName"), 1);

    // Without the permission to ask, the word of Organizations counts.
    aws.simulator
        .fault(Fault::new(Effect::Refuse).on("GetAccountInformation"));
    assert_eq!(terraform.plan().code, Some(2));
}

#[test]
fn a_new_address_is_confirmed_by_a_second_apply() {
    let aws = Sandbox::new();
    trust(&aws);
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    let (id, _) = account(&aws);
    let new = |more: &str| config(more).replace("sandbox@example.com", "new@example.com");
    terraform.write(&new(""));
    terraform
        .plan()
        .says("Warning: New e-mail address to be confirmed")
        .says("every apply without it has a new one sent");
    terraform
        .try_apply()
        .failed()
        .says("Error: New e-mail address to be confirmed")
        .says("Write the password into email_confirmation_code");
    terraform.expect(ACCOUNT, &[("email", json!("sandbox@example.com"))]);

    let sent = aws
        .simulator
        .world(|world| world.account(&id).unwrap().email_update.clone().unwrap());
    assert_eq!(sent.email, "new@example.com");
    terraform.write(&new("email_confirmation_code = \"wrong1\""));
    terraform
        .try_apply()
        .failed()
        .says("Error: One-time password not accepted");
    terraform.write(&new(&format!(
        "email_confirmation_code = \"{}\"",
        sent.code
    )));
    terraform.plan().does_not_say("to be confirmed");
    let applied = terraform.try_apply().succeeded();
    assert!(!applied.text.contains(&sent.code), "{}", applied.text);
    terraform.expect(
        ACCOUNT,
        &[
            ("email", json!("new@example.com")),
            ("email_confirmation_code", json!(null)),
        ],
    );
    terraform.expect_empty_plan();
    terraform.write(&new(""));
    terraform.expect_empty_plan();
    assert_eq!(aws.count("CreateAccount"), 1);
    assert_eq!(aws.count("StartPrimaryEmailUpdate"), 1);
}

#[test]
fn an_address_that_cannot_be_had_is_refused_with_the_remedy() {
    let aws = Sandbox::new();
    trust(&aws);
    aws.simulator.create_account(aws_simulator::AccountSpec {
        email: Some("taken@example.com".to_owned()),
        ..aws_simulator::AccountSpec::named("Stranger")
    });
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    terraform.write(&config("").replace("sandbox@example.com", "taken@example.com"));
    terraform
        .try_apply()
        .failed()
        .says("Error: E-mail address in use")
        .says("ConflictException");
    let early = config("email_confirmation_code = \"abc123\"");
    terraform.write(&early.replace("sandbox@example.com", "free@example.com"));
    terraform
        .try_apply()
        .failed()
        .says("Error: No change of the e-mail address begun");
}

#[test]
fn what_happened_before_a_failure_is_in_the_state() {
    let aws = Sandbox::new();
    let one = unit(&aws, "One");
    let terraform = aws.terraform();
    terraform.apply(&config("tags = { team = \"billing\" }"));
    let all = config(&format!(
        "tags = {{ team = \"finance\" }}\n  parent_id = \"{one}\""
    ));
    terraform.write(&all.replace("Example Sandbox", "Other name"));
    terraform.try_apply().failed().says("Error: Access denied");
    terraform.expect(
        ACCOUNT,
        &[
            ("name", json!("Example Sandbox")),
            ("parent_id", json!(one)),
            ("tags_all", json!({ "team": "finance" })),
        ],
    );
}

#[test]
fn is_removed_or_closed_only_where_written_out() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.write(&config(""));
    terraform.plan().does_not_say("Destroy will");
    terraform.write(&config("on_destroy = \"close\""));
    terraform
        .plan()
        .says("Warning: Destroy will not keep the account");
    terraform.try_apply().succeeded();
    terraform
        .run(&["plan", "-destroy", "-no-color"])
        .says("Warning: Account will not be kept")
        .does_not_say("What the organization gave the account ends");
    terraform.destroy().succeeded();
    assert_eq!(account(&aws).1, "PENDING_CLOSURE");

    // A created account cannot stand alone, and AWS's reason is explained.
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config("on_destroy = \"remove\""));
    terraform
        .run(&["plan", "-destroy", "-no-color"])
        .says("Warning: Account will not be kept")
        .says("What the organization gave the account ends");
    terraform.destroy().failed().says("WAIT_PERIOD_ACTIVE");
    aws.simulator.pass_days(5);
    terraform
        .destroy()
        .failed()
        .says("which it needs to stand alone");
    assert_eq!(aws.count("CloseAccount"), 0);
}

#[test]
fn quotas_of_closing_are_explained() {
    for (reason, remedy) in [
        ("CLOSE_ACCOUNT_QUOTA_EXCEEDED", "30 days old"),
        (
            "CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED",
            "which takes minutes",
        ),
    ] {
        let aws = Sandbox::new();
        let terraform = aws.terraform();
        terraform.apply(&config("on_destroy = \"close\""));
        aws.simulator.fault(
            Fault::new(Effect::Error {
                code: "ConstraintViolationException".to_owned(),
                reason: Some(reason.to_owned()),
                message: String::new(),
                status: None,
            })
            .on("CloseAccount"),
        );
        terraform.destroy().failed().says(reason).says(remedy);
        assert_eq!(
            terraform.addresses(),
            [ACCOUNT],
            "the account stays in the state"
        );
    }
}

#[test]
fn an_account_that_is_there_is_adopted_and_a_stranger_is_not() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    let (id, _) = account(&aws);
    terraform.run(&["state", "rm", ACCOUNT]).succeeded();
    terraform
        .try_apply()
        .succeeded()
        .says("Warning: Existing account adopted");
    terraform.expect(ACCOUNT, &[("account_id", json!(id))]);
    assert_eq!(aws.count("CreateAccount"), 1);

    terraform.run(&["state", "rm", ACCOUNT]).succeeded();
    terraform.write(&config("").replace("Example Sandbox", "Other name"));
    terraform
        .plan()
        .failed()
        .says("Error: E-mail address in use")
        .says("import it by its ID");
}

#[test]
fn an_address_of_an_account_elsewhere_is_refused_with_the_remedy() {
    let aws = Sandbox::new();
    aws.simulator.create_account(aws_simulator::AccountSpec {
        email: Some("sandbox@example.com".to_owned()),
        ..aws_simulator::AccountSpec::named("Stranger")
    });
    let terraform = aws.terraform();
    terraform.write(&config(""));
    terraform
        .try_apply()
        .failed()
        .says("Error: E-mail address in use")
        .says("awsbilling_partner_account_invitation")
        .says("EMAIL_ALREADY_EXISTS");
    assert!(terraform.addresses().is_empty());
}

#[test]
fn survives_a_lost_response() {
    let aws = Sandbox::new();
    aws.simulator.fault(
        Fault::new(Effect::LoseResponse)
            .on("CreateAccount")
            .times(1),
    );
    let terraform = aws.terraform();
    terraform.write(&config(""));
    // The SDK repeats the call, and AWS says that the address is taken: by the account just created.
    terraform.try_apply();
    terraform.try_apply().succeeded();
    assert!(is_member(&aws, &account(&aws).0));
    terraform.expect_empty_plan();
}

#[test]
fn an_account_that_left_or_was_closed_is_noticed() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    let (id, _) = account(&aws);
    aws.simulator
        .world(|world| world.close_account(&aws.partner.id, &id))
        .unwrap();
    terraform
        .plan()
        .says("Warning: Account is closed or suspended");

    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(&config(""));
    let (id, _) = account(&aws);
    let other = aws.customer("Other Partner");
    let others = aws.simulator.create_organization(&other);
    aws.simulator.pass_days(5);
    let gone = aws_simulator::Account {
        key: aws.simulator.keys(id.as_str()),
        id: id.as_str().into(),
    };
    let invitation = aws.simulator.invite(&others, &gone).unwrap();
    aws.simulator.accept(&gone, invitation.as_str()).unwrap();
    let plan = terraform.plan();
    assert_eq!(plan.code, Some(2));
    plan.says("Warning: Account left the organization");
}

#[test]
fn only_the_management_account_creates_accounts() {
    let aws = Sandbox::new();
    let member = aws.simulator.create_member(&aws.organization, "Member");
    let terraform = aws.terraform_as(&member);
    terraform.write(&config(""));
    terraform
        .plan()
        .failed()
        .says("Error: Account cannot create accounts");
    terraform.write(&config("role_name = \"AWSServiceRoleForX\"").replace("Example Sandbox", ""));
    terraform
        .plan()
        .failed()
        .says("An account's name is 1 to 128 characters, got 0.")
        .says("AWS keeps role names like");
}
