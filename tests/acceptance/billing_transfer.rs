//! `awsbilling_billing_transfer_invitation`, `awsbilling_billing_transfer_accept` and the data source
//! `awsbilling_billing_transfers`: a bill changes hands, and nobody's organization does.

use aws_simulator::world::BillingObstacle;
use aws_simulator::{Account, Effect, Fault, Organization};
use serde_json::{Value, json};

use crate::harness::{Sandbox, Terraform};

const INVITATION: &str = "awsbilling_billing_transfer_invitation.example";
const ACCEPTANCE: &str = "awsbilling_billing_transfer_accept.example";

/// A partner that may take bills over, and a customer with an organization of its own.
struct Deal {
    aws: Sandbox,
    customer: Account,
    own: Organization,
}

impl Deal {
    fn new() -> Self {
        let aws = Sandbox::new();
        aws.simulator.world(|world| {
            let organization = world.organization_mut(aws.organization.id.as_str());
            organization.unwrap().inbound_transfer_quota = 5;
        });
        let customer = aws.customer("Example Corp");
        let own = aws.simulator.create_organization(&customer);
        Self { aws, customer, own }
    }

    fn invitation(&self, month: &str, more: &str) -> String {
        format!(
            r#"
resource "awsbilling_billing_transfer_invitation" "example" {{
  account_id  = "{}"
  name        = "example-corp"
  start_month = "{month}"
  {more}
}}
"#,
            self.customer.id
        )
    }

    fn acceptance(&self, more: &str) -> String {
        format!(
            r#"
resource "awsbilling_billing_transfer_accept" "example" {{
  organization_id = "{}"
  {more}
}}
"#,
            self.aws.organization.id
        )
    }

    /// The partner's Terraform with an invitation applied.
    fn invited(&self, month: &str) -> Terraform {
        let terraform = self.aws.terraform();
        terraform.apply(&self.invitation(month, ""));
        terraform
    }

    /// Terraform of the customer.
    fn terraform(&self) -> Terraform {
        self.aws.terraform_as(&self.customer)
    }

    /// Accepts, as the owner would in the console.
    fn accept(&self, partner: &Terraform) {
        let id = partner.state(INVITATION)["handshake_id"].clone();
        let simulator = &self.aws.simulator;
        simulator
            .accept(&self.customer, id.as_str().unwrap())
            .unwrap();
    }

    /// Status of the newest transfer, and the month with which it begins.
    fn transfer(&self) -> (String, String) {
        self.aws.simulator.world(|world| {
            let transfer = world.transfers().max_by_key(|transfer| transfer.start);
            let transfer = transfer.unwrap();
            (
                transfer.status.as_str().to_owned(),
                transfer.start.date().to_string()[..7].to_owned(),
            )
        })
    }

    fn transfers(&self) -> Value {
        let terraform = self.aws.terraform();
        terraform.apply(
            "data \"awsbilling_billing_transfers\" \"all\" {}\n\noutput \"found\" {\n  value = \
             data.awsbilling_billing_transfers.all\n}\n",
        );
        terraform.output("found")
    }
}

