//! `awsbilling_partner_account_invitation`, from the invitation to the removal of the account.

use aws_simulator::{Effect, Fault};
use serde_json::json;

use crate::harness::Sandbox;

const INVITATION: &str = "awsbilling_partner_account_invitation.example";

fn config(account_id: impl std::fmt::Display, more: &str) -> String {
    format!(
        r#"
resource "awsbilling_partner_account_invitation" "example" {{
  account_id = "{account_id}"
  {more}
}}
"#
    )
}

#[test]
fn basic() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform();

    terraform.write(&config(&customer.id, r#"notes = "Welcome.""#));
    // The plan knows who invites, so that the customer's side can be planned with it.
    terraform
        .plan()
        .says(&format!("+ organization_id = \"{}\"", aws.organization.id));
    terraform.try_apply().succeeded();

    terraform.expect(
        INVITATION,
        &[
            ("account_id", json!(customer.id.as_str())),
            ("state", json!("OPEN")),
            ("handshake_id", json!(aws.handshake_of(&customer))),
            ("organization_id", json!(aws.organization.id.as_str())),
            ("management_account_id", json!(aws.partner.id.as_str())),
            ("on_destroy", json!("cancel")),
        ],
    );
    terraform.expect_empty_plan();

    terraform.destroy().succeeded();
    assert_eq!(aws.handshakes_of(&customer)[0].1, "Canceled");
}

#[test]
fn an_accepted_invitation_outlives_its_handshake() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform();
    terraform.apply(&config(&customer.id, ""));

    aws.accept(&customer);
    aws.simulator.pass_days(31); // AWS has now forgotten the handshake.
    terraform.refresh();
    terraform
        .expect(INVITATION, &[("state", json!("ACCEPTED"))])
        .expect_empty_plan();

    terraform.destroy().succeeded();
    assert!(
        aws.is_member(&customer),
        "destroy must not remove a member by default"
    );
}

#[test]
fn imports_by_account_by_handshake_and_by_role() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform();
    terraform.apply(&config(&customer.id, r#"notes = "Welcome.""#));
    terraform.expect_import(INVITATION, customer.id.as_str());
    terraform.expect_import(INVITATION, &aws.handshake_of(&customer));
    aws.accept(&customer);
    aws.simulator.pass_days(31);
    terraform.apply(&config(&customer.id, ""));
    terraform.expect_import(INVITATION, customer.id.as_str());

    terraform.run(&["state", "rm", INVITATION]).succeeded();
    terraform
        .import(INVITATION, "h-0000000000000000")
        .failed()
        .says("AWS knows no invitation h-0000000000000000");
    terraform
        .import(INVITATION, "Example Corp")
        .failed()
        .says("Expected import identifier with format: account_id, email or handshake_id");
    let stranger = aws.customer("Stranger");
    terraform
        .import(INVITATION, stranger.id.as_str())
        .failed()
        .says("Cannot import non-existent invitation");
}

#[test]
fn invites_by_email_and_learns_the_account() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let email = aws
        .simulator
        .world(|world| world.account(customer.id.as_str()).unwrap().email.clone());
    let config = format!(
        r#"
resource "awsbilling_partner_account_invitation" "example" {{
  email = "{email}"
}}
"#
    );
    let terraform = aws.terraform();
    terraform.apply(&config);
    terraform.expect(
        INVITATION,
        &[("account_id", json!(null)), ("state", json!("OPEN"))],
    );
    terraform.expect_empty_plan();
    terraform.expect_import(INVITATION, &email);

    aws.accept(&customer);
    terraform.refresh();
    terraform.expect(
        INVITATION,
        &[
            ("account_id", json!(customer.id.as_str())),
            ("state", json!("ACCEPTED")),
        ],
    );
    terraform.expect_empty_plan();
}

#[test]
fn an_expired_invitation_is_sent_again_and_the_plan_says_why() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform();
    terraform.apply(&config(&customer.id, ""));
    aws.simulator.pass_days(16);

    let plan = terraform.plan();
    assert_eq!(plan.code, Some(2), "{}", plan.text);
    plan.says("Warning: Invitation expired")
        .says(&format!(
            "The invitation of account {} expired on ",
            customer.id
        ))
        .says("Applying sends a new one.");
    terraform.try_apply().succeeded();
    assert_eq!(aws.handshakes_of(&customer).len(), 2);
    terraform.expect_empty_plan();
}

