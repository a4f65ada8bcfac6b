//! `awsbilling_org_handshake_accept`: joining, in all cases of the guides.

use aws_simulator::world::BucketSpec;
use aws_simulator::{Account, Effect, Fault};
use serde_json::json;

use crate::harness::{Sandbox, Terraform};

const ACCEPTANCE: &str = "awsbilling_org_handshake_accept.example";

/// What every plan says that takes an account out of an organization.
const LOSES: &str = "service control policies and other policies, resource shares, StackSets, IAM Identity \
    Center access, shared reserved instances and savings plans, and activated cost allocation tags. The old \
    payer keeps the billing history. An account that is a delegated administrator must be deregistered before";

fn config(aws: &Sandbox, more: &str) -> String {
    format!(
        r#"
resource "awsbilling_org_handshake_accept" "example" {{
  organization_id = "{}"
  {more}
}}
"#,
        aws.organization.id
    )
}

/// An invited standalone account and its Terraform.
fn invited(aws: &Sandbox) -> (Account, Terraform) {
    let customer = aws.customer("Example Corp");
    aws.simulator.invite(&aws.organization, &customer).unwrap();
    let terraform = aws.terraform_as(&customer);
    (customer, terraform)
}

#[test]
fn basic() {
    let aws = Sandbox::new();
    let (customer, terraform) = invited(&aws);
    terraform.write(&config(&aws, ""));
    terraform
        .plan()
        .says(&format!("+ account_id = \"{}\"", customer.id))
        .does_not_say("Account changes its organization")
        .does_not_say("Destroy will leave the organization");
    terraform.try_apply().succeeded();
    assert!(aws.is_member(&customer));
    terraform.expect(
        ACCEPTANCE,
        &[
            ("account_id", json!(customer.id.as_str())),
            ("organization_id", json!(aws.organization.id.as_str())),
            ("management_account_id", json!(aws.partner.id.as_str())),
            ("handshake_id", json!(aws.handshake_of(&customer))),
            ("feature_set", json!("ALL")),
            ("previous_organization_id", json!(null)),
        ],
    );
    terraform.expect_empty_plan();

    terraform.destroy().succeeded();
    assert!(
        aws.is_member(&customer),
        "destroy must not leave by default"
    );
}

#[test]
fn outlives_its_handshake_and_imports_by_account() {
    let aws = Sandbox::new();
    let (customer, terraform) = invited(&aws);
    terraform.apply(&config(&aws, ""));
    aws.simulator.pass_days(31);
    terraform.expect_empty_plan();
    terraform.expect_import(ACCEPTANCE, customer.id.as_str());

    terraform.run(&["state", "rm", ACCEPTANCE]).succeeded();
    terraform
        .import(ACCEPTANCE, aws.partner.id.as_str())
        .failed()
        .says("Error: Credentials of another account");
    terraform
        .import(ACCEPTANCE, "h-examplehandshake")
        .failed()
        .says(
            "Expected import identifier with format: account_id, optionally followed by ,role_arn and ,external_id",
        );
}