#[test]
fn invites_and_the_bill_is_paid_from_the_first_of_the_month() {
    let deal = Deal::new();
    let partner = deal.aws.terraform();
    partner.apply(&deal.invitation("2027-01", "tags = { customer = \"example\" }"));
    partner.expect(
        INVITATION,
        &[
            ("status", json!("REQUESTED")),
            ("starts_at", json!("2027-01-01T00:00:00Z")),
            ("ends_at", json!(null)),
            ("organization_id", json!(deal.aws.organization.id.as_str())),
        ],
    );
    partner.expect_empty_plan();
    partner.expect_import(INVITATION, deal.customer.id.as_str());

    let customer = deal.terraform();
    customer.write(&deal.acceptance("start_month = \"2027-01\""));
    customer
        .plan()
        .says("Warning: Bill will be transferred")
        .says("cost and usage reports and data exports of this organization turn unhealthy")
        .says("cost allocation tags, reserved instances and savings plans stay")
        .does_not_say("Destroy will");
    customer.try_apply().succeeded();
    customer.expect(
        ACCEPTANCE,
        &[
            ("status", json!("ACCEPTED")),
            ("account_id", json!(deal.customer.id.as_str())),
            ("management_account_id", json!(deal.aws.partner.id.as_str())),
        ],
    );
    customer.expect_empty_plan();
    let id = customer.state(ACCEPTANCE)["transfer_id"].clone();
    customer.expect_import(ACCEPTANCE, id.as_str().unwrap());
    partner.expect_empty_plan();

    assert_eq!(deal.transfers()["inbound"][0]["is_active"], json!(false));
    deal.aws.simulator.pass_days(43);
    let listed = deal.transfers();
    assert_eq!(listed["inbound"][0]["is_active"], json!(true));
    assert_eq!(
        listed["inbound"][0]["source_account_id"],
        json!(deal.customer.id.as_str())
    );
    assert_eq!(listed["outbound"], json!([]));

    partner.destroy().succeeded();
    customer.destroy().succeeded();
    assert_eq!(deal.transfer().0, "ACCEPTED", "destroy ends no transfer");
    assert_eq!(
        deal.aws.simulator.organization_of(&deal.customer),
        Some(deal.own.id.clone()),
        "the customer keeps its organization"
    );
}

#[test]
fn destroy_cancels_what_is_pending_and_ends_what_stands_only_where_written_out() {
    let deal = Deal::new();
    deal.invited("2027-01").destroy().succeeded();
    assert_eq!(deal.transfer().0, "CANCELED");

    let partner = deal.aws.terraform();
    partner.write(&deal.invitation("2026-12", ""));
    partner.plan().does_not_say("Destroy will");
    partner.write(&deal.invitation("2026-12", "on_destroy = \"terminate\""));
    partner
        .plan()
        .says("Warning: Destroy will end the transfer");
    partner.try_apply().succeeded();
    deal.accept(&partner);
    deal.aws.simulator.pass_days(20);
    partner.destroy().succeeded();
    let end = deal.aws.simulator.world(|world| {
        let mut transfers = world.transfers();
        transfers.find_map(|transfer| transfer.end).unwrap()
    });
    assert_eq!(end.date().to_string(), "2026-12-31");
}

#[test]
fn a_transfer_that_has_not_begun_is_ended_and_never_begins() {
    for by_customer in [true, false] {
        let deal = Deal::new();
        let ending = "on_destroy = \"terminate\"";
        let partner = deal.aws.terraform();
        partner.apply(&deal.invitation("2027-01", ending));
        let customer = deal.terraform();
        customer.apply(&deal.acceptance(ending));
        partner.refresh();
        let (one, other) = if by_customer {
            (&customer, &partner)
        } else {
            (&partner, &customer)
        };
        one.run(&["plan", "-destroy", "-no-color"])
            .says("Warning: Billing transfer will be ended");
        one.destroy().succeeded();
        assert_eq!(deal.transfer().0, "WITHDRAWN");
        let never = deal.aws.simulator.world(|world| {
            let transfer = world.transfers().next().unwrap();
            transfer.end.unwrap() < transfer.start
        });
        assert!(never, "it ends with the month before it would begin");

        // The other side sees it, and has nothing left to end.
        other.plan();
        other.destroy().succeeded();
        assert_eq!(deal.aws.count("TerminateResponsibilityTransfer"), 1);
        deal.aws.simulator.pass_days(60);
        let listed = deal.transfers();
        assert_eq!(listed["inbound"][0]["is_active"], json!(false));
        assert_eq!(listed["inbound"][0]["status"], json!("WITHDRAWN"));

        // It can begin again with a new invitation.
        partner.apply(&deal.invitation("2027-03", ending));
        customer.apply(&deal.acceptance(ending));
        assert_eq!(
            deal.transfer(),
            ("ACCEPTED".to_owned(), "2027-03".to_owned())
        );
    }
}