#[test]
fn a_declined_or_cancelled_invitation_is_sent_again_and_the_plan_says_why() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform();
    terraform.apply(&config(&customer.id, ""));
    aws.simulator
        .decline(&customer, &aws.handshake_of(&customer))
        .unwrap();
    terraform
        .plan()
        .says("Warning: Invitation declined")
        .says("Applying sends a new one.");
    aws.simulator.pass_days(1);
    terraform.try_apply().succeeded();

    aws.simulator
        .cancel(&aws.organization, &aws.handshake_of(&customer))
        .unwrap();
    terraform.plan().says("Warning: Invitation cancelled");
    terraform.try_apply().succeeded();
    terraform.expect_empty_plan();
}

#[test]
fn a_member_that_left_is_invited_again() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform();
    terraform.apply(&config(&customer.id, ""));
    aws.accept(&customer);
    terraform.refresh();
    aws.simulator.remove(&aws.organization, &customer).unwrap();

    terraform
        .plan()
        .says("Warning: Account left the organization");
    terraform.try_apply().succeeded();
    terraform.expect(INVITATION, &[("state", json!("OPEN"))]);
}

#[test]
fn a_pending_duplicate_is_adopted() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let by_hand = aws.simulator.invite(&aws.organization, &customer).unwrap();
    let terraform = aws.terraform();
    terraform.apply(&config(&customer.id, ""));
    terraform.expect(INVITATION, &[("handshake_id", json!(by_hand.as_str()))]);
    terraform.expect_empty_plan();
    assert_eq!(aws.handshakes_of(&customer).len(), 1);
}