#[test]
fn accepts_nobody_elses_invitation() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let stranger = aws.customer("Stranger");
    let strangers = aws.simulator.create_organization(&stranger);
    aws.simulator.invite(&strangers, &customer).unwrap();
    let terraform = aws.terraform_as(&customer);
    terraform.write(&config(&aws, r#"timeouts = { create = "1s" }"#));
    terraform
        .try_apply()
        .failed()
        .says("Error: No invitation from the expected sender")
        .says(&format!(
            "from organization {} (management account {})",
            strangers.id, stranger.id
        ));
    assert_eq!(aws.simulator.organization_of(&customer), None);
    assert_eq!(aws.count("AcceptHandshake"), 0);
    assert!(terraform.addresses().is_empty());
}

#[test]
fn the_sender_may_be_named_by_its_account_or_by_the_handshake() {
    for by_account in [true, false] {
        let aws = Sandbox::new();
        let (customer, terraform) = invited(&aws);
        let sender = if by_account {
            format!("management_account_id = \"{}\"", aws.partner.id)
        } else {
            format!("handshake_id = \"{}\"", aws.handshake_of(&customer))
        };
        terraform.apply(&format!(
            "resource \"awsbilling_org_handshake_accept\" \"example\" {{\n  {sender}\n}}\n"
        ));
        assert!(aws.is_member(&customer));
        terraform.expect_empty_plan();
    }
}

#[test]
fn waits_for_an_invitation_that_is_still_to_come() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let terraform = aws.terraform_as(&customer);
    terraform.write(&config(&aws, ""));
    std::thread::scope(|scope| {
        let applied = scope.spawn(|| terraform.try_apply());
        while aws.count("ListHandshakesForAccount") == 0 {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        aws.simulator.invite(&aws.organization, &customer).unwrap();
        applied.join().unwrap().succeeded();
    });
    assert!(aws.is_member(&customer));
}

#[test]
fn a_member_of_another_organization_moves_in_one_step() {
    let aws = Sandbox::new();
    let former = aws.customer("Former Payer");
    let formers = aws.simulator.create_organization(&former);
    let customer = aws.simulator.create_member(&formers, "Example Corp");
    aws.simulator.invite(&aws.organization, &customer).unwrap();
    let terraform = aws.terraform_as(&customer);
    terraform.write(&config(&aws, ""));
    terraform
        .plan()
        .says("Warning: Account changes its organization")
        .says("it moves in one step")
        .says(LOSES)
        .does_not_say("Account need not leave first")
        .does_not_say("No report has the account's history");
    terraform.try_apply().succeeded();
    assert!(aws.is_member(&customer));
    assert_eq!(aws.count("LeaveOrganization"), 0);
    terraform
        .expect(
            ACCEPTANCE,
            &[("previous_organization_id", json!(formers.id.as_str()))],
        )
        .expect_empty_plan();
}

#[test]
fn the_old_way_leaves_only_after_the_invitation_was_seen() {
    let aws = Sandbox::new();
    let former = aws.customer("Former Payer");
    let formers = aws.simulator.create_organization(&former);
    let customer = aws.simulator.create_member(&formers, "Example Corp");
    let terraform = aws.terraform_as(&customer);
    let leaving = "leave_current_organization = true\n  timeouts = { create = \"1s\" }";
    terraform.write(&config(&aws, leaving));
    terraform
        .plan()
        .says("Warning: Account changes its organization")
        .says("Warning: Account need not leave first");
    terraform
        .try_apply()
        .failed()
        .says("Error: No invitation from the expected sender");
    assert_eq!(
        aws.simulator.organization_of(&customer),
        Some(formers.id.clone())
    );

    aws.simulator.invite(&aws.organization, &customer).unwrap();
    aws.simulator.clear_calls();
    terraform.try_apply().succeeded();
    let order: Vec<_> = aws
        .operations()
        .into_iter()
        .filter(|name| {
            [
                "ListHandshakesForAccount",
                "LeaveOrganization",
                "AcceptHandshake",
            ]
            .contains(&name.as_str())
        })
        .collect();
    assert_eq!(
        order,
        [
            "ListHandshakesForAccount",
            "LeaveOrganization",
            "AcceptHandshake"
        ]
    );
    assert!(aws.is_member(&customer));
    terraform.expect_empty_plan();
}

#[test]
fn an_account_that_cannot_leave_stays_where_it_is() {
    let aws = Sandbox::new();
    let former = aws.customer("Former Payer");
    let formers = aws.simulator.create_organization(&former);
    let customer = aws
        .simulator
        .create_member(&formers, Sandbox::penniless("Example Corp"));
    aws.simulator.invite(&aws.organization, &customer).unwrap();
    let terraform = aws.terraform_as(&customer);
    terraform.write(&config(&aws, "leave_current_organization = true"));
    terraform
        .try_apply()
        .failed()
        .says("MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED");
    assert_eq!(aws.simulator.organization_of(&customer), Some(formers.id));
    assert_eq!(aws.count("AcceptHandshake"), 0);
}

#[test]
fn a_stranded_account_is_explained_and_the_next_apply_goes_on() {
    let aws = Sandbox::new();
    let former = aws.customer("Former Payer");
    let formers = aws.simulator.create_organization(&former);
    let customer = aws.simulator.create_member(&formers, "Example Corp");
    aws.simulator.invite(&aws.organization, &customer).unwrap();
    let full = aws.simulator.fault(
        Fault::new(Effect::Error {
            code: "HandshakeConstraintViolationException".to_owned(),
            reason: Some("ACCOUNT_NUMBER_LIMIT_EXCEEDED".to_owned()),
            message: String::new(),
            status: None,
        })
        .on("AcceptHandshake"),
    );
    let terraform = aws.terraform_as(&customer);
    terraform.write(&config(&aws, "leave_current_organization = true"));
    terraform
        .try_apply()
        .failed()
        .says(&format!(
            "Account {} has left organization {} and now stands alone",
            customer.id, formers.id
        ))
        .says("ACCOUNT_NUMBER_LIMIT_EXCEEDED");
    aws.simulator.clear_fault(full);
    terraform.try_apply().succeeded();
    assert!(aws.is_member(&customer));
    terraform.expect_empty_plan();
}

#[test]
fn a_management_account_is_told_the_way_out() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    let own = aws.simulator.create_organization(&customer);
    aws.simulator.invite(&aws.organization, &customer).unwrap();
    let terraform = aws.terraform_as(&customer);
    terraform.write(&config(&aws, ""));
    terraform
        .plan()
        .says("Warning: Account manages an organization");
    terraform
        .try_apply()
        .failed()
        .says("Error: Account manages an organization")
        .says(&format!("delete organization {}, and then accept", own.id));
    assert_eq!(aws.count("AcceptHandshake"), 0);
}