#[test]
fn a_change_while_open_sends_again_and_after_that_is_refused() {
    let deal = Deal::new();
    let partner = deal.invited("2026-12");
    partner.write(&deal.invitation("2027-01", "notes = \"Welcome\""));
    partner
        .plan()
        .says("Warning: Invitation will be sent again");
    partner.try_apply().succeeded();
    assert_eq!(
        deal.transfer(),
        ("REQUESTED".to_owned(), "2027-01".to_owned())
    );
    assert_eq!(deal.aws.count("CancelHandshake"), 1);
    partner.expect_empty_plan();

    deal.accept(&partner);
    partner.write(&deal.invitation("2026-12", ""));
    partner
        .plan()
        .failed()
        .says("Error: Beginning of the transfer is settled");

    let renamed = deal
        .invitation("2027-01", "notes = \"Welcome\"")
        .replace("example-corp", "example-renamed");
    partner.apply(&renamed);
    partner.expect(INVITATION, &[("name", json!("example-renamed"))]);
    partner.expect_empty_plan();
}

#[test]
fn ends_with_a_month_from_either_side() {
    for by_customer in [false, true] {
        let deal = Deal::new();
        let partner = deal.invited("2026-12");
        let customer = deal.terraform();
        customer.apply(&deal.acceptance(""));
        deal.aws.simulator.pass_days(20);
        let (ending, config): (_, &dyn Fn(&str) -> String) = if by_customer {
            (&customer, &|end| deal.acceptance(end))
        } else {
            (&partner, &|end| deal.invitation("2026-12", end))
        };
        ending.write(&config("end_month = \"2027-03\""));
        ending
            .plan()
            .failed()
            .says("AWS takes the current month, 2026-12, or the next, 2027-01.");
        ending.write(&config("end_month = \"2027-01\""));
        ending
            .plan()
            .says("Warning: Billing transfer will be ended");
        ending.try_apply().succeeded();
        assert_eq!(deal.transfer().0, "WITHDRAWN");
        ending.expect_empty_plan();
        deal.aws.simulator.pass_days(60);
        ending.expect_empty_plan();
        ending.write(&config(""));
        ending
            .plan()
            .failed()
            .says("Error: End of the transfer is settled");
    }
}

#[test]
fn months_are_checked_at_plan_time() {
    let deal = Deal::new();
    let partner = deal.aws.terraform();
    for (month, why) in [
        ("2026-11", "it has begun already"),
        (
            "2027-02",
            "AWS takes the month after the next at the latest",
        ),
        (
            "2027-13",
            "A month is written like \"2027-01\", got \"2027-13\".",
        ),
    ] {
        partner.write(&deal.invitation(month, ""));
        partner.plan().failed().says(why);
    }
    deal.aws.simulator.pass_days(10);
    partner.write(&deal.invitation("2026-12", ""));
    partner
        .plan()
        .failed()
        .says("it begins within 24 hours")
        .says("Now possible: 2027-01.");
    partner.write(&deal.invitation("2027-01", "end_month = \"2027-01\""));
    partner
        .plan()
        .failed()
        .says("Error: No transfer to end yet");
    assert_eq!(
        deal.aws.count("InviteOrganizationToTransferResponsibility"),
        0
    );
}

#[test]
fn a_declined_or_expired_invitation_is_noticed() {
    let deal = Deal::new();
    let partner = deal.invited("2027-01");
    let id = partner.state(INVITATION)["handshake_id"].clone();
    deal.aws
        .simulator
        .decline(&deal.customer, id.as_str().unwrap())
        .unwrap();
    let plan = partner.plan();
    assert_eq!(plan.code, Some(2), "{}", plan.text);
    plan.says("Warning: Billing transfer declined");
    partner.try_apply().succeeded();

    deal.aws.simulator.pass_days(45);
    partner
        .plan()
        .says("Warning: Billing transfer invitation expired");
}