#[test]
fn a_member_already_is_adopted() {
    let aws = Sandbox::new();
    let customer = aws
        .simulator
        .create_member(&aws.organization, "Example Corp");
    let terraform = aws.terraform();
    terraform.apply(&config(&customer.id, r#"tags = { customer = "example" }"#));
    terraform.expect(
        INVITATION,
        &[("state", json!("ACCEPTED")), ("handshake_id", json!(null))],
    );
    terraform.expect_empty_plan();
    assert_eq!(aws.count("InviteAccountToOrganization"), 0);
    assert_eq!(aws.count("TagResource"), 1);
}

#[test]
fn survives_a_lost_response() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let lost = Fault::new(Effect::LoseResponse)
        .on("InviteAccountToOrganization")
        .times(1);
    aws.simulator.fault(lost);
    let terraform = aws.terraform();
    terraform.apply(&config(&customer.id, ""));
    terraform.expect_empty_plan();
    assert_eq!(
        aws.handshakes_of(&customer).len(),
        1,
        "a lost response became a second invitation"
    );
}

#[test]
fn new_notes_replace_an_open_invitation_in_place() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform();
    terraform.apply(&config(&customer.id, r#"notes = "Welcome.""#));
    terraform.write(&config(&customer.id, r#"notes = "Please accept.""#));
    terraform
        .plan()
        .says("will be updated in-place")
        .does_not_say("must be replaced");
    terraform.try_apply().succeeded();
    let states: Vec<_> = aws
        .handshakes_of(&customer)
        .into_iter()
        .map(|(_, state)| state)
        .collect();
    assert_eq!(states, ["Canceled", "Pending"]);
    terraform.expect_empty_plan();

    aws.accept(&customer);
    terraform.refresh();
    let before = aws.handshakes_of(&customer).len();
    terraform.apply(&config(&customer.id, r#"notes = "Too late.""#));
    assert_eq!(
        aws.handshakes_of(&customer).len(),
        before,
        "a member was invited again"
    );
    terraform.expect_empty_plan();
}

#[test]
fn settings_change_without_touching_the_invitation() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform();
    terraform.apply(&config(&customer.id, ""));
    terraform.write(&config(&customer.id, r#"on_destroy = "keep""#));
    aws.simulator.clear_calls();
    terraform
        .plan()
        .does_not_say("handshake_id")
        .does_not_say("known after apply");
    terraform.try_apply().succeeded();
    assert_eq!(aws.count("InviteAccountToOrganization"), 0);

    terraform.destroy().succeeded();
    assert_eq!(
        aws.handshakes_of(&customer)[0].1,
        "Pending",
        "on_destroy = \"keep\" keeps"
    );
}

#[test]
fn tags_reach_the_account_and_follow_the_configuration() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let tags_at_aws = || {
        aws.simulator
            .world(|world| json!(world.tags(&aws.partner.id, customer.id.as_str()).unwrap()))
    };
    let provider = r#"
provider "awsbilling" {
  default_tags {
    tags = { team = "billing" }
  }
}
"#;
    let with = |tags: &str| {
        format!(
            "{provider}{}",
            config(&customer.id, &format!("tags = {tags}"))
        )
    };
    let terraform = aws.terraform();
    terraform.apply(&with(r#"{ customer = "example" }"#));
    terraform.expect(
        INVITATION,
        &[
            ("tags", json!({ "customer": "example" })),
            (
                "tags_all",
                json!({ "customer": "example", "team": "billing" }),
            ),
        ],
    );
    terraform.expect_empty_plan();
    aws.accept(&customer);
    terraform.refresh();
    assert_eq!(
        tags_at_aws(),
        json!({ "customer": "example", "team": "billing" })
    );
    terraform.expect_empty_plan();

    terraform.apply(&with(r#"{ customer = "renamed" }"#));
    assert_eq!(
        tags_at_aws(),
        json!({ "customer": "renamed", "team": "billing" })
    );
    terraform.expect_empty_plan();

    // Drift is repaired.
    aws.simulator.world(|world| {
        let by_hand = [("customer".to_owned(), "changed by hand".to_owned())].into();
        world
            .tag(&aws.partner.id, customer.id.as_str(), by_hand)
            .unwrap();
    });
    assert_eq!(terraform.plan().code, Some(2));
    terraform.try_apply().succeeded();
    assert_eq!(tags_at_aws()["customer"], json!("renamed"));
}

#[test]
fn waits_for_acceptance_where_asked() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform();
    let waiting = r#"wait_for_acceptance = true
  timeouts            = { create = "1s", update = "1s" }"#;

    // A customer who does not accept in time does not spoil the invitation.
    terraform
        .apply(&config(&customer.id, waiting))
        .says("Warning: Invitation not accepted yet");
    terraform.expect(INVITATION, &[("state", json!("OPEN"))]);
    let plan = terraform.plan();
    assert_eq!(
        plan.code,
        Some(2),
        "the next apply waits again: {}",
        plan.text
    );
    plan.does_not_say("must be replaced");
    terraform
        .try_apply()
        .failed()
        .says("Error: Invitation not accepted yet");
    assert_eq!(aws.handshakes_of(&customer).len(), 1);

    aws.accept(&customer);
    terraform.try_apply().succeeded();
    terraform
        .expect(INVITATION, &[("state", json!("ACCEPTED"))])
        .expect_empty_plan();
}

#[test]
fn removes_the_account_only_where_written_out() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let other = aws.customer("Other Corp");
    let terraform = aws.terraform();
    terraform.write(&config(&customer.id, ""));
    terraform.plan().does_not_say("Destroy will");
    let removing = r#"on_destroy = "remove_account""#;
    terraform.write(&config(&customer.id, removing));
    terraform
        .plan()
        .says("Warning: Destroy will remove the account");
    terraform.try_apply().succeeded();
    aws.accept(&customer);
    terraform.refresh();

    // A change of the account is no order to remove the one before.
    terraform.write(&config(&other.id, removing));
    terraform
        .plan()
        .says("Error: Change would remove an account");
    assert!(aws.is_member(&customer));

    terraform.write(&config(&customer.id, removing));
    terraform
        .run(&["plan", "-destroy", "-no-color"])
        .says("Warning: Account will be removed from the organization")
        .says("shared reserved instances and savings plans, and activated cost allocation tags");
    terraform.destroy().succeeded();
    assert!(!aws.is_member(&customer));
}

#[test]
fn another_account_is_another_invitation() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let other = aws.customer("Other Corp");
    let terraform = aws.terraform();
    terraform.apply(&config(&customer.id, ""));
    terraform.write(&config(&other.id, ""));
    terraform
        .plan()
        .says("must be replaced")
        .says("# forces replacement");
    terraform.try_apply().succeeded();
    assert_eq!(aws.handshakes_of(&customer)[0].1, "Canceled");
    assert_eq!(aws.handshakes_of(&other)[0].1, "Pending");
}

#[test]
fn credentials_of_another_organization_are_refused() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let other = aws.customer("Other Partner");
    aws.simulator.create_organization(&other);
    let terraform = aws.terraform().profile("other", &other);
    terraform.apply(&config(&customer.id, ""));
    let wrong = terraform
        .with("AWS_ACCESS_KEY_ID", &other.key.id)
        .with("AWS_SECRET_ACCESS_KEY", &other.key.secret);
    wrong
        .plan()
        .failed()
        .says("Error: Credentials of another organization");
    assert_eq!(
        wrong.addresses(),
        [INVITATION],
        "the invitation was taken for lost"
    );
}

#[test]
fn a_member_account_cannot_invite_and_the_plan_says_so() {
    let aws = Sandbox::new();
    let member = aws.simulator.create_member(&aws.organization, "Member");
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform_as(&member);
    terraform.write(&config(&customer.id, ""));
    terraform
        .plan()
        .says("Warning: Account cannot invite")
        .says(aws.partner.id.as_str());
    let standalone = aws.terraform_as(&customer);
    standalone.write(&config(&member.id, ""));
    standalone
        .try_apply()
        .failed()
        .says("Error: Account has no organization");
}

#[test]
fn is_throttled() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let throttle = Fault::new(Effect::Throttle)
        .on("InviteAccountToOrganization")
        .times(2);
    aws.simulator.fault(throttle);
    aws.terraform().apply(&config(&customer.id, ""));
    assert_eq!(aws.handshakes_of(&customer).len(), 1);
}

#[test]
fn a_refusal_of_aws_names_the_remedy() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let reason = Effect::Error {
        code: "HandshakeConstraintViolationException".to_owned(),
        reason: Some("ACCOUNT_NUMBER_LIMIT_EXCEEDED".to_owned()),
        message: "You have exceeded the allowed number of AWS accounts.".to_owned(),
        status: None,
    };
    aws.simulator
        .fault(Fault::new(reason).on("InviteAccountToOrganization"));
    let terraform = aws.terraform();
    terraform.write(&config(&customer.id, ""));
    terraform
        .try_apply()
        .failed()
        .says("AWS: InviteAccountToOrganization, HandshakeConstraintViolationException")
        .says("ACCOUNT_NUMBER_LIMIT_EXCEEDED")
        .says("quota");
}

#[test]
fn a_hundred_invitations_are_read_with_shared_lists() {
    let aws = Sandbox::new();
    aws.simulator.world(|world| {
        world
            .organization_mut(aws.organization.id.as_str())
            .unwrap()
            .account_limit = 200;
    });
    let accounts: Vec<_> = (0..100)
        .map(|n| aws.customer(&format!("Customer {n}")))
        .collect();
    let ids: Vec<_> = accounts
        .iter()
        .map(|account| format!("\"{}\"", account.id))
        .collect();
    let config = format!(
        r#"
locals {{
  accounts = {{ for id in [{}] : id => {{}} }}
}}
resource "awsbilling_partner_account_invitation" "all" {{
  for_each   = local.accounts
  account_id = each.key
}}
"#,
        ids.join(", ")
    );
    let terraform = aws.terraform();
    terraform.write(&config);
    terraform
        .run(&["apply", "-no-color", "-auto-approve", "-parallelism=30"])
        .succeeded();
    aws.simulator.clear_calls();
    terraform.expect_empty_plan();
    // 100 open invitations on 5 pages, one organization; nobody has to be looked for among the members.
    assert_eq!(aws.count("ListHandshakesForOrganization"), 5);
    assert_eq!(aws.count("ListAccounts"), 0);
    assert_eq!(aws.count("DescribeOrganization"), 1);
    assert_eq!(aws.count("DescribeHandshake"), 0);
}

#[test]
fn an_imported_invitation_shows_its_tags_once_accepted() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform();
    terraform.apply(&config(
        &customer.id,
        r#"tags = { customer = "example", sent = "once" }"#,
    ));
    terraform.run(&["state", "rm", INVITATION]).succeeded();
    terraform
        .import(INVITATION, customer.id.as_str())
        .succeeded();
    aws.accept(&customer);
    terraform.apply(&config(&customer.id, r#"tags = { customer = "example" }"#));
    terraform.expect_empty_plan();
}

#[test]
fn an_import_with_tags_sends_nothing_anew() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform();
    terraform.apply(&config(&customer.id, r#"tags = { customer = "example" }"#));
    terraform.run(&["state", "rm", INVITATION]).succeeded();
    terraform
        .import(INVITATION, customer.id.as_str())
        .succeeded();
    terraform.try_apply().succeeded();
    terraform.expect(
        INVITATION,
        &[("tags_all", json!({ "customer": "example" }))],
    );
    terraform.expect_empty_plan();
    assert_eq!(
        aws.handshakes_of(&customer).len(),
        1,
        "the invitation was sent anew"
    );
}

#[test]
fn an_acceptance_between_plan_and_apply_is_no_contradiction() {
    let aws = Sandbox::new();
    for change in [r#"on_destroy = "keep""#, r#"notes = "Please accept.""#] {
        let customer = aws.customer("Example Corp");
        let terraform = aws.terraform();
        terraform.apply(&config(&customer.id, ""));
        terraform.write(&config(&customer.id, change));
        terraform
            .run(&["plan", "-no-color", "-out=planned"])
            .succeeded();
        aws.accept(&customer);
        terraform
            .run(&["apply", "-no-color", "planned"])
            .succeeded();
        terraform.refresh();
        terraform
            .expect(INVITATION, &[("state", json!("ACCEPTED"))])
            .expect_empty_plan();
    }
}

#[test]
fn a_member_that_the_list_missed_is_no_failure() {
    let aws = Sandbox::new();
    let customer = aws
        .simulator
        .create_member(&aws.organization, "Example Corp");
    aws.simulator.remove(&aws.organization, &customer).unwrap();
    let terraform = aws.terraform();
    terraform.write(&config(&customer.id, ""));
    // While the provider has its list and is about to invite, the account joins by another hand.
    let slow = Fault::new(Effect::Delay { milliseconds: 1500 }).on("InviteAccountToOrganization");
    aws.simulator.fault(slow);
    std::thread::scope(|scope| {
        let applied = scope.spawn(|| terraform.try_apply());
        while aws.count("ListAccounts") == 0 {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let by_hand = aws.simulator.invite(&aws.organization, &customer).unwrap();
        aws.simulator.accept(&customer, by_hand.as_str()).unwrap();
        applied.join().unwrap().succeeded();
    });
    terraform
        .expect(INVITATION, &[("state", json!("ACCEPTED"))])
        .expect_empty_plan();
}

#[test]
fn an_acceptance_during_destroy_is_no_failure() {
    for (on_destroy, stays) in [("cancel", true), ("remove_account", false)] {
        let aws = Sandbox::new();
        let customer = aws.customer("Example Corp");
        let terraform = aws.terraform();
        terraform.apply(&config(
            &customer.id,
            &format!("on_destroy = \"{on_destroy}\""),
        ));
        aws.simulator.clear_calls();
        let slow = Fault::new(Effect::Delay { milliseconds: 1500 }).on("CancelHandshake");
        aws.simulator.fault(slow);
        std::thread::scope(|scope| {
            let destroyed = scope.spawn(|| terraform.destroy());
            // The refresh lists once, the destroy itself once more.
            while aws.count("ListHandshakesForOrganization") < 2 {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            aws.accept(&customer);
            destroyed.join().unwrap().succeeded();
        });
        assert_eq!(aws.is_member(&customer), stays, "on_destroy = {on_destroy}");
    }
}