#[test]
fn an_account_that_left_is_noticed() {
    let aws = Sandbox::new();
    let (customer, terraform) = invited(&aws);
    terraform.apply(&config(&aws, ""));
    aws.simulator.leave(&customer).unwrap();
    let plan = terraform.plan();
    assert_eq!(plan.code, Some(2));
    plan.says("Warning: Account left the organization");
}

#[test]
fn leaves_only_where_written_out() {
    let aws = Sandbox::new();
    let (customer, terraform) = invited(&aws);
    terraform.write(&config(&aws, r#"on_destroy = "leave""#));
    terraform
        .plan()
        .says("Warning: Destroy will leave the organization");
    terraform.try_apply().succeeded();

    // Another sender is no order to leave first.
    let other = aws.customer("Other Partner");
    let others = aws.simulator.create_organization(&other);
    terraform.write(&format!(
        "resource \"awsbilling_org_handshake_accept\" \"example\" {{\n  organization_id = \"{}\"\n  \
         on_destroy = \"leave\"\n}}\n",
        others.id
    ));
    terraform
        .plan()
        .says("Error: Change would leave the organization");

    terraform.write(&config(&aws, r#"on_destroy = "leave""#));
    terraform
        .run(&["plan", "-destroy", "-no-color"])
        .says("Warning: Account will leave its organization")
        .says(LOSES);
    terraform.destroy().succeeded();
    assert_eq!(aws.simulator.organization_of(&customer), None);
}

/// A bucket of the account that takes reports.
fn with_bucket(aws: &Sandbox, customer: &Account) {
    let bucket = BucketSpec::new(customer, "example-reports").taking_reports();
    aws.simulator
        .world(|world| world.arrange_bucket(&bucket))
        .unwrap();
}

const NO_REPORT: &str = "Warning: No report has the account's history";

#[test]
fn an_account_without_a_report_is_warned_while_there_is_time() {
    let aws = Sandbox::new();
    let (customer, terraform) = invited(&aws);
    terraform.write(&config(&aws, ""));
    terraform.plan().says(NO_REPORT);
    assert_eq!(aws.count("DescribeReportDefinitions"), 1);

    // One may say that nobody needs it; then nobody is asked.
    aws.simulator.clear_calls();
    terraform.write(&config(&aws, "warn_without_report = false"));
    terraform.plan().does_not_say(NO_REPORT);
    assert_eq!(aws.count("DescribeReportDefinitions"), 0);

    // A report that the same plan makes before will have some of it.
    with_bucket(&aws, &customer);
    let definition = r#"
resource "awsbilling_cur_report_definition" "example" {
  report_name = "hourly"
  time_unit   = "HOURLY"
  format      = "textORcsv"
  compression = "GZIP"
  s3_bucket   = "example-reports"
  s3_prefix   = "cur"
  s3_region   = "us-east-1"
}
"#;
    let after = "depends_on = [awsbilling_cur_report_definition.example]";
    terraform.write(&format!("{definition}{}", config(&aws, after)));
    terraform.plan().does_not_say(NO_REPORT);

    // Once the account has joined there is nothing left to warn of.
    terraform.apply(&config(&aws, ""));
    terraform.plan().does_not_say(NO_REPORT);
    terraform
        .run(&["state", "rm", "-no-color", ACCEPTANCE])
        .succeeded();
    terraform.plan().does_not_say(NO_REPORT);
}

#[test]
fn an_account_with_a_report_is_not_warned() {
    let aws = Sandbox::new();
    let (customer, terraform) = invited(&aws);
    with_bucket(&aws, &customer);
    aws.simulator.world(|world| {
        let report = json!({
            "account": customer.id,
            "definition": { "name": "hourly", "bucket": "example-reports", "prefix": "cur" },
        });
        let report = serde_json::from_value(report).unwrap();
        world.arrange_report(&report).unwrap();
    });
    terraform.write(&config(&aws, ""));
    terraform.plan().does_not_say(NO_REPORT);
}

#[test]
fn a_management_account_without_a_report_is_warned_too() {
    let aws = Sandbox::new();
    let (customer, terraform) = invited(&aws);
    aws.simulator.create_organization(&customer);
    terraform.write(&config(&aws, ""));
    terraform.plan().says(NO_REPORT);
}

#[test]
fn who_may_not_see_reports_is_not_told_of_them() {
    let aws = Sandbox::new();
    let (customer, terraform) = invited(&aws);
    aws.simulator.fault(
        Fault::new(Effect::Error {
            code: "AccessDeniedException".to_owned(),
            reason: None,
            message: String::new(),
            status: None,
        })
        .on("DescribeReportDefinitions"),
    );
    terraform.write(&config(&aws, ""));
    terraform.plan().does_not_say(NO_REPORT);
    terraform.try_apply().succeeded();
    assert!(aws.is_member(&customer));
}

#[test]
fn a_look_at_reports_that_takes_too_long_is_given_up() {
    let aws = Sandbox::new();
    let (_, terraform) = invited(&aws);
    let milliseconds = 60_000;
    aws.simulator
        .fault(Fault::new(Effect::Delay { milliseconds }).on("DescribeReportDefinitions"));
    terraform.write(&config(&aws, ""));
    let plan = terraform.plan();
    assert_eq!(plan.code, Some(2), "{}", plan.text);
    plan.does_not_say(NO_REPORT);
}

#[test]
fn survives_a_lost_response() {
    let aws = Sandbox::new();
    let (customer, terraform) = invited(&aws);
    aws.simulator.fault(
        Fault::new(Effect::LoseResponse)
            .on("AcceptHandshake")
            .times(1),
    );
    terraform.apply(&config(&aws, ""));
    assert!(aws.is_member(&customer));
    terraform.expect_empty_plan();
}

#[test]
fn waits_until_the_membership_shows() {
    let aws = Sandbox::new();
    let (customer, terraform) = invited(&aws);
    aws.simulator
        .fault(Fault::new(Effect::LagReads { reads: 2 }).on("DescribeOrganization"));
    terraform.apply(&config(&aws, ""));
    assert!(aws.is_member(&customer));
    terraform.expect(
        ACCEPTANCE,
        &[("organization_id", json!(aws.organization.id.as_str()))],
    );
}

#[test]
fn one_provider_block_serves_many_accounts() {
    let aws = Sandbox::new();
    let former = aws.customer("Former Payer");
    let formers = aws.simulator.create_organization(&former);
    let members: Vec<_> = (0..5)
        .map(|n| {
            aws.simulator
                .create_member(&formers, format!("Member {n}").as_str())
        })
        .collect();
    for member in &members {
        aws.role(member, "OrganizationAccountAccessRole", &former);
        aws.simulator.invite(&aws.organization, member).unwrap();
    }
    let terraform = aws.terraform_as(&former);
    let config = format!(
        r#"
data "awsbilling_org_members" "mine" {{}}

locals {{
  accounts = {{
    for a in data.awsbilling_org_members.mine.accounts : a.id => a if !a.is_management_account
  }}
}}

resource "awsbilling_org_handshake_accept" "all" {{
  for_each        = local.accounts
  organization_id = "{}"
  assume_role     = {{ role_arn = "arn:aws:iam::${{each.key}}:role/OrganizationAccountAccessRole" }}
}}
"#,
        aws.organization.id
    );
    terraform.apply(&config);
    for member in &members {
        assert!(aws.is_member(member), "{}", member.id);
    }
    assert_eq!(
        aws.count("AssumeRole"),
        2 * members.len(),
        "one session an account and process"
    );
}

#[test]
fn imports_through_a_role_with_its_external_id() {
    let aws = Sandbox::new();
    let customer = aws.customer("Example Corp");
    aws.simulator.invite(&aws.organization, &customer).unwrap();
    let role = aws.role_asking_for(&customer, "Onboarding", &aws.partner, "tenant,1");
    let terraform = aws.terraform();
    let assume_role =
        format!("assume_role = {{ role_arn = \"{role}\", external_id = \"tenant,1\" }}");
    terraform.apply(&config(&aws, &assume_role));
    assert!(aws.is_member(&customer));
    terraform.expect_import(ACCEPTANCE, &format!("{},{role},tenant,1", customer.id));
}