#[test]
fn adopts_what_is_open_and_survives_a_lost_response() {
    let deal = Deal::new();
    deal.aws.simulator.fault(
        Fault::new(Effect::LoseResponse)
            .on("InviteOrganizationToTransferResponsibility")
            .times(1),
    );
    let partner = deal.invited("2027-01");
    partner.run(&["state", "rm", INVITATION]).succeeded();
    partner.try_apply().succeeded();
    let open = deal.aws.simulator.world(|world| world.transfers().count());
    assert_eq!(open, 1, "none was sent twice");
    partner.run(&["state", "rm", INVITATION]).succeeded();
    partner.write(&deal.invitation("2026-12", ""));
    partner
        .try_apply()
        .failed()
        .says("Error: Billing transfer exists already")
        .says("Write start_month = \"2027-01\" to adopt it");
}

#[test]
fn accepts_only_the_expected_payer_and_month() {
    let deal = Deal::new();
    deal.invited("2027-01");
    let customer = deal.terraform();
    let quick = "timeouts = { create = \"1s\" }";
    customer.write(&format!(
        "resource \"awsbilling_billing_transfer_accept\" \"example\" {{\n  organization_id = \
         \"o-anotherpartner\"\n  {quick}\n}}\n"
    ));
    customer
        .try_apply()
        .failed()
        .says("Error: No invitation from the expected payer")
        .says(&format!(
            "from organization {} (management account {})",
            deal.aws.organization.id, deal.aws.partner.id
        ));
    customer.write(&deal.acceptance("start_month = \"2026-12\""));
    customer
        .try_apply()
        .failed()
        .says("Error: Invitation is for another month")
        .says("Write start_month = \"2027-01\"");
    assert_eq!(deal.aws.count("AcceptHandshake"), 0);
    assert_eq!(deal.transfer().0, "REQUESTED");
    assert!(customer.addresses().is_empty());
}

#[test]
fn an_accepted_transfer_is_adopted_and_its_end_is_noticed() {
    let deal = Deal::new();
    let partner = deal.invited("2026-12");
    deal.accept(&partner);
    let customer = deal.terraform();
    customer.apply(&deal.acceptance(""));
    assert_eq!(deal.aws.count("AcceptHandshake"), 0);
    customer.expect_empty_plan();

    let payer = deal.aws.partner.id.clone();
    deal.aws.simulator.pass_days(20);
    deal.aws.simulator.world(|world| {
        let id = world.transfers().next().unwrap().id.to_string();
        world.terminate_transfer(&payer, &id, None).unwrap();
    });
    deal.aws.simulator.pass_days(30);
    let plan = customer.plan();
    assert_eq!(plan.code, Some(2));
    plan.says("Warning: Billing transfer ended");
}

#[test]
fn only_management_accounts_take_part() {
    let deal = Deal::new();
    let standalone = deal.aws.customer("Standalone");
    let terraform = deal.aws.terraform_as(&standalone);
    terraform.write(&deal.acceptance(""));
    terraform
        .plan()
        .failed()
        .says("Error: Account has no bill to transfer");
    terraform.write(&deal.invitation("2027-01", ""));
    terraform
        .plan()
        .failed()
        .says("Error: Account has no organization");
    terraform.write("data \"awsbilling_billing_transfers\" \"all\" {}\n");
    terraform
        .plan()
        .failed()
        .says("Error: Account has no organization");

    let member = deal.aws.simulator.create_member(&deal.own, "Member");
    let terraform = deal.aws.terraform_as(&member);
    terraform.write(&deal.invitation("2027-01", ""));
    terraform
        .plan()
        .failed()
        .says("Error: Account cannot take bills over");
    terraform.write("resource \"awsbilling_billing_transfer_accept\" \"example\" {}\n");
    terraform
        .plan()
        .failed()
        .says("One of `organization_id` or `management_account_id` must be set.");
}

#[test]
fn what_only_aws_knows_is_explained_at_apply() {
    // The quota is zero until it is raised.
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let own = aws.simulator.create_organization(&customer);
    let deal = Deal { aws, customer, own };
    let partner = deal.aws.terraform();
    partner.write(&deal.invitation("2027-01", ""));
    partner
        .try_apply()
        .failed()
        .says("RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION")
        .says("Raise the quota of inbound billing transfers");

    for (obstacle, reason, remedy) in [
        (
            BillingObstacle::PastDueInvoice,
            "PAST_DUE_INVOICE",
            "Pay the invoice",
        ),
        (
            BillingObstacle::LegacyPermissionsStillInUse,
            "LEGACY_PERMISSIONS_STILL_IN_USE",
            "policy migrator",
        ),
        (
            BillingObstacle::UnusedPrepaymentBalance,
            "UNUSED_PREPAYMENT_BALANCE",
            "Use up the balance",
        ),
        (
            BillingObstacle::UnsupportedPricing,
            "UNSUPPORTED_PRICING",
            "AWS account team",
        ),
        (
            BillingObstacle::UnmetBillingPrerequisite,
            "UNMET_BILLING_PREREQUISITE",
            "which prerequisite",
        ),
    ] {
        let deal = Deal::new();
        deal.invited("2027-01");
        deal.aws.simulator.world(|world| {
            let account = world.account_mut(deal.customer.id.as_str());
            account.unwrap().billing_obstacles.insert(obstacle);
        });
        let customer = deal.terraform();
        customer.write(&deal.acceptance(""));
        customer.try_apply().failed().says(reason).says(remedy);
        assert!(customer.addresses().is_empty());
    }
}

#[test]
fn an_invitation_about_to_expire_is_said_in_the_plan() {
    let deal = Deal::new();
    let terraform = deal.invited("2026-12");
    deal.aws.simulator.pass_days(7);
    terraform.plan().does_not_say("Invitation expires soon");
    deal.aws.simulator.pass_days(1);
    terraform
        .plan()
        .says("Warning: Invitation expires soon")
        .says("can be accepted until 2026-11-30");
    let handshake = deal.aws.simulator.handshakes();
    let handshake = handshake.first().unwrap().id.to_string();
    deal.aws
        .simulator
        .accept(&deal.customer, &handshake)
        .unwrap();
    terraform.plan().does_not_say("Invitation expires soon");
}

#[test]
fn imports_what_is_open_or_stands() {
    let deal = Deal::new();
    let terraform = deal.aws.terraform();
    terraform.write(&deal.invitation("2027-01", ""));
    terraform
        .import(INVITATION, deal.customer.id.as_str())
        .failed()
        .says("Cannot import non-existent billing transfer");
    terraform.import(INVITATION, "12").failed().says(
        "Expected import identifier with format: account_id, email or transfer_id, optionally followed by",
    );
    let customer = deal.terraform();
    customer.write(&deal.acceptance(""));
    customer
        .import(ACCEPTANCE, "rt-exampletransfer")
        .failed()
        .says("Cannot import non-existent billing transfer");
    customer
        .import(ACCEPTANCE, "12")
        .failed()
        .says("Expected import identifier with format: transfer_id, optionally followed by");
}

#[test]
fn functions_tell_the_beginning_and_the_payer() {
    let aws = Sandbox::new();
    let terraform = aws.terraform();
    terraform.apply(
        "output \"start\" {\n  value = provider::awsbilling::billing_transfer_start(\"2027-01\")\n}\noutput \
         \"parts\" {\n  value = provider::awsbilling::organization_arn_parse(\"arn:aws:organizations::\
         999988887777:organization/o-exampleorgid\")\n}\n",
    );
    assert_eq!(terraform.output("start"), json!("2027-01-01T00:00:00Z"));
    assert_eq!(
        terraform.output("parts"),
        json!({
            "partition": "aws",
            "management_account_id": "999988887777",
            "organization_id": "o-exampleorgid"
        })
    );
    for (call, complaint) in [
        (
            "billing_transfer_start(\"2027\")",
            "A month is written like",
        ),
        (
            "organization_arn_parse(\"o-1\")",
            "The ARN of an organization is like",
        ),
    ] {
        terraform.write(&format!(
            "output \"x\" {{\n  value = provider::awsbilling::{call}\n}}\n"
        ));
        terraform.plan().failed().says(complaint);
    }
}
